// SPDX-License-Identifier: GPL-2.0-only
/*
 * The readers-writer lock of an address space; see vm_lock.h.
 *
 * A reader announces itself in its slot, then looks for a writer; a writer
 * announces itself, then looks at the slots. Both steps are sequentially
 * consistent, so at least one of two sees the other. The ticket is held by a
 * writer for all its time, and by a queued reader until it is in its slot.
 *
 * A writer may wait for Linux, and Linux for a thread of the same CPU: who waits for
 * long, or where others want to run, sleeps. Of all who wait at most one can go on: the
 * one whose ticket is served. Whoever makes that true looks for sleepers after it, and
 * who falls asleep announces itself before its last look, both in sequential order.
 */
#include "lwk/include/mm/vm_lock.h"

#include "lwk/include/arch.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/thread.h"
#include "lwk/mm/internal.h"

/* As long as those who hold the lock take who do not wait for Linux themselves. */
#define SPIN_NS (50 * NSEC_PER_USEC)

/* What somebody waits for; on its stack. */
struct vm_lock_wait {
	struct list_node link;
	struct thread *thread;
	struct vm_lock *lock;
	u32 ticket;
	bool drains;
};

void vm_lock_init(struct vm_lock *lock)
{
	*lock = (struct vm_lock){ .guard = SPINLOCK_INIT(LOCK_RANK_VM_LOCK, "vm lock") };
	list_init(&lock->sleepers);
}

/* Slots that CPUs have. Each is a cache line: of those that nobody uses, none is looked at. */
static u32 slots_used(void)
{
	/* All of them as long as the CPUs are not known: there are none then. */
	return MIN(page_topology.ncpus - 1, VM_LOCK_SLOTS - 1U) + 1;
}

static bool has_readers(const struct vm_lock *lock)
{
	u32 nslots = slots_used();

	for (u32 i = 0; i < nslots; i++)
		if (__atomic_load_n(&lock->slots[i].readers, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

/* Sequentially consistent: partner of wake_next(). */
static bool may_go_on(const struct vm_lock_wait *wait)
{
	if (wait->drains)
		return !has_readers(wait->lock);
	return __atomic_load_n(&wait->lock->owner, __ATOMIC_SEQ_CST) == wait->ticket;
}

static void sleep(struct vm_lock_wait *wait)
{
	struct vm_lock *lock = wait->lock;
	u64 irq = spin_lock_irqsave(&lock->guard);

	list_add_tail(&wait->link, &lock->sleepers);
	/* Sequentially consistent: partner of wake_next(). */
	__atomic_fetch_add(&lock->nsleepers, 1, __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&lock->guard, irq);
	for (;;) {
		thread_prepare_wait();
		if (may_go_on(wait))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
	irq = spin_lock_irqsave(&lock->guard);
	list_del(&wait->link);
	WRITE_ONCE(lock->nsleepers, lock->nsleepers - 1);
	spin_unlock_irqrestore(&lock->guard, irq);
}

static void wait_for(struct vm_lock_wait *wait)
{
	u64 deadline = 0;

	while (!may_go_on(wait)) {
		/* What it waits for may take long, and is itself watched. */
		monitor_touch();
		if (wait->thread) {
			u64 now = time_ns();

			deadline = deadline ? deadline : now + SPIN_NS;
			if (thread_should_yield() || now >= deadline) {
				sleep(wait);
				return;
			}
		}
		arch_cpu_relax();
	}
}

/* The caller has just stored what a sleeper may wait for, in sequential order. */
static void wake_next(struct vm_lock *lock)
{
	struct vm_lock_wait *wait;
	u64 irq;

	if (likely(!__atomic_load_n(&lock->nsleepers, __ATOMIC_SEQ_CST)))
		return;
	irq = spin_lock_irqsave(&lock->guard);
	list_for_each(wait, &lock->sleepers, link) {
		if (may_go_on(wait)) {
			thread_wake(wait->thread);
			break;
		}
	}
	spin_unlock_irqrestore(&lock->guard, irq);
}

static void take_ticket(struct vm_lock *lock)
{
	struct vm_lock_wait wait = {
		.thread = thread_current(),
		.lock = lock,
		/* Relaxed: drawing a ticket orders nothing, being served does. */
		.ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED),
	};

	wait_for(&wait);
}

static void drain(struct vm_lock *lock)
{
	struct vm_lock_wait wait = {
		.thread = thread_current(),
		.lock = lock,
		.drains = true,
	};

	wait_for(&wait);
}

static void pass_ticket(struct vm_lock *lock)
{
	u32 owner = READ_ONCE(lock->owner);

	/* Sequentially consistent: partner of sleep(); and of may_go_on(), what is guarded. */
	__atomic_store_n(&lock->owner, owner + 1, __ATOMIC_SEQ_CST);
	wake_next(lock);
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

	/* A writer may have seen this reader and wait for it. */
	vm_unlock_read(lock, slot);
	take_ticket(lock);
	__atomic_fetch_add(readers, 1, __ATOMIC_SEQ_CST);
	pass_ticket(lock);
	return slot;
}

void vm_unlock_read(struct vm_lock *lock, u32 token)
{
	/* Sequentially consistent: partner of sleep(); and of drain(), what was read. */
	u32 readers = __atomic_fetch_sub(&lock->slots[token].readers, 1, __ATOMIC_SEQ_CST);

	ASSERT(readers);
	wake_next(lock);
	perturb_point();
}

void vm_lock_write(struct vm_lock *lock)
{
	DEBUG_ASSERT(arch_irqs_enabled());
	perturb_point();
	take_ticket(lock);
	/* Sequentially consistent: partner of vm_lock_read(). */
	__atomic_store_n(&lock->writer, 1, __ATOMIC_SEQ_CST);
	drain(lock);
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
