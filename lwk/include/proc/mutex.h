/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lock that threads wait for asleep, and that its holder may keep while it waits
 * for Linux. First come, first served.
 */
#ifndef LWK_PROC_MUTEX_H
#define LWK_PROC_MUTEX_H

#include "lwk/include/spinlock.h"
#include "lwk/lib/list.h"

struct thread;

/**
 * struct mutex - the lock; initialise with mutex_init().
 * @lock: protects the rest
 * @owner: the thread that holds it, or NULL
 * @waiters: those in the queue
 */
struct mutex {
	struct spinlock lock;
	struct thread *owner;
	struct list_node waiters;
};

/**
 * mutex_init() - make a mutex that nobody holds.
 * @mutex: its memory
 * @name: a string that outlives it
 *
 * Context: any.
 */
void mutex_init(struct mutex *mutex, const char *name);

/**
 * mutex_lock() - take it, waiting for it.
 * @mutex: not held by the caller
 *
 * Context: a thread, interrupts enabled, no spinlock held.
 */
void mutex_lock(struct mutex *mutex);

/**
 * mutex_unlock() - give it to the next in the queue.
 * @mutex: held by the caller
 *
 * Context: a thread.
 */
void mutex_unlock(struct mutex *mutex);

/** mutex_is_mine() - has the calling thread taken it? Context: a thread. */
bool mutex_is_mine(const struct mutex *mutex);

#endif
