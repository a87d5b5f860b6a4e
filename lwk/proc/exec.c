// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program leaves to the one that it executes, and its proxy cannot know.
 */
#include "lwk/include/mm/vm_policy.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/string.h"
#include "lwk/proc/signal_internal.h"

#define WORDS 5U /* in a request */
#define NODE_WORDS 4U

_Static_assert(BITMAP_WORDS(IHK_MAX_LINUX_NODES) % NODE_WORDS == 0, "whole requests");

static s64 tell_cpus(struct task *task)
{
	struct cpumask cpus;
	s64 err;

	thread_get_allowed(&task->thread, &cpus);
	if (!memcmp(&cpus, &task->process->cpus, sizeof(cpus)))
		return 0;
	for (u32 i = 0; i < CPUMASK_WORDS; i += WORDS) {
		u64 args[6] = { i };

		memcpy(&args[1], &cpus.words[i], MIN(WORDS, CPUMASK_WORDS - i) * sizeof(u64));
		err = offload_request(OFFLOAD_NR_CPUS, args);
		if (err)
			return err;
	}
	task->process->cpus = cpus;
	return 0;
}

static void tell_policy(u32 policy, u32 priority)
{
	const u64 args[6] = { 0, policy, priority, 1 };

	/* Who may not have it any more executes without. */
	(void)offload_request(OFFLOAD_NR_SCHED, args);
}

/* The proxy keeps it for the next program. */
static void tell_mempolicy(const struct vm_policy *policy)
{
	const u32 nwords = ARRAY_SIZE(policy->shown.words);
	u64 args[6] = { 0 };

	if (policy)
		args[0] = policy->mode | policy->flags;
	for (u32 i = 0; i < nwords; i += NODE_WORDS) {
		args[1] = i;
		if (policy)
			memcpy(&args[2], &policy->shown.words[i], NODE_WORDS * sizeof(u64));
		(void)offload_request(OFFLOAD_NR_MEMPOLICY, args);
	}
}

/* What another process has set, its own proxy has not heard of. */
static void tell_limits(struct process *process)
{
	struct program_rlimit limits[PROCESS_NRLIMITS];
	u32 untold;

	mutex_lock(&process->space->limits);
	untold = process->limits_untold;
	process->limits_untold = 0;
	memcpy(limits, process->rlimits, sizeof(limits));
	mutex_unlock(&process->space->limits);
	for (u32 i = 0; i < PROCESS_NRLIMITS; i++) {
		if (untold & (1U << i))
			(void)offload_request3(OFFLOAD_NR_LIMIT, i, limits[i].cur, limits[i].max);
	}
}

static void set_executing(struct task *task, bool executing)
{
	struct process *process = task->process;
	u64 irq = spin_lock_irqsave(&process->lock);

	task->executing = executing;
	spin_unlock_irqrestore(&process->lock, irq);
}

/* From now on Linux has what comes for the thread: it is the next program's. */
static void begin(struct task *task)
{
	set_executing(task, true);
	__atomic_fetch_add(&task->process->nexecuting, 1, __ATOMIC_SEQ_CST);
}

static void end_in_vain(struct task *task)
{
	__atomic_fetch_sub(&task->process->nexecuting, 1, __ATOMIC_SEQ_CST);
	/* When it comes back because the process is gone it may have been done. */
	set_executing(task, process_is_gone(task->process));
}

s64 process_exec(u64 nr, const u64 args[6])
{
	struct task *task = task_current();
	struct thread_sched sched;
	bool has_policy;
	u64 words[6];
	s64 err;

	err = tell_cpus(task);
	if (err)
		return err;
	tell_limits(task->process);
	thread_get_sched(&task->thread, &sched);
	has_policy = sched.policy != SCHED_OTHER || sched.reset_on_fork;
	if (has_policy)
		tell_policy(sched.policy | (sched.reset_on_fork ? SCHED_RESET_ON_FORK : 0),
			    sched.priority);
	if (task->mempolicy)
		tell_mempolicy(task->mempolicy);
	memcpy(words, args, sizeof(words));
	begin(task);
	signal_hand_over();
	words[5] = trace_exec_begin() ? OFFLOAD_EXEC_PLAIN : 0;
	err = syscall_offload(nr, words);
	end_in_vain(task);
	trace_exec_failed();
	if (task->mempolicy)
		tell_mempolicy(NULL);
	if (has_policy)
		tell_policy(SCHED_OTHER, 0);
	return err;
}
