/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deferred work: a function to be called soon on a given CPU, in its worker thread,
 * where it may wait. An item is queued at most once at a time.
 */
#ifndef LWK_CORE_WORK_H
#define LWK_CORE_WORK_H

#include "lwk/include/compiler.h"

/**
 * struct work - one item; embed it, find the rest with container_of()
 * @fn:		what to call; may free the item or queue it again
 * @next:	next item of the queue; the queue's lock protects
 * @queued:	waits in a queue; cleared before @fn is called
 */
struct work {
	void (*fn)(struct work *work);
	struct work *next;
	u32 queued;
};

/**
 * work_queue() - have an item run.
 * @work: @fn is set, the rest zero at first
 * @cpu: LWK CPU number, online
 *
 * Context: any but NMI, after sched_start().
 * Return: false if the item was queued already.
 */
bool work_queue(struct work *work, u32 cpu);

/**
 * work_run() - run the items that the calling CPU has queued.
 *
 * Context: the worker thread, interrupts on, no lock held.
 * Return: whether there were any.
 */
bool work_run(void);

#endif
