// SPDX-License-Identifier: GPL-2.0-only
/*
 * How programs and their threads end. With a program its proxy ends on Linux, with the status that
 * the parent is to see, and the closing of the proxy's file ends the threads here. A thread ends
 * with its twin, which lets go of the slot first.
 */
#include "abi/errno.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"

bool process_end_others(struct process *process)
{
	struct task *task;
	u64 irq = spin_lock_irqsave(&process->lock);
	bool first = !process->exiting;

	WRITE_ONCE(process->exiting, true);
	list_for_each(task, &process->tasks, link)
		thread_notify(&task->thread);
	spin_unlock_irqrestore(&process->lock, irq);
	return first;
}

void process_die(u32 sig)
{
	if (sig != SIGKILL)
		trace_event(TRACE_EVENT_EXIT, sig);
	(void)process_end_others(task_current()->process);
	perturb_point();
	offload_send(OFFLOAD_NR_DIE, sig);
	task_exit();
}

void process_exit_group(u64 code)
{
	trace_event(TRACE_EVENT_EXIT, (code & 0xff) << 8);
	(void)process_end_others(task_current()->process);
	perturb_point();
	robust_list_exit();
	if (process_is_sharing(task_current()->process))
		task_clear_tid();
	offload_send(SYSCALL_exit_group, code);
	task_exit();
}

/* What pthread_join(3) waits for. */
void task_clear_tid(void)
{
	struct task *task = task_current();
	vaddr_t addr = task->clear_tid;
	const u32 zero = 0;

	task->clear_tid = 0;
	if (addr && !copy_to_user(addr, &zero, sizeof(zero)))
		futex_wake_shared(addr, 1);
}

void task_leave(u64 code)
{
	struct task *task = task_current();
	bool last;

	trace_event(TRACE_EVENT_EXIT, (code & 0xff) << 8);
	task->status = (u32)(code & 0xff) << 8;
	task->left = true;
	robust_list_exit();
	/* As on Linux, not if there is nobody to see it. */
	if (READ_ONCE(task->process->nlive) > 1 || process_is_sharing(task->process))
		task_clear_tid();
	perturb_point();
	last = task_retire();
	perturb_point();
	if (!last)
		signal_hand_on();
	(void)offload_request3(SYSCALL_exit, code, last, 0);
	if (last)
		task_exit();
	perturb_point();
	task_unhash(task);
	perturb_point();
	thread_set_vm(NULL);
	perturb_point();
	thread_exit();
}
