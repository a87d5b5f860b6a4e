// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutexes: the holder hands over to the first in the queue, so none overtakes.
 */
#include "lwk/include/proc/mutex.h"

#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/thread.h"

/* On the stack of a thread that waits. */
struct waiter {
	struct list_node link;
	struct thread *thread;
	bool granted;
};

void mutex_init(struct mutex *mutex, const char *name)
{
	spin_lock_init(&mutex->lock, LOCK_RANK_MUTEX, name);
	mutex->owner = NULL;
	list_init(&mutex->waiters);
}

static void wait_for_turn(const struct waiter *waiter)
{
	for (;;) {
		thread_prepare_wait();
		/* Acquire: what the former holders did; partner is mutex_unlock(). */
		if (__atomic_load_n(&waiter->granted, __ATOMIC_ACQUIRE))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
}

void mutex_lock(struct mutex *mutex)
{
	struct waiter waiter = { .thread = thread_current() };
	bool taken;
	u64 irq;

	perturb_point();
	irq = spin_lock_irqsave(&mutex->lock);
	taken = !mutex->owner;
	ASSERT(mutex->owner != waiter.thread);
	if (taken)
		mutex->owner = waiter.thread;
	else
		list_add_tail(&waiter.link, &mutex->waiters);
	spin_unlock_irqrestore(&mutex->lock, irq);
	if (!taken)
		wait_for_turn(&waiter);
	perturb_point();
}

void mutex_unlock(struct mutex *mutex)
{
	u64 irq = spin_lock_irqsave(&mutex->lock);
	struct list_node *link = list_pop(&mutex->waiters);
	struct waiter *waiter;

	ASSERT(mutex->owner == thread_current());
	mutex->owner = NULL;
	if (link) {
		struct thread *next;

		waiter = list_entry(link, struct waiter, link);
		next = waiter->thread;
		mutex->owner = next;
		/* Release: partner is wait_for_turn(), after which @waiter is gone. */
		__atomic_store_n(&waiter->granted, true, __ATOMIC_RELEASE);
		thread_wake(next);
	}
	spin_unlock_irqrestore(&mutex->lock, irq);
	perturb_point();
}

bool mutex_is_mine(const struct mutex *mutex)
{
	/* No other thread makes it ours, or takes it from us. */
	return READ_ONCE(mutex->owner) == thread_current();
}
