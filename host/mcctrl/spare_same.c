// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Linux passes on from a thread to one that it makes, as copy_process() of 6.1 and 6.12 does,
 * for threads that share what those of pthread_create(3) share.
 *
 * Left out is what is the same in all threads of a process, what a new thread has anew, what only a
 * thread itself can change and mcexec does not, and statistics. Whoever changes something here
 * while it is looked at may come before or after, as with a fork().
 */
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "spare.h"

/* prctl(2): PR_MCE_KILL, PR_SET_IO_FLUSHER */
#define FLAGS (PF_MCE_PROCESS | PF_MCE_EARLY | PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE)
/* PR_SET_SPECULATION_CTRL, of which atomic_flags have the rest; PR_SET_TSC, ARCH_SET_CPUID */
#define THREAD_FLAGS (_TIF_SSBD | _TIF_SPEC_IB | _TIF_SPEC_L1D_FLUSH | _TIF_NOTSC | _TIF_NOCPUID)

/* A tracer wants to hear of new threads; events go over to them; some policies are not for them. */
static bool is_watched(const struct task_struct *task)
{
	return task->ptrace || compat_task_has_perf(task) || task->sched_reset_on_fork ||
	       task->policy == SCHED_DEADLINE;
}

static bool same_schedule(const struct task_struct *a, const struct task_struct *b)
{
	return a->policy == b->policy && a->static_prio == b->static_prio &&
	       a->rt_priority == b->rt_priority && compat_task_same(a, b);
}

static bool same_cpus(struct task_struct *task)
{
	/* By address, as Linux does where it swaps the CPUs of two threads. */
	raw_spinlock_t *first = min(&current->pi_lock, &task->pi_lock);
	raw_spinlock_t *second = max(&current->pi_lock, &task->pi_lock);
	const struct cpumask *a, *b;
	unsigned long flags;
	bool same;

	raw_spin_lock_irqsave(first, flags);
	raw_spin_lock_nested(second, SINGLE_DEPTH_NESTING);
	a = current->user_cpus_ptr;
	b = task->user_cpus_ptr;
	same = cpumask_equal(&current->cpus_mask, &task->cpus_mask) &&
	       (a && b ? cpumask_equal(a, b) : a == b);
	raw_spin_unlock(second);
	raw_spin_unlock_irqrestore(first, flags);
	return same;
}

static bool same_rights(const struct task_struct *task)
{
	return rcu_access_pointer(task->cred) == current_cred() &&
	       rcu_access_pointer(task->real_cred) == current_real_cred() &&
	       task->atomic_flags == current->atomic_flags &&
	       task->seccomp.mode == current->seccomp.mode &&
	       task->seccomp.filter == current->seccomp.filter &&
	       uid_eq(task->loginuid, current->loginuid) && task->sessionid == current->sessionid;
}

/*
 * What security modules keep with a thread, whatever that is. The same bytes say the same: pointers
 * among them are to one object, which both hold. What is each thread's own, such as a list, is
 * different, and then no spare is taken. Its size is known to Linux alone; the whole allocation was
 * cleared, and if one of the two has another length, as with KFENCE, no spare is taken either.
 */
static bool same_security(const struct task_struct *task)
{
	size_t len = ksize(current->security);

	return ksize(task->security) == len && !memcmp(task->security, current->security, len);
}

/* By CLONE_SYSVSEM, both have a list if the creator has ever made a thread. */
static bool same_resources(const struct task_struct *task)
{
	return task->fs == current->fs && task->files == current->files &&
	       task->nsproxy == current->nsproxy && task->sysvsem.undo_list &&
	       task->sysvsem.undo_list == current->sysvsem.undo_list &&
	       rcu_access_pointer(task->cgroups) == rcu_access_pointer(current->cgroups);
}

/* A thread begins with a context of its own if there is something to pass on. */
static u16 io_priority(const struct task_struct *task)
{
	const struct io_context *context = task->io_context;

	return context && ioprio_valid(context->ioprio) ? context->ioprio : 0;
}

static bool same_policy(const struct mempolicy *a, const struct mempolicy *b)
{
	if (!a || !b)
		return a == b;
	return a->mode == b->mode && a->flags == b->flags && a->home_node == b->home_node &&
	       nodes_equal(a->nodes, b->nodes) &&
	       nodes_equal(a->w.user_nodemask, b->w.user_nodemask);
}

static bool same_words(const struct task_struct *task)
{
	return !((task->flags ^ current->flags) & FLAGS) &&
	       !((READ_ONCE(task->thread_info.flags) ^ READ_ONCE(current->thread_info.flags)) &
		 THREAD_FLAGS) &&
	       task->personality == current->personality &&
	       task->timer_slack_ns == current->timer_slack_ns &&
	       task->default_timer_slack_ns == current->timer_slack_ns &&
	       !strncmp(task->comm, current->comm, TASK_COMM_LEN);
}

/* It may have been sent a signal of its own. */
static bool is_fresh(struct task_struct *task)
{
	return sigisemptyset(&task->pending.signal);
}

bool spare_same(struct task_struct *task)
{
	bool same;

	if (is_watched(current) || is_watched(task) || !is_fresh(task) ||
	    !same_schedule(task, current) || !same_cpus(task) || !same_rights(task) ||
	    !same_security(task) || !same_words(task))
		return false;
	task_lock(task);
	same = same_resources(task) && io_priority(task) == io_priority(current) &&
	       same_policy(task->mempolicy, current->mempolicy);
	task_unlock(task);
	return same;
}

/* In a user namespace Linux asks those outside, too: it has asked them for each spare. */
bool spare_may_count(u32 nspares)
{
	long count = get_rlimit_value(current_ucounts(), UCOUNT_RLIMIT_NPROC);

	return (unsigned long)(count - nspares) < rlimit(RLIMIT_NPROC);
}
