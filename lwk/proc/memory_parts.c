// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory calls on ranges of which parts may be Linux's: what lwk/mm says of the whole, and then
 * Linux of each of its parts.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/memory_internal.h"

#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4

#define MINCORE_BATCH 512U

/* Called for a part of Linux's. Return: an error ends the walk. */
typedef s64 (*part_fn)(const struct memory_part *part, void *ctx);

/* Call @fn for each part of [start, end) that is Linux's; the first error counts. */
static s64 each_linux_part(struct process *process, vaddr_t start, vaddr_t end, part_fn fn,
			   void *ctx)
{
	struct memory_part part;
	s64 ret = 0;

	while (!ret && start < end && memory_next_linux(process->vm, start, end, &part)) {
		ret = fn(&part, ctx);
		start = part.end;
	}
	return ret;
}

/* A call of Linux's, whose first two arguments are the part's. */
struct part_call {
	u64 nr;
	u64 args[6];
};

static s64 request_part(const struct memory_part *part, void *ctx)
{
	struct part_call *call = ctx;

	call->args[0] = part->start;
	call->args[1] = part->end - part->start;
	return offload_request(call->nr, call->args);
}

/* What Linux cannot do, and signals, are no reason to leave the next parts out. */
static s64 insist_part(const struct memory_part *part, void *ctx)
{
	struct part_call *call = ctx;

	call->args[0] = part->start;
	call->args[1] = part->end - part->start;
	(void)offload_insist(call->nr, call->args);
	return 0;
}

/* Have Linux do @nr to each part of its own. */
static s64 request_parts(struct process *process, vaddr_t addr, u64 len, u64 nr, u64 arg)
{
	struct part_call call = { .nr = nr, .args = { 0, 0, arg } };

	return each_linux_part(process, addr, memory_end(addr, len), request_part, &call);
}

static s64 populate_part(struct process *process, const struct memory_part *part, bool theirs,
			 const void *ctx)
{
	const int *advice = ctx;
	u64 len = part->end - part->start;

	if (theirs)
		return offload_request3(SYSCALL_madvise, part->start, len, (u64)*advice);
	return vm_advise(process->vm, part->start, len, *advice);
}

static s64 advise_locked(struct process *process, u64 addr, u64 len, int advice)
{
	bool populates = advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE;
	s64 ret, theirs;

	if (populates && IS_ALIGNED(addr, PAGE_LEN) && memory_end(addr, len) > addr)
		return memory_each_part(process, addr, memory_end(addr, len), populate_part,
					&advice);
	ret = vm_advise(process->vm, addr, len, advice);
	/* At a hole the others have been advised all the same. */
	if (ret && ret != -ENOMEM)
		return ret;
	theirs = request_parts(process, addr, len, SYSCALL_madvise, (u64)advice);
	return ret ? ret : theirs;
}

s64 memory_advise(u64 addr, u64 len, int advice)
{
	struct process *process;
	s64 ret;

	/* What Linux knows nothing of needs no lock that is held while Linux is asked. */
	ret = vm_advise_own(task_current()->process->vm, addr, len, advice);
	if (ret != -EXDEV)
		return ret;
	process = memory_begin();
	ret = advise_locked(process, addr, len, advice);
	memory_finish(process);
	return ret;
}

s64 memory_bind(const struct vm_bind *bind, const u64 args[6])
{
	struct part_call call = {
		.nr = SYSCALL_mbind,
		.args = { 0, 0, args[2], args[3], args[4], args[5] },
	};
	struct process *process = memory_begin();
	s64 ret = vm_bind(process->vm, bind);

	if (!ret)
		ret = each_linux_part(process, bind->start, bind->end, request_part, &call);
	memory_finish(process);
	return ret;
}

s64 memory_lock(u64 addr, u64 len, u32 flags)
{
	struct process *process = task_current()->process;
	s64 ret;

	/* As above: others work with their memory while pages are faulted in. */
	memory_look_at_limits(process);
	ret = vm_mlock_own(process->vm, addr, len, flags);
	if (ret != -EXDEV)
		return ret;
	memory_begin();
	ret = vm_mlock(process->vm, addr, len, flags);
	if (!ret)
		ret = request_parts(process, addr, len, SYSCALL_mlock2, flags);
	memory_finish(process);
	return ret;
}

s64 memory_unlock(u64 addr, u64 len)
{
	struct process *process = memory_begin();
	s64 ret = vm_munlock(process->vm, addr, len);

	if (!ret)
		ret = request_parts(process, addr, len, SYSCALL_munlock, 0);
	memory_finish(process);
	return ret;
}

/*
 * Linux locks its parts one by one: all at once would be the proxy, too. What it cannot fault in is
 * no failure, as with the LWK's.
 */
