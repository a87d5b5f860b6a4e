/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Races found by design: with the kernel argument test_yield=SEED[,PERIOD] threads give up the CPU,
 * go to another, or dawdle, at points where something else may happen as well, and what
 * has to hold is looked at. Which of the points do something is said by a generator of each CPU.
 *
 * Without the argument a point is a test of one word.
 */
#ifndef LWK_SCHED_PERTURB_H
#define LWK_SCHED_PERTURB_H

#include "lwk/include/compiler.h"
#include "lwk/include/types.h"

/** perturb_period - one of so many points does something; 0: none. Set by perturb_init(). */
extern u32 perturb_period;

/**
 * perturb_init() - begin, if the kernel arguments say so.
 *
 * Context: first CPU, once, before any program runs.
 */
void perturb_init(void);

/** perturb_act() - what a point does; see perturb_point(). */
void perturb_act(void);

/** perturb_dawdle() - what a delay does; see perturb_delay(). */
void perturb_dawdle(void);

/** perturb_is_due() - what perturb_wants_check() asks. Return: true if so. */
bool perturb_is_due(void);

/**
 * perturb_point() - others may run here, and the thread may go to another CPU.
 *
 * Context: where a thread may sleep and no page-table entry is busy; elsewhere it does nothing.
 */
static inline void perturb_point(void)
{
	if (unlikely(READ_ONCE(perturb_period)))
		perturb_act();
}

/**
 * perturb_delay() - the other CPUs may get ahead here.
 *
 * Context: any.
 */
static inline void perturb_delay(void)
{
	if (unlikely(READ_ONCE(perturb_period)))
		perturb_dawdle();
}

/**
 * perturb_wants_check() - is it time to look whether all is well?
 *
 * Context: a thread.
 * Return: true if so; always false without the argument.
 */
static inline bool perturb_wants_check(void)
{
	return unlikely(READ_ONCE(perturb_period)) && perturb_is_due();
}

#endif
