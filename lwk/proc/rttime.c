// SPDX-License-Identifier: GPL-2.0-only
/*
 * RLIMIT_RTTIME: how long a thread of a real-time policy may run without waiting. The limits are in
 * microseconds, and protected by the process's lock.
 */
#include "lwk/include/core/time.h"
#include "lwk/include/proc/cputime.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sched/policy.h"
#include "lwk/proc/cputime_internal.h"

#define NO_LIMIT (~0ULL)
#define NSEC_PER_USEC 1000ULL

void rt_limit_inherit(struct cpu_timers *timers, u64 cur, u64 max)
{
	timers->rt_cur = cur;
	timers->rt_max = max;
	timers->armed = timers->armed || cur != NO_LIMIT || max != NO_LIMIT;
}

void rt_limit_change(const u64 new[2], u64 old[2])
{
	struct process *process = task_current()->process;
	struct cpu_timers *timers = &process->timers;
	u64 irq = spin_lock_irqsave(&process->lock);

	old[0] = timers->rt_cur;
	old[1] = timers->rt_max;
	if (new) {
		timers->rt_cur = new[0];
		timers->rt_max = new[1];
		cpu_timers_rearm_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, irq);
}

u32 rt_limit_take_locked(struct cpu_timers *timers, const struct task *task)
{
	u64 ran_us;

	if (!policy_is_realtime(task->thread.given.policy))
		return 0;
	ran_us = thread_ran_ns(&task->thread) / NSEC_PER_USEC;
	if (ran_us >= timers->rt_max && timers->rt_max != NO_LIMIT)
		return SIGKILL;
	if (ran_us < timers->rt_cur || timers->rt_cur == NO_LIMIT)
		return 0;
	/* As Linux does: from then on once in a second. */
	timers->rt_cur += NSEC_PER_SEC / NSEC_PER_USEC;
	return SIGXCPU;
}

u64 rt_limit_left_locked(const struct cpu_timers *timers, const struct task *task)
{
	u64 limit_us = MIN(timers->rt_cur, timers->rt_max);
	u64 ran_ns;

	if (limit_us >= NO_LIMIT / NSEC_PER_USEC)
		return THREAD_NO_DEADLINE;
	/* It may get such a policy at any time, and begins to count then. */
	if (!policy_is_realtime(task->thread.given.policy))
		return limit_us * NSEC_PER_USEC;
	ran_ns = thread_ran_ns(&task->thread);
	return limit_us * NSEC_PER_USEC - MIN(ran_ns, limit_us * NSEC_PER_USEC);
}
