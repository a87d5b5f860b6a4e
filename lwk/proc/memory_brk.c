// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heap: brk. It is the LWK's, but for what the program may have mapped over it.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/memory_internal.h"

/* What is Linux's where the heap was is given back, as munmap does. */
static vaddr_t move_over_linux(u64 addr)
{
	struct process *process = memory_begin_places();
	struct vm *vm = process->vm;
	vaddr_t old = ALIGN_UP(vm_brk(vm, 0), PAGE_LEN);
	vaddr_t end = ALIGN_UP(addr, PAGE_LEN);
	struct memory_part part;
	bool linux_part = end < old && memory_next_linux(vm, end, old, &part);
	vaddr_t brk;

	if (linux_part && memory_check_cut(process, end, old))
		brk = vm_brk(vm, 0);
	else
		brk = vm_brk(vm, addr);
	/* The ranges are gone here whatever Linux says. */
	if (linux_part && brk == addr)
		(void)!memory_restore(end, old);
	memory_finish(process);
	return brk;
}

static vaddr_t move(u64 addr)
{
	struct process *process = task_current()->process;
	vaddr_t brk;

	memory_look_at_limits(process);
	return vm_brk_own(process->vm, addr, &brk) ? move_over_linux(addr) : brk;
}

s64 memory_brk(u64 addr)
{
	vaddr_t brk = move(addr);
	int err;

	if (brk >= addr)
		return (s64)brk;
	err = memory_wait(addr - brk);
	/* The call has no errors: the answer tells. */
	if (err == -ENOMEM)
		return (s64)brk;
	return err ? err : (s64)move(addr);
}
