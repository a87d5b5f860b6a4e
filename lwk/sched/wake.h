/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a thread becomes runnable. thread_wake() and thread_start(), which are made of this, are
 * declared in thread.h.
 */
#ifndef LWK_SCHED_WAKE_H
#define LWK_SCHED_WAKE_H

#include "lwk/include/sched/runq.h"
#include "lwk/include/types.h"

struct thread;

/**
 * thread_wake_locked() - a thread that waits does so no more.
 * @rq: the queue of its CPU
 * @thread: waits, or is about to
 *
 * Context: interrupts off, @rq locked.
 * Return: true if it was detached, to be attached when the lock is released: move.h.
 */
bool thread_wake_locked(struct runq *rq, struct thread *thread);

#endif
