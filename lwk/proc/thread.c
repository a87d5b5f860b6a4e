// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads of a program. The new one is made here first, complete but for its ids; then the
 * creator's twin makes a twin for it, by its slot (OFFLOAD_NR_THREAD), and answers with them.
 * Until the creator goes on nobody else knows the new thread. Its twin blocks all signals until
 * its first request.
 */
#include "abi/errno.h"
#include "lwk/include/mm/page.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"

/* What the twin may have in common with the others, or not; or has to itself. */
#define FLAGS_LINUX                                                                   \
	(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_IO | CLONE_PIDFD | CLONE_NEWNS | \
	 CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_INTO_CGROUP)

/* Before the new thread runs: it may have ended when its creator comes to wait for it. */
static void await(struct task *task)
{
	struct task *creator = task_current();
	u64 irq = spin_lock_irqsave(&task->process->lock);

	creator->awaited = task;
	task->awaiter = creator;
	spin_unlock_irqrestore(&task->process->lock, irq);
}

static void let_run(struct task *task, const struct process_fork_args *args, s64 ids)
{
	const u32 vtid = (u32)((u64)ids >> 32);

	if (args->flags & CLONE_VFORK)
		await(task);
	task->tid = (u32)ids;
	task->vtid = vtid;
	perturb_point();
	task_publish(task);
	trace_publish(task);
	perturb_point();
	/* There is a thread, whether its id can be stored or not. */
	if (args->flags & CLONE_PARENT_SETTID)
		(void)!copy_to_user(args->parent_tid, &vtid, sizeof(vtid));
	/* Before its first instruction it comes to task_begin(). */
	thread_notify(&task->thread);
	thread_start(&task->thread);
}

/* As on Linux, only what ends the creator ends its wait. */
static bool is_waiting(struct task *creator)
{
	return READ_ONCE(creator->awaited) && !process_is_gone(creator->process) &&
	       !READ_ONCE(creator->trace_kill);
}

s64 thread_clone(const struct process_fork_args *args)
{
	const u32 event = args->flags & CLONE_VFORK ? TRACE_EVENT_VFORK : TRACE_EVENT_CLONE;
	struct task *task = task_copy(task_current()->process, args);
	u64 request[6] = {
		[1] = args->flags & FLAGS_LINUX,
		[2] = args->pidfd,
		[3] = args->cgroup,
		[4] = args->set_tid,
		[5] = args->set_tid_count,
	};
	s64 ret;

	if (!task)
		return -EAGAIN;
	if (args->flags & CLONE_PTRACE)
		trace_inherit(task, TRACE_EVENT_ANY);
	else if (!(args->flags & CLONE_UNTRACED))
		trace_inherit(task, event);
	/* The creator does not use it meanwhile. */
	if (args->flags & CLONE_VFORK)
		task->altstack = task_current()->altstack;
	task->twin_blocked = ~SIGNAL_UNBLOCKABLE;
	if (args->flags & CLONE_FORK_NEWTIME)
		request[1] |= CLONE_NEWTIME;
	request[0] = page_paddr(task->slot_page);
	ret = offload_request(OFFLOAD_NR_THREAD, request);
	if (ret < 0) {
		task_destroy(task);
		return ret;
	}
	let_run(task, args, ret);
	if (!(args->flags & CLONE_UNTRACED))
		trace_event(event, (u64)ret >> 32);
	if (args->flags & CLONE_VFORK) {
		signal_wait_while(task_current(), is_waiting);
		trace_event(TRACE_EVENT_VFORK_DONE, (u64)ret >> 32);
	}
	return (s64)((u64)ret >> 32);
}
