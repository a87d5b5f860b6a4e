/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling policies, as sched(7) has them: numbers and ranges are Linux's.
 */
#ifndef LWK_SCHED_POLICY_H
#define LWK_SCHED_POLICY_H

#include "lwk/include/types.h"

#define SCHED_OTHER 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#define SCHED_DEADLINE 6
#define SCHED_RESET_ON_FORK 0x40000000

#define NICE_MIN (-20)
#define NICE_MAX 19
#define REALTIME_MAX 99

/**
 * struct thread_sched - how a thread competes with others
 * @policy:	SCHED_*
 * @nice:	NICE_MIN to NICE_MAX; what SCHED_FIFO and SCHED_RR make of it is nothing
 * @priority:	of SCHED_FIFO and SCHED_RR, 1 to REALTIME_MAX; else 0
 * @reset_on_fork: children have the default policy
 */
struct thread_sched {
	u32 policy;
	s32 nice;
	u32 priority;
	bool reset_on_fork;
};

/**
 * policy_is_realtime() - is it SCHED_FIFO or SCHED_RR?
 * @policy: SCHED_*
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool policy_is_realtime(u32 policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/**
 * policy_beats() - does who competes by one come before who competes by another, if both can?
 * @a: sound
 * @b: sound
 *
 * Context: any.
 * Return: true if so; false if they are equal, too.
 */
static inline bool policy_beats(const struct thread_sched *a, const struct thread_sched *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->priority)
		return false;
	if ((a->policy == SCHED_IDLE) != (b->policy == SCHED_IDLE))
		return b->policy == SCHED_IDLE;
	return a->policy != SCHED_IDLE && a->nice < b->nice;
}

/**
 * policy_is_sound() - is there such a policy, with such a priority?
 * @sched: anything
 *
 * Context: any.
 * Return: true if so. SCHED_DEADLINE is not supported.
 */
static inline bool policy_is_sound(const struct thread_sched *sched)
{
	bool known = policy_is_realtime(sched->policy) || sched->policy == SCHED_OTHER ||
		     sched->policy == SCHED_BATCH || sched->policy == SCHED_IDLE;

	return known && sched->priority <= REALTIME_MAX && sched->nice >= NICE_MIN &&
	       sched->nice <= NICE_MAX && policy_is_realtime(sched->policy) == !!sched->priority;
}

#endif
