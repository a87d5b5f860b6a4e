/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timer of a CPU: it is set for the first deadline of those who sleep, the end of a slice, and
 * the alarm of the current thread. There is none while there is nothing to wait for.
 */
#ifndef LWK_SCHED_TIMER_H
#define LWK_SCHED_TIMER_H

#include "lwk/include/sched/runq.h"

struct thread;

/**
 * timer_program() - set the interrupt for the next deadline, or none.
 * @rq: the queue of this CPU
 *
 * Context: interrupts off, @rq locked.
 */
void timer_program(struct runq *rq);

/**
 * timer_add() - a thread sleeps until its deadline.
 * @rq: the queue of its CPU, which is this one
 * @thread: has a deadline
 *
 * Context: interrupts off, @rq locked; timer_program() follows.
 */
void timer_add(struct runq *rq, struct thread *thread);

/**
 * timer_start() - from now on interrupts of timers are served.
 *
 * Context: boot.
 */
void timer_start(void);

#endif
