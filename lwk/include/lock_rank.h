/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one total order of all spinlocks, and its check in debug builds.
 *
 * A CPU may take a lock only if its rank is higher than that of every lock
 * which the CPU already holds: outermost first, innermost last. Two locks of
 * the same rank are never held together. docs/locking.md tells what each guards.
 */
#ifndef LWK_LOCK_RANK_H
#define LWK_LOCK_RANK_H

#include "lwk/include/types.h"

struct spinlock;

/**
 * enum lock_rank - from outermost to innermost.
 *
 * Insert a new lock at its place; the values have no other meaning.
 */
enum lock_rank {
	LOCK_RANK_NONE, /* never valid: catches a lock that nobody initialised */
	LOCK_RANK_OUTER, /* free for tests: outside everything */
	LOCK_RANK_TRACE, /* who traces whom, and their stops */
	LOCK_RANK_PROCESS_TABLE, /* processes by pid, tasks by tid */
	LOCK_RANK_PROCESS, /* one process: its tasks, their signals */
	LOCK_RANK_HANDLERS, /* dispositions of signals, of one process or several */
	LOCK_RANK_FUTEX, /* one bucket of the futex table */
	LOCK_RANK_PI, /* who waits for whose PI futexes */
	LOCK_RANK_MUTEX, /* the inside of a mutex */
	LOCK_RANK_VM_LOCK, /* who sleeps for the lock of an address space */
	LOCK_RANK_IKC_SERVICE, /* table of ports and channels */
	LOCK_RANK_IKC_CHANNEL, /* one channel's sending or receiving side */
	LOCK_RANK_WORK, /* one CPU's work queue */
	LOCK_RANK_RUNQ, /* one CPU's threads */
	LOCK_RANK_TLB, /* a shootdown in progress */
	LOCK_RANK_STACKS, /* kernel stacks that no thread has */
	LOCK_RANK_VMAP, /* vmap window: bitmap, page tables under it */
	LOCK_RANK_KMALLOC_CPU, /* one CPU's magazines of free objects */
	LOCK_RANK_KMALLOC, /* slabs of one size class on one node */
	LOCK_RANK_PAGE_CACHE, /* one CPU's cache of pages of one node */
	LOCK_RANK_PAGE_CLEAR, /* one node's large pages that are cleared ahead */
	LOCK_RANK_PAGE_NODE, /* one node's buddy lists */
	LOCK_RANK_KMSG, /* message ring: a message may be logged under any lock */
	LOCK_RANK_COUNT
};

/**
 * lock_rank_acquire() - note that this CPU is about to take a lock.
 * @lock: the lock
 *
 * Panics with both names if the order is broken or the CPU holds @lock already.
 *
 * Context: debug builds only, interrupts disabled.
 */
void lock_rank_acquire(const struct spinlock *lock);

/**
 * lock_rank_note() - note that this CPU has taken a lock by trying.
 * @lock: the lock; its rank is not checked, since trying cannot deadlock
 *
 * Context: debug builds only, interrupts disabled or NMI.
 */
void lock_rank_note(const struct spinlock *lock);

/**
 * lock_rank_release() - note that this CPU gave a lock back.
 * @lock: the lock; any of those held, not only the last
 *
 * Context: debug builds only, interrupts disabled.
 */
void lock_rank_release(const struct spinlock *lock);

/**
 * lock_rank_depth() - count the locks that this CPU holds.
 *
 * Context: interrupts disabled.
 * Return: the count, always 0 in a release build.
 */
u32 lock_rank_depth(void);

#endif
