/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Those who wait for futexes, between the files of lwk/proc/ that serve these.
 */
#ifndef LWK_PROC_FUTEX_INTERNAL_H
#define LWK_PROC_FUTEX_INTERNAL_H

#include "lwk/include/proc/futex.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/spinlock.h"
#include "lwk/lib/list.h"
#include "lwk/proc/pi.h"

/* In the word of a PI or robust futex */
#define FUTEX_WAITERS 0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U
#define FUTEX_TID_MASK 0x3fffffffU

/**
 * struct futex_bucket - those who wait for futexes of one hash
 * @lock: protects the list
 * @waiters: real-time threads first, by priority; else in the order in which they came
 */
struct futex_bucket {
	struct spinlock lock;
	struct list_node waiters;
} __cacheline_aligned;

/**
 * struct futex_waiter - one wait for one futex; memory of the thread that waits
 * @thread:	who
 * @bits:	which wakes count
 * @is_pi:	for a PI futex, now or after a move to @target
 * @target:	of FUTEX_WAIT_REQUEUE_PI
 *
 * The lock of @bucket; @bucket and @key change with both buckets locked:
 * @link:	in the bucket
 * @bucket:	where
 * @key:	which futex
 * @queued:	in the bucket, not woken
 *
 * The lock of @bucket, and that of pi.c:
 * @pi:		if @is_pi
 */
struct futex_waiter {
	struct thread *thread;
	u32 bits;
	bool is_pi;
	const struct futex_key *target;

	struct list_node link;
	struct futex_bucket *bucket;
	struct futex_key key;
	bool queued;

	struct pi_waiter pi;
};

/** futex_bucket_of() - where those are who wait for a futex. */
struct futex_bucket *futex_bucket_of(const struct futex_key *key);

/** futex_is_same() - is it the same futex? */
bool futex_is_same(const struct futex_key *a, const struct futex_key *b);

/**
 * futex_lock_bucket_of() - lock the bucket that a waiter is in, which may change until then.
 * @waiter: the caller's
 * @irq: result: for spin_unlock_irqrestore()
 *
 * Return: the bucket.
 */
struct futex_bucket *futex_lock_bucket_of(struct futex_waiter *waiter, u64 *irq);

/** futex_lock_both() - lock two buckets, or one if they are the same. Return: as irqsave. */
u64 futex_lock_both(struct futex_bucket *first, struct futex_bucket *second);

/** futex_unlock_both() - unlock them. */
void futex_unlock_both(struct futex_bucket *first, struct futex_bucket *second, u64 irq);

/** futex_enqueue_locked() - begin to wait. @bucket: of the waiter's key, locked. */
void futex_enqueue_locked(struct futex_bucket *bucket, struct futex_waiter *waiter);

/**
 * futex_enqueue() - begin to wait if the word has a value.
 * @waiter: complete, but for @bucket and @queued
 * @value: expected value
 *
 * Return: 0: it waits; -EAGAIN: the word has another value; -EFAULT.
 */
int futex_enqueue(struct futex_waiter *waiter, u32 value) __must_check;

/** futex_dequeue() - stop waiting. Return: whether it was still waiting, not woken. */
bool futex_dequeue(struct futex_waiter *waiter);

/**
 * futex_first_locked() - who waits for a futex and comes first.
 * @bucket: of the key, locked
 * @key: which
 *
 * Return: it, or NULL.
 */
struct futex_waiter *futex_first_locked(struct futex_bucket *bucket, const struct futex_key *key);

/**
 * enum pi_take - what became of the attempt to own a PI futex, if it is no error
 * @PI_TAKEN:	it is owned
 * @PI_WAIT:	somebody else owns it, who has a state now
 * @PI_OWNER:	the task that owns it, according to the word, has to be found first
 * @PI_AGAIN:	the word has changed: try again
 */
enum pi_take_result {
	PI_TAKEN,
	PI_WAIT,
	PI_OWNER,
	PI_AGAIN,
};

/**
 * struct pi_take - an attempt to own a PI futex
 * @key:	which
 * @task:	for whom
 * @contended:	others will wait
 * @owner:	who owns it, or NULL if that is not known
 * @gone:	there is no task with this id
 * @spare:	for @state, if there is none yet; NULL if it was used
 * @state:	result: with PI_WAIT
 * @tid:	result: with PI_OWNER
 */
struct pi_take {
	struct futex_key key;
	struct task *task;
	bool contended;
	struct task *owner;
	u32 gone;
	struct pi_state *spare;
	struct pi_state *state;
	u32 tid;
};

/**
 * pi_take_locked() - try to own a PI futex.
 * @bucket: of the key
 * @take: see there
 *
 * Context: the bucket and pi_lock().
 * Return: enum pi_take_result; -EDEADLK, -EINVAL, -ESRCH; -EFAULT: bring the word in first.
 */
int pi_take_locked(struct futex_bucket *bucket, struct pi_take *take) __must_check;

/** pi_drop_locked() - take back what pi_take_locked() made, if nobody uses it. */
void pi_drop_locked(struct pi_take *take);

/**
 * pi_finish() - stop waiting for a PI futex.
 * @waiter: queued, with a state
 *
 * Context: no lock held.
 * Return: 0: it is owned; -ETIMEDOUT: it is not; -EFAULT: the word is out of reach.
 */
int pi_finish(struct futex_waiter *waiter) __must_check;

/** pi_is_granted() - for signal_sleep(): does a waiter own its futex? */
bool pi_is_granted(void *ctx);

/**
 * pi_fault_in() - bring a word to where it can be changed under locks.
 * @addr: user address
 *
 * Return: 0 or -EFAULT.
 */
int pi_fault_in(vaddr_t addr) __must_check;

struct task;

/**
 * pi_exit() - a task ends: what it owns becomes that of those who wait, and it owns no more.
 * @task: the calling one, or one that does not run and never will
 *
 * Context: interrupts enabled, no lock held.
 */
void pi_exit(struct task *task);

#endif
