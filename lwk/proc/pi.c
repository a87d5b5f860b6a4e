// SPDX-License-Identifier: GPL-2.0-only
/*
 * Priority inheritance: see lwk/proc/pi.h. One lock is held over a walk along a chain of owners
 * who wait for others; only futexes that somebody has to wait for come here.
 */
#include "lwk/proc/pi.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/spinlock.h"

#define CHAIN_MAX 1024 /* Linux's max_lock_depth */

static struct spinlock lock;

void pi_init(void)
{
	spin_lock_init(&lock, LOCK_RANK_PI, "pi");
}

void pi_lock(void)
{
	spin_lock(&lock);
}

void pi_unlock(void)
{
	spin_unlock(&lock);
}

struct pi_state *pi_state_create(void)
{
	struct pi_state *state = kzalloc(sizeof(*state));

	if (state)
		list_init(&state->waiters);
	return state;
}

struct pi_waiter *pi_best_locked(const struct pi_state *state)
{
	ASSERT(spin_lock_held(&lock));
	return list_empty(&state->waiters) ? NULL :
					     list_first(&state->waiters, struct pi_waiter, link);
}

/* Return: the best policy of those who wait for a task, or NULL if nobody does. */
static const struct thread_sched *best_of(const struct task *task)
{
	const struct thread_sched *best = NULL;
	const struct pi_state *state;

	list_for_each(state, &task->pi.held, held) {
		const struct pi_waiter *waiter = pi_best_locked(state);

		if (waiter && (!best || policy_beats(&waiter->sched, best)))
			best = &waiter->sched;
	}
	return best;
}

/* Those who are equal wait in the order in which they came. */
static void insert(struct pi_waiter *waiter)
{
	struct list_node *list = &waiter->state->waiters;
	struct list_node *at = list->prev;

	/* From the end: most are alike. */
	while (at != list &&
	       policy_beats(&waiter->sched, &list_entry(at, struct pi_waiter, link)->sched))
		at = at->prev;
	list_add(&waiter->link, at);
}

/* Who waits for @task has changed: so may what it competes by, and what it lends to others. */
static void update(struct task *task)
{
	for (u32 n = 0; task && n < CHAIN_MAX; n++) {
		struct pi_waiter *waiter = task->pi.waiting;
		struct thread_sched sched;

		if (!thread_boost(&task->thread, best_of(task), &sched) || !waiter)
			return;
		list_del(&waiter->link);
		waiter->sched = sched;
		insert(waiter);
		task = waiter->state->owner;
	}
}

void pi_attach_locked(struct pi_state *state, const struct futex_key *key, struct task *owner)
{
	ASSERT(spin_lock_held(&lock) && !owner->pi.ended);
	state->key = *key;
	state->owner = owner;
	state->orphan = false;
	list_add_tail(&state->held, &owner->pi.held);
}

void pi_detach_locked(struct pi_state *state)
{
	ASSERT(spin_lock_held(&lock) && list_empty(&state->waiters));
	list_del(&state->held);
	state->owner = NULL;
}

static bool waits_for(const struct task *task, const struct task *other)
{
	for (u32 n = 0; n < CHAIN_MAX; n++) {
		if (task == other)
			return true;
		if (!task->pi.waiting)
			return false;
		task = task->pi.waiting->state->owner;
	}
	return true;
}

int pi_wait_locked(struct pi_state *state, struct pi_waiter *waiter)
{
	ASSERT(spin_lock_held(&lock) && !waiter->task->pi.waiting);
	if (waits_for(state->owner, waiter->task))
		return -EDEADLK;
	waiter->state = state;
	waiter->task->pi.waiting = waiter;
	thread_get_boosted_sched(&waiter->task->thread, &waiter->sched);
	insert(waiter);
	update(state->owner);
	return 0;
}

void pi_leave_locked(struct pi_waiter *waiter)
{
	ASSERT(spin_lock_held(&lock) && !waiter->granted);
	list_del(&waiter->link);
	waiter->task->pi.waiting = NULL;
	update(waiter->state->owner);
}

void pi_pass_locked(struct pi_state *state, bool orphan)
{
	struct pi_waiter *waiter = pi_best_locked(state);
	struct task *before = state->owner;
	struct task *next = waiter->task;

	list_del(&waiter->link);
	next->pi.waiting = NULL;
	list_del(&state->held);
	list_add_tail(&state->held, &next->pi.held);
	state->owner = next;
	state->orphan = orphan;
	update(before);
	update(next);
	/* Release: partner is the look of the one who waits; it stays until the bucket is free. */
	__atomic_store_n(&waiter->granted, true, __ATOMIC_RELEASE);
	thread_wake(&next->thread);
}

void pi_sched_changed(struct task *task)
{
	struct pi_waiter *waiter;
	u64 irq = spin_lock_irqsave(&lock);

	waiter = task->pi.waiting;
	if (waiter) {
		list_del(&waiter->link);
		thread_get_boosted_sched(&task->thread, &waiter->sched);
		insert(waiter);
		update(waiter->state->owner);
	}
	spin_unlock_irqrestore(&lock, irq);
}
