// SPDX-License-Identifier: GPL-2.0-only
/*
 * RLIMIT_RTTIME: how long a thread of a real-time policy may run without waiting. The limits are in
 * microseconds, and protected by the process's lock.
 */
#include "lwk/include/core/time.h"
#include "lwk/include/proc/cputime.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/policy.h"
#include "lwk/proc/cputime_internal.h"

#define NSEC_PER_USEC 1000ULL

u32 rt_limit_take_locked(struct cpu_timers *timers, const struct task *task)
{
	struct program_rlimit *limit = &timers->limits[CPU_LIMIT_RT];
	u64 ran_us;

	if (!policy_is_realtime(task->thread.given.policy))
		return 0;
	ran_us = thread_ran_ns(&task->thread) / NSEC_PER_USEC;
	if (ran_us >= limit->max && limit->max != CPU_NO_LIMIT)
		return SIGKILL;
	if (ran_us < limit->cur || limit->cur == CPU_NO_LIMIT)
		return 0;
	/* As Linux does: from then on once in a second. */
	limit->cur += NSEC_PER_SEC / NSEC_PER_USEC;
	return SIGXCPU;
}

u64 rt_limit_left_locked(const struct cpu_timers *timers, const struct task *task)
{
	const struct program_rlimit *limit = &timers->limits[CPU_LIMIT_RT];
	u64 limit_us = MIN(limit->cur, limit->max);
	u64 ran_ns;

	if (limit_us >= CPU_NO_LIMIT / NSEC_PER_USEC)
		return THREAD_NO_DEADLINE;
	/* It may get such a policy at any time, and begins to count then. */
	if (!policy_is_realtime(task->thread.given.policy))
		return limit_us * NSEC_PER_USEC;
	ran_ns = thread_ran_ns(&task->thread);
	return limit_us * NSEC_PER_USEC - MIN(ran_ns, limit_us * NSEC_PER_USEC);
}
