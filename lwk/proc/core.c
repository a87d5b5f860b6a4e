// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core files: see core.h.
 */
#include "lwk/include/proc/core.h"

#include "abi/core.h"
#include "lwk/include/arch_ptrace.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_dump.h"
#include "lwk/include/proc/mutex.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/work.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/memory_internal.h"
#include "lwk/proc/signal_internal.h"
#include "lwk/proc/text.h"

_Static_assert(ARCH_USER_WORDS == CORE_REGS_WORDS, "registers are copied");
_Static_assert(CORE_RANGE_READ == VM_READ && CORE_RANGE_WRITE == VM_WRITE &&
	       CORE_RANGE_EXEC == VM_EXEC && CORE_RANGE_SHARED == VM_SHARED, "flags are copied");

/* Waits until the worker thread of a CPU has run. */
struct pass {
	struct work work;
	struct thread *waiter;
	bool done;
};

static void pass_done(struct work *work)
{
	struct pass *pass = container_of(work, struct pass, work);
	struct thread *waiter = pass->waiter;

	/* Release: what the CPU did before; partner is pass_cpu(), after which @pass is gone. */
	__atomic_store_n(&pass->done, true, __ATOMIC_RELEASE);
	thread_wake(waiter);
}

static void pass_cpu(u32 cpu)
{
	struct pass pass = { .work.fn = pass_done, .waiter = thread_current() };

	work_queue(&pass.work, cpu);
	for (;;) {
		thread_prepare_wait();
		if (__atomic_load_n(&pass.done, __ATOMIC_ACQUIRE))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
}

/*
 * The threads of the process have been notified, so from user mode they come here and do not go
 * back. When a worker thread has run on each CPU, they have all given up theirs since, and saved
 * their registers, this one too.
 */
static void wait_for_registers(void)
{
	for (u32 cpu = 0; cpu < percpu_count(); cpu++)
		pass_cpu(cpu);
}

static __noreturn void die(const struct signal_info *info, bool dump)
{
	const u64 args[6] = {
		(u64)info->signo, dump, (u32)info->code | (u64)(u32)info->err << 32,
		info->fields[0], info->fields[1], info->fields[2],
	};

	perturb_point();
	(void)offload_insist(OFFLOAD_NR_DIE, args);
	task_exit();
}

/*
 * Have memory and registers stay as they are while Linux looks at them. With the memory lock
 * neither half of the address space changes. Return: false, if others have the memory, and go on
 * with it.
 */
static bool hold_still(struct process *process)
{
	if (process_is_sharing(process))
		return false;
	mutex_lock(&process->space->memory);
	/* One may have been made meanwhile; there will be no more. */
	if (process_is_sharing(process)) {
		mutex_unlock(&process->space->memory);
		return false;
	}
	wait_for_registers();
	return true;
}

void process_dump(const struct signal_info *info)
{
	struct process *process = task_current()->process;
	u32 sig = (u32)info->signo;
	bool dump;

	if (!(SIGNAL_DEFAULT_CORE & SIGNAL_MASK(sig)))
		process_die(sig);
	trace_event(TRACE_EVENT_EXIT, sig);
	/* Another thread ends the process: as on Linux the first one says how. */
	if (!process_end_others(process))
		task_exit();
	dump = hold_still(process);
	/* While the twins are there through which locks in memory of Linux's are reached. */
	robust_list_exit();
	die(info, dump);
}

static void print_thread(struct task *task, void *xstate, struct text *text)
{
	struct core_registers out = {
		.tid = task->tid,
		.xstate_len = arch_trace_xstate_len(),
		.blocked = READ_ONCE(task->blocked),
	};
	struct arch_trace saved;

	arch_trace_of_saved(&task->thread, &saved);
	arch_trace_get_regs(&task->thread, &saved, out.regs);
	arch_trace_get_xstate(&saved, xstate);
	text_put(text, &out, sizeof(out));
	text_put(text, xstate, out.xstate_len);
}

void core_print_threads(struct process *process, struct text *text)
{
	void *xstate = kmalloc(arch_trace_xstate_len());
	struct task *task;
	u64 irq;

	if (!xstate)
		return;
	irq = spin_lock_irqsave(&process->lock);
	list_for_each(task, &process->tasks, link)
		print_thread(task, xstate, text);
	spin_unlock_irqrestore(&process->lock, irq);
	kfree(xstate);
}

struct ranges {
	const struct vm *vm;
	struct text *text;
};

static int print_range(const struct vm_range *range, void *ctx)
{
	const struct ranges *ranges = ctx;
	struct core_range out = {
		.start = range->node.start,
		.end = range->node.end,
		.flags = range->flags & (VM_ACCESS | VM_SHARED),
	};

	if (range->node.start >= WINDOW_END)
		return 1;
	if (range->ops)
		out.flags |= CORE_RANGE_LINUX;
	else if (vm_range_is_touched(ranges->vm, range))
		out.flags |= CORE_RANGE_TOUCHED;
	if (range->flags & VM_DONTDUMP)
		out.flags |= CORE_RANGE_DONTDUMP;
	text_put(ranges->text, &out, sizeof(out));
	return 0;
}

void core_print_ranges(struct process *process, struct text *text)
{
	struct ranges ranges = { process->vm, text };

	(void)vm_for_each(process->vm, print_range, &ranges);
}
