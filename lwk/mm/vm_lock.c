// SPDX-License-Identifier: GPL-2.0-only
/*
 * The readers-writer lock of an address space; see vm_lock.h.
 *
 * A reader announces itself in its slot, then looks for a writer; a writer
 * announces itself, then looks at the slots. Both steps are sequentially
 * consistent, so at least one of two sees the other. The ticket is held by a
 * writer for all its time, and by a queued reader until it is in its slot.
 *
 * A writer may wait for Linux, and Linux for a thread of the same CPU: so those who
 * wait let other threads run.
 */
#include "lwk/include/mm/vm_lock.h"

#include "lwk/include/arch.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/thread.h"
#include "lwk/mm/internal.h"

static void let_others_run(void)
{
	/* What it waits for may take long, and is itself watched. */
	monitor_touch();
	/* Alone, a thread that yields would only find that out, over and over. */
	if (thread_current() && thread_should_yield())
		thread_yield();
	else
		arch_cpu_relax();
}

static void take_ticket(struct vm_lock *lock)
{
	/* Relaxed: drawing a ticket orders nothing, being served does. */
	u32 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	/* Acquire: pairs with the release in pass_ticket(). */
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		let_others_run();
}

static void pass_ticket(struct vm_lock *lock)
{
	u32 owner = READ_ONCE(lock->owner);

	/* Release: pairs with the acquire in take_ticket(). */
	__atomic_store_n(&lock->owner, owner + 1, __ATOMIC_RELEASE);
}

u32 vm_lock_read(struct vm_lock *lock)
{
	u32 *readers;
	u32 slot;

	DEBUG_ASSERT(arch_irqs_enabled());
	perturb_point();
	slot = arch_cpu_id() % VM_LOCK_SLOTS;
	readers = &lock->slots[slot].readers;
	/* Sequentially consistent: partner of vm_lock_write(). */
	__atomic_fetch_add(readers, 1, __ATOMIC_SEQ_CST);
	if (likely(!__atomic_load_n(&lock->writer, __ATOMIC_SEQ_CST)))
		return slot;

	/* Release: a writer may have seen this reader and wait for it. */
	__atomic_fetch_sub(readers, 1, __ATOMIC_RELEASE);
	take_ticket(lock);
	__atomic_fetch_add(readers, 1, __ATOMIC_SEQ_CST);
	pass_ticket(lock);
	return slot;
}

void vm_unlock_read(struct vm_lock *lock, u32 token)
{
	/* Release: pairs with the acquire in vm_lock_write(). */
	u32 readers = __atomic_fetch_sub(&lock->slots[token].readers, 1, __ATOMIC_RELEASE);

	ASSERT(readers);
	perturb_point();
}

/* Slots that CPUs have. Each is a cache line: of those that nobody uses, none is looked at. */
static u32 slots_used(void)
{
	/* All of them as long as the CPUs are not known: there are none then. */
	return MIN(page_topology.ncpus - 1, VM_LOCK_SLOTS - 1U) + 1;
}

void vm_lock_write(struct vm_lock *lock)
{
	u32 nslots = slots_used();
	u32 i;

	DEBUG_ASSERT(arch_irqs_enabled());
	perturb_point();
	take_ticket(lock);
	/* Sequentially consistent: partner of vm_lock_read(). */
	__atomic_store_n(&lock->writer, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < nslots; i++) {
		while (__atomic_load_n(&lock->slots[i].readers, __ATOMIC_SEQ_CST))
			let_others_run();
	}
	perturb_point();
}

u32 vm_lock_downgrade(struct vm_lock *lock)
{
	u32 slot = arch_cpu_id() % VM_LOCK_SLOTS;

	ASSERT(vm_lock_is_write_held(lock));
	/* Relaxed: the next writer looks here after it got the ticket, which orders both. */
	__atomic_fetch_add(&lock->slots[slot].readers, 1, __ATOMIC_RELAXED);
	/* Release: pairs with the load of @writer in vm_lock_read(). */
	__atomic_store_n(&lock->writer, 0, __ATOMIC_RELEASE);
	pass_ticket(lock);
	perturb_point();
	return slot;
}

void vm_unlock_write(struct vm_lock *lock)
{
	ASSERT(vm_lock_is_write_held(lock));
	/* Release: pairs with the load of @writer in vm_lock_read(). */
	__atomic_store_n(&lock->writer, 0, __ATOMIC_RELEASE);
	pass_ticket(lock);
	perturb_point();
}