static void lock_linux_parts(struct process *process, u64 nr, u32 flags)
{
	struct part_call call = { .nr = nr, .args = { 0, 0, flags } };

	(void)each_linux_part(process, 0, WINDOW_END, insist_part, &call);
}

s64 memory_lock_all(u32 flags)
{
	struct process *process = memory_begin();
	s64 ret = vm_mlockall(process->vm, flags);

	if (!ret && (flags & MCL_CURRENT))
		lock_linux_parts(process, SYSCALL_mlock2,
				 flags & MCL_ONFAULT ? MLOCK_ONFAULT : 0);
	memory_finish(process);
	return ret;
}

s64 memory_unlock_all(void)
{
	struct process *process = memory_begin();
	s64 ret = vm_munlockall(process->vm);

	lock_linux_parts(process, SYSCALL_munlock, 0);
	memory_finish(process);
	return ret;
}

/* What the ranges from some address on, up to @addr, are like. */
struct coverage {
	vaddr_t addr;
	bool hole;
	bool locked;
};

static int extend(const struct vm_range *range, void *ctx)
{
	struct coverage *coverage = ctx;

	if (range->node.start > coverage->addr)
		coverage->hole = true;
	if (range->flags & VM_LOCKED)
		coverage->locked = true;
	coverage->addr = range->node.end;
	return 0;
}

/*
 * Without the memory lock: other threads map and unmap while the disk works. Who unmaps the part
 * meanwhile may have Linux refuse it: then what is there by now is looked at.
 */
static s64 sync_parts(struct vm *vm, vaddr_t start, vaddr_t end, u64 flags)
{
	struct memory_part part, now;
	s64 ret;

	while (start < end && memory_next_linux(vm, start, end, &part)) {
		ret = offload_request3(SYSCALL_msync, part.start, part.end - part.start, flags);
		if (!ret)
			start = part.end;
		else if (memory_next_linux(vm, start, end, &now) && now.start == part.start &&
			 now.end == part.end)
			return ret;
	}
	return 0;
}

s64 memory_sync(u64 addr, u64 len, u64 flags)
{
	struct vm *vm = task_current()->process->vm;
	vaddr_t end = memory_end(addr, len);
	struct coverage coverage = { .addr = addr };
	s64 ret;

	if ((flags & ~(u64)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || !IS_ALIGNED(addr, PAGE_LEN) ||
	    ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	if (end < addr)
		return -ENOMEM;
	if (end == addr)
		return 0;
	ret = sync_parts(vm, addr, end, flags);
	vm_for_each_in(vm, addr, end, extend, &coverage);
	if (ret)
		return ret;
	if ((flags & MS_INVALIDATE) && coverage.locked)
		return -EBUSY;
	return coverage.hole || coverage.addr < end ? -ENOMEM : 0;
}

/* The LWK knows of its own pages, and of those of Linux's that it has borrowed. */
static s64 mincore_batches(struct process *process, u64 addr, u64 len, vaddr_t vec, u8 *batch)
{
	s64 ret = 0;

	while (len && !ret) {
		u64 part = MIN(len, MINCORE_BATCH * PAGE_LEN);
		u64 npages = DIV_ROUND_UP(part, PAGE_LEN);

		ret = vm_mincore(process->vm, addr, part, batch);
		if (!ret)
			ret = copy_to_user(vec, batch, npages);
		addr += part;
		vec += npages;
		len -= part;
	}
	return ret;
}

/* Where a program wants to know what is in memory. */
struct residence {
	vaddr_t addr;
	vaddr_t vec;
};

static s64 mincore_part(const struct memory_part *part, void *ctx)
{
	const struct residence *of = ctx;

	return offload_request3(SYSCALL_mincore, part->start, part->end - part->start,
				of->vec + ((part->start - of->addr) >> PAGE_SHIFT));
}

static s64 mincore_linux(struct process *process, u64 addr, u64 len, vaddr_t vec)
{
	struct residence of = { addr, vec };

	return each_linux_part(process, addr, memory_end(addr, len), mincore_part, &of);
}

s64 memory_mincore(u64 addr, u64 len, u64 vec)
{
	struct process *process;
	u8 *batch;
	s64 ret;

	if (!IS_ALIGNED(addr, PAGE_LEN))
		return -EINVAL;
	if (addr > VM_TASK_END || len > VM_TASK_END - addr)
		return -ENOMEM;
	if (!user_range_ok(vec, DIV_ROUND_UP(len, PAGE_LEN)))
		return -EFAULT;
	batch = kmalloc(MINCORE_BATCH);
	if (!batch)
		return -EAGAIN;
	process = memory_begin();
	ret = mincore_batches(process, addr, len, vec, batch);
	if (!ret)
		ret = mincore_linux(process, addr, len, vec);
	memory_finish(process);
	kfree(batch);
	return ret;
}
