// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of the lock order in debug builds; see lock_rank.h.
 *
 * Each CPU keeps the locks that it holds in an array of its own, which only it
 * touches, with interrupts disabled.
 */
#include "lwk/include/lock_rank.h"

#include "abi/limits.h"
#include "lwk/include/spinlock.h"

/* More than any path takes; ranks ascend, so there cannot be more than ranks. */
#define MAX_HELD LOCK_RANK_COUNT

/* owner CPU only */
struct held_locks {
	u32 depth;
	const struct spinlock *locks[MAX_HELD];
} __cacheline_aligned;

static struct held_locks held_locks[IHK_MAX_CPUS];

void lock_rank_note(const struct spinlock *lock)
{
	struct held_locks *held = &held_locks[arch_cpu_id()];
	u32 slot = held->depth;

	if (lock->rank == LOCK_RANK_NONE ||
	    lock->rank >= LOCK_RANK_COUNT)
		panic("lock: %s has no valid rank (%u)",
		      lock->name ? lock->name : "?", lock->rank);
	ASSERT(slot < MAX_HELD);
	/* Claim the slot first: an NMI in between notes its lock above it. */
	WRITE_ONCE(held->depth, slot + 1);
	barrier();
	held->locks[slot] = lock;
}

void lock_rank_acquire(const struct spinlock *lock)
{
	const struct held_locks *held = &held_locks[arch_cpu_id()];
	u32 i;

	for (i = 0; i < held->depth; i++) {
		if (held->locks[i]->rank >= lock->rank)
			panic("lock: %s (rank %u) taken while holding %s (rank %u)",
			      lock->name, lock->rank, held->locks[i]->name,
			      held->locks[i]->rank);
	}
	lock_rank_note(lock);
}

void lock_rank_release(const struct spinlock *lock)
{
	struct held_locks *held = &held_locks[arch_cpu_id()];
	u32 i;

	for (i = held->depth; i > 0; i--) {
		if (held->locks[i - 1] == lock)
			break;
	}
	if (!i)
		panic("lock: %s given back but not held", lock->name);
	held->depth--;
	for (; i <= held->depth; i++)
		held->locks[i - 1] = held->locks[i];
}

u32 lock_rank_depth(void)
{
	return held_locks[arch_cpu_id()].depth;
}
