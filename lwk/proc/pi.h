/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Priority inheritance: who waits for whom, and what that makes of the owners' priorities.
 *
 * A futex has a struct pi_state while somebody waits for it. Its owner competes by the best
 * policy of those who wait for any of its futexes, and so does who it waits for itself.
 *
 * Context of all that end in _locked: pi_lock() held.
 */
#ifndef LWK_PROC_PI_STATE_H
#define LWK_PROC_PI_STATE_H

#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/pi.h"
#include "lwk/include/sched/policy.h"

/**
 * struct pi_state - a futex that somebody waits for, or is just about to own after that
 * @key:	which
 * @users:	how many; the lock of the futex's bucket
 * @owner:	who owns it
 * @held:	in the owner's list
 * @waiters:	who waits, the best first
 * @orphan:	the owner before has ended: the word does not tell the present one yet
 */
struct pi_state {
	struct futex_key key;
	u32 users;
	struct task *owner;
	struct list_node held;
	struct list_node waiters;
	bool orphan;
};

/**
 * struct pi_waiter - who waits; on the stack of its thread
 * @link:	among the waiters
 * @task:	who
 * @state:	for what, NULL: for nothing yet
 * @sched:	what it competes by
 * @granted:	it owns the futex, and waits no more
 */
struct pi_waiter {
	struct list_node link;
	struct task *task;
	struct pi_state *state;
	struct thread_sched sched;
	bool granted;
};

/** pi_lock() - take the lock. Context: interrupts off; a bucket of futexes may be locked. */
void pi_lock(void);

/** pi_unlock() - give it back. Context: interrupts off. */
void pi_unlock(void);

/**
 * pi_state_create() - make one that nobody knows.
 *
 * Context: process context.
 * Return: it, for kfree(); NULL without memory.
 */
struct pi_state *pi_state_create(void) __must_check;

/**
 * pi_attach_locked() - say whose it is.
 * @state: nobody's
 * @key: which futex
 * @owner: a task that has not ended
 */
void pi_attach_locked(struct pi_state *state, const struct futex_key *key, struct task *owner);

/**
 * pi_detach_locked() - make it nobody's again.
 * @state: nobody waits for it
 */
void pi_detach_locked(struct pi_state *state);

/**
 * pi_wait_locked() - a task begins to wait.
 * @state: for this
 * @waiter: @task is set; it waits for nothing else
 *
 * Return: 0; -EDEADLK: the owner waits for it, maybe by way of others.
 */
int pi_wait_locked(struct pi_state *state, struct pi_waiter *waiter) __must_check;

/**
 * pi_leave_locked() - a task waits no more.
 * @waiter: not granted
 */
void pi_leave_locked(struct pi_waiter *waiter);

/**
 * pi_best_locked() - who comes next.
 * @state: any
 *
 * Return: it, or NULL if nobody waits.
 */
struct pi_waiter *pi_best_locked(const struct pi_state *state);

/**
 * pi_pass_locked() - make the best waiter the owner.
 * @state: somebody waits for it
 * @orphan: the word does not say so
 *
 * It is woken, and has to take its bucket's lock before it leaves.
 */
void pi_pass_locked(struct pi_state *state, bool orphan);

#endif
