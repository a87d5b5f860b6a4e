// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone(2): which flags go together, and what processes and threads that it makes have in common.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/vm_policy.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/internal.h"

/* Those that a thread may have for itself. */
#define FLAGS_NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |     \
	 CLONE_FORK_NEWTIME)
/* What a new process may have. */
#define FLAGS_PROCESS                                                                     \
	(CLONE_EXIT_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_PIDFD |\
	 CLONE_PTRACE | CLONE_VFORK | CLONE_SYSVSEM |                                     \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED |     \
	 CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO | FLAGS_NAMESPACES |              \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_PARENT | CLONE_CLEAR_SIGHAND |              \
	 CLONE_INTO_CGROUP)
/* What a new thread may have; the exit signal means nothing. */
#define FLAGS_THREAD                                                                      \
	(CLONE_EXIT_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |          \
	 CLONE_PIDFD | CLONE_PTRACE | CLONE_VFORK |                                       \
	 CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |              \
	 CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID |    \
	 CLONE_IO | CLONE_PARENT | FLAGS_NAMESPACES | CLONE_INTO_CGROUP)

/* Does @flags have all of @wanted? */
static bool has(u64 flags, u64 wanted)
{
	return (flags & wanted) == wanted;
}

/* What is refused everywhere, as by Linux. */
static bool make_sense(const struct process_fork_args *args)
{
	const u64 flags = args->flags;

	if (has(flags, CLONE_NEWNS | CLONE_FS) || has(flags, CLONE_NEWUSER | CLONE_FS) ||
	    has(flags, CLONE_NEWIPC | CLONE_SYSVSEM))
		return false;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return false;
	if ((flags & CLONE_PIDFD) &&
	    ((flags & CLONE_DETACHED) ||
	     ((flags & CLONE_PARENT_SETTID) && args->pidfd == args->parent_tid)))
		return false;
	return !(flags & CLONE_SIGHAND) || (flags & CLONE_VM);
}

static int check(const struct process_fork_args *args)
{
	bool thread = args->flags & CLONE_THREAD;

	if (!make_sense(args) ||
	    (args->flags & ~(u64)(thread ? FLAGS_THREAD : FLAGS_PROCESS)))
		return -EINVAL;
	if ((args->flags & CLONE_PIDFD) && !user_range_ok(args->pidfd, sizeof(u32)))
		return -EFAULT;
	if ((args->flags & CLONE_SETTLS) && args->tls >= LWK_TASK_END)
		return -EPERM;
	return 0;
}

/* Will the new task run in the caller's address space while the caller does? */
static bool is_beside_caller(u64 flags)
{
	return (flags & CLONE_VM) && (!(flags & CLONE_VFORK) || (flags & CLONE_THREAD));
}

s64 process_clone(const struct process_fork_args *args)
{
	int err = check(args);

	if (err)
		return err;
	/* As on Linux, what is pending is the parent's alone. */
	if (signal_deliverable())
		return -ERESTARTNOINTR;
	if (is_beside_caller(args->flags)) {
		err = futex_table_create(task_current()->process->space);
		if (err)
			return err;
	}
	return args->flags & CLONE_THREAD ? thread_clone(args) : process_fork(args);
}

struct task *task_copy(struct process *process, const struct process_fork_args *args)
{
	struct task *task = task_create(process, 0, 0, thread_pick_cpu());

	if (!task)
		return NULL;
	task->fresh = true;
	task->blocked = task_current()->blocked;
	task->ids_changed = task_current()->ids_changed || (args->flags & CLONE_NEWUSER);
	task->mempolicy = vm_policy_get(task_current()->mempolicy);
	task->clear_actions = args->flags & CLONE_CLEAR_SIGHAND;
	if (!(args->flags & CLONE_VM))
		rseq_inherit(task, task_current());
	if (args->flags & CLONE_CHILD_CLEARTID)
		task->clear_tid = args->child_tid;
	if (args->flags & CLONE_CHILD_SETTID)
		task->set_tid = args->child_tid;
	arch_thread_fork(&task->thread, args->stack);
	if (args->flags & CLONE_SETTLS)
		arch_thread_set_fs(&task->thread, args->tls);
	return task;
}

static void clear_actions(void)
{
	const struct signal_action none = { .handler = SIG_DFL };
	struct signal_action old;

	for (u32 sig = 1; sig <= SIGNAL_COUNT; sig++) {
		if (signal_action(sig, NULL, &old) || old.handler == SIG_IGN)
			continue;
		(void)!signal_action(sig, &none, NULL);
	}
}

void task_begin(void)
{
	struct task *task = task_current();
	const u32 vtid = task->vtid;

	task->fresh = false;
	/* As on Linux, a bad address is not complained about. */
	if (task->set_tid)
		(void)!copy_to_user(task->set_tid, &vtid, sizeof(vtid));
	if (task->clear_actions)
		clear_actions();
	/* The twin may block more than the thread does. */
	signal_set_blocked(task->blocked);
}
