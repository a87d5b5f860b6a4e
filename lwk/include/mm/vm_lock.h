/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A readers-writer lock whose readers do not meet: each CPU counts its own.
 *
 * Taken with interrupts enabled, and held with them enabled, over allocations
 * and TLB shoot-downs; it is outside every spinlock. A reader costs two atomic
 * operations on a line of its own CPU. A writer, and a reader that meets one,
 * queue for a ticket, so nobody starves; who waits for long sleeps. A reader must
 * not take it again.
 */
#ifndef LWK_MM_VM_LOCK_H
#define LWK_MM_VM_LOCK_H

#include "lwk/include/compiler.h"
#include "lwk/include/spinlock.h"
#include "lwk/lib/list.h"

/** VM_LOCK_SLOTS - counters of readers; CPUs beyond share them. */
#define VM_LOCK_SLOTS 32

/**
 * struct vm_lock - the lock; initialise with vm_lock_init().
 * @next: ticket that the next in the queue draws
 * @owner: ticket that is being served
 * @writer: 1 from when a writer was served until it leaves
 * @nsleepers: length of @sleepers, read without @guard
 * @sleepers: those who wait asleep
 * @guard: protects @sleepers, and keeps who is in it from leaving
 * @slots: readers inside, counted apart
 */
struct vm_lock {
	u32 next;
	u32 owner;
	u32 writer;
	u32 nsleepers;
	struct list_node sleepers;
	struct spinlock guard;
	struct {
		u32 readers;
	} __cacheline_aligned slots[VM_LOCK_SLOTS];
};

/**
 * vm_lock_init() - make a lock that nobody holds.
 * @lock: its memory
 *
 * Context: any.
 */
void vm_lock_init(struct vm_lock *lock);

/**
 * vm_lock_read() - enter as a reader.
 * @lock: the lock
 *
 * Context: interrupts enabled, no spinlock held, not inside already.
 * Return: token for vm_unlock_read(), which may be called on another CPU.
 */
u32 vm_lock_read(struct vm_lock *lock) __must_check;

/**
 * vm_unlock_read() - leave as a reader.
 * @lock: the lock
 * @token: what vm_lock_read() returned
 *
 * Context: no spinlock held.
 */
void vm_unlock_read(struct vm_lock *lock, u32 token);

/**
 * vm_lock_write() - enter alone.
 * @lock: the lock
 *
 * Context: interrupts enabled, no spinlock held, not inside already.
 */
void vm_lock_write(struct vm_lock *lock);

/**
 * vm_unlock_write() - leave as the writer.
 * @lock: the lock
 *
 * Context: no spinlock held.
 */
void vm_unlock_write(struct vm_lock *lock);

/**
 * vm_lock_downgrade() - the writer becomes a reader: others may read, and nobody wrote in between.
 * @lock: the lock
 *
 * Context: the writer, no spinlock held.
 * Return: token for vm_unlock_read().
 */
u32 vm_lock_downgrade(struct vm_lock *lock) __must_check;

/**
 * vm_lock_is_write_held() - is a writer inside?
 * @lock: the lock
 *
 * Context: any; for ASSERT().
 * Return: true if so.
 */
static inline bool vm_lock_is_write_held(const struct vm_lock *lock)
{
	return READ_ONCE(lock->writer);
}

#endif
