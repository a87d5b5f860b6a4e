/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scheduler that keeps for a thread what it was given, or better, for tests without run queues.
 */
#ifndef UNIT_BOOST_FIXTURE_H
#define UNIT_BOOST_FIXTURE_H

#include "lwk/include/sched/policy.h"
#include "lwk/include/sched/thread.h"

bool thread_boost(struct thread *thread, const struct thread_sched *boost,
		  struct thread_sched *sched)
{
	bool changed;

	*sched = boost && policy_beats(boost, &thread->given) ? *boost : thread->given;
	changed = policy_beats(sched, &thread->sched) || policy_beats(&thread->sched, sched);
	thread->sched = *sched;
	return changed;
}

void thread_get_boosted_sched(struct thread *thread, struct thread_sched *out)
{
	*out = thread->sched;
}

#endif
