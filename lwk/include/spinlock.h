/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticket spinlocks: first come, first served.
 *
 * Every spinlock of the LWK is held with interrupts disabled, so an interrupt
 * handler may take any lock that the interrupted code does not hold, and the
 * rank order (lock_rank.h) is all there is to know. Keep sections short: no
 * allocation, no waiting, no access to user memory inside. NMI handlers and
 * panic() use spin_trylock() only.
 */
#ifndef LWK_SPINLOCK_H
#define LWK_SPINLOCK_H

#include "lwk/include/arch.h"
#include "lwk/include/assert.h"
#include "lwk/include/config.h"
#include "lwk/include/lock_rank.h"

/**
 * struct spinlock - a lock; initialise with SPINLOCK_INIT or spin_lock_init().
 * @next: the ticket that the next comer draws
 * @owner: the ticket that holds the lock; next == owner if nobody does
 * @holder: 1 + CPU number of the holder, 0 if none; written by the holder only
 * @rank: place in the lock order
 * @name: for messages
 */
struct spinlock {
	u32 next;
	u32 owner;
	u32 holder;
	u32 rank;
	const char *name;
};

#define SPINLOCK_INIT(rank_, name_) { .rank = (rank_), .name = (name_) }

/**
 * spin_lock_init() - make a lock ready for use.
 * @lock: memory of the lock, not in use
 * @rank: its place in the lock order
 * @name: a string that outlives the lock
 *
 * Context: any.
 */
static inline void spin_lock_init(struct spinlock *lock, enum lock_rank rank,
				  const char *name)
{
	*lock = (struct spinlock)SPINLOCK_INIT(rank, name);
}

/**
 * spin_lock_held() - does this CPU hold the lock?
 * @lock: the lock
 *
 * Context: any; for ASSERT(spin_lock_held(...)).
 * Return: true if so.
 */
static inline bool spin_lock_held(const struct spinlock *lock)
{
	return READ_ONCE(lock->holder) == arch_cpu_id() + 1;
}

/**
 * spin_lock() - take a lock, waiting for it.
 * @lock: the lock
 *
 * Context: interrupts disabled; ranks ascend.
 */
static inline void spin_lock(struct spinlock *lock)
{
	u32 ticket;

	if (CONFIG_DEBUG) {
		ASSERT(!arch_irqs_enabled());
		lock_rank_acquire(lock);
	}
	/* Relaxed: drawing a ticket orders nothing, holding it does. */
	ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
	/* Acquire: pairs with the release in spin_unlock(). */
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		arch_cpu_relax();
	WRITE_ONCE(lock->holder, arch_cpu_id() + 1);
}

/**
 * spin_trylock() - take a lock if it is free.
 * @lock: the lock
 *
 * Context: interrupts disabled. Without a rank check: it cannot deadlock.
 * Return: true if the caller holds the lock now.
 */
static inline __must_check bool spin_trylock(struct spinlock *lock)
{
	/* Acquire: pairs with the release in spin_unlock(). */
	u32 owner = __atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE);
	u32 ticket = owner;

	/*
	 * Relaxed: if the ticket being served is still the next to be drawn,
	 * then the load above saw the last holder's unlock.
	 */
	if (!__atomic_compare_exchange_n(&lock->next, &ticket, owner + 1, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return false;
	if (CONFIG_DEBUG)
		lock_rank_note(lock);
	WRITE_ONCE(lock->holder, arch_cpu_id() + 1);
	return true;
}

/**
 * spin_unlock() - give a lock back.
 * @lock: a lock that this CPU holds
 *
 * Context: interrupts disabled.
 */
static inline void spin_unlock(struct spinlock *lock)
{
	u32 owner = READ_ONCE(lock->owner);

	ASSERT(spin_lock_held(lock));
	if (CONFIG_DEBUG)
		lock_rank_release(lock);
	WRITE_ONCE(lock->holder, 0);
	/* Release: pairs with the acquire in spin_lock() and spin_trylock(). */
	__atomic_store_n(&lock->owner, owner + 1, __ATOMIC_RELEASE);
}

/**
 * spin_lock_irqsave() - disable interrupts, then take a lock.
 * @lock: the lock
 *
 * Context: any but NMI; ranks ascend.
 * Return: the interrupt state for spin_unlock_irqrestore().
 */
static inline __must_check u64 spin_lock_irqsave(struct spinlock *lock)
{
	u64 irq = arch_irq_save();

	spin_lock(lock);
	return irq;
}

/**
 * spin_unlock_irqrestore() - give a lock back, then restore interrupts.
 * @lock: a lock that this CPU holds
 * @irq: what the matching spin_lock_irqsave() returned
 *
 * Context: any but NMI.
 */
static inline void spin_unlock_irqrestore(struct spinlock *lock, u64 irq)
{
	spin_unlock(lock);
	arch_irq_restore(irq);
}

#endif
