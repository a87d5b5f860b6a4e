// SPDX-License-Identifier: GPL-2.0-only
/* Calls on memory that is nobody else's: what others may do beside them, and what has to wait. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>

#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/thread.h"
#include "tests/unit/vm_one.h"

/* Another thread faults, and one that maps finds the lock taken, while CPUs forget what went. */
static void fault_beside(paddr_t root, vaddr_t start, u64 len)
{
	(void)root;
	CHECK(start == BASE && len == P(4));
	CHECK(!vm_lock_is_write_held(&vm->lock));
	CHECK_EQ(vm_fault(vm, BASE + P(6), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), -EFAULT);
	CHECK_EQ(vm_ledger_used(), 8);
}

static void unmapping_lets_others_fault(void)
{
	init();
	CHECK_EQ(map(BASE, P(8), RW, PRIVATE), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(4), VM_WRITE), 0);
	shim_tlb_user_hook = fault_beside;
	CHECK_EQ(vm_unmap_own(vm, BASE, P(4)), 0);
	shim_tlb_user_hook = NULL;
	CHECK_EQ(vm_ledger_used(), 4);
	fixture_destroy(&fixture);
}

/* Likewise; what is touched again beside it is new. */
static void fault_again(paddr_t root, vaddr_t start, u64 len)
{
	(void)root;
	CHECK(start == BASE && len == P(4));
	CHECK(!vm_lock_is_write_held(&vm->lock));
	CHECK_EQ(vm_fault(vm, BASE + P(1), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(6), VM_WRITE), 0);
}

static void dropping_lets_others_fault(void)
{
	struct vm_stats stats;

	init();
	CHECK_EQ(map(BASE, P(8), RW, PRIVATE | MAP_NORESERVE), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(4), VM_WRITE), 0);
	shim_tlb_user_hook = fault_again;
	CHECK_EQ(vm_advise_own(vm, BASE, P(4), MADV_DONTNEED), 0);
	shim_tlb_user_hook = NULL;
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[0], 2);
	CHECK_EQ(vm_ledger_used(), 2);
	/* A hole is told of when the rest is done; what is locked ends it. */
	CHECK_EQ(vm_advise_own(vm, BASE, P(9), MADV_DONTNEED), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(4), VM_WRITE), 0);
	CHECK_EQ(vm_mlock(vm, BASE + P(2), P(1), 0), 0);
	CHECK_EQ(vm_advise_own(vm, BASE, P(4), MADV_DONTNEED), -EINVAL);
	CHECK_EQ(vm_ledger_used(), 2);
	fixture_destroy(&fixture);
}

/* While somebody else is about to map, places are not taken from under him. */
static void places_are_held(void)
{
	const struct vm_map_args args = { .len = P(2), .prot = RW,
					  .flags = MAP_PRIVATE | MAP_ANONYMOUS };
	vaddr_t addr;

	init();
	vm_hold_places(vm);
	CHECK_EQ(vm_map_own(vm, &args, &addr), -EXDEV);
	CHECK_EQ(vm_map_empty(vm, &args, &addr), 0);
	vm_release_places(vm);
	CHECK_EQ(vm_map_own(vm, &args, &addr), 0);
	vm_set_brk(vm, BASE, 0);
	vm_hold_places(vm);
	CHECK_EQ(vm_brk_own(vm, BASE + P(2), &addr), -EXDEV);
	CHECK_EQ(vm_brk(vm, BASE + P(2)), BASE + P(2));
	/* What is given up, or only asked, is nobody's place. */
	CHECK(!vm_brk_own(vm, 0, &addr) && addr == BASE + P(2));
	CHECK(!vm_brk_own(vm, BASE + P(1), &addr) && addr == BASE + P(1));
	vm_release_places(vm);
	CHECK(!vm_brk_own(vm, BASE + P(2), &addr) && addr == BASE + P(2));
	fixture_destroy(&fixture);
}

static u32 pages_left;

static bool ends_soon(void)
{
	return !pages_left--;
}

/* Who has to end makes no more pages, however many were asked for. */
static void populating_ends_with_its_thread(void)
{
	struct vm_stats stats;

	init();
	CHECK_EQ(map(BASE, P(8), RW, PRIVATE), 0);
	vm->in_vain = ends_soon;
	pages_left = 2;
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(8), VM_WRITE), -EINTR);
	pages_left = 3;
	CHECK_EQ(vm_mlock(vm, BASE, P(8), 0), -EINTR);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[0], 3);
	/* Failures of single ranges are passed over, this is none. */
	pages_left = 4;
	CHECK_EQ(vm_populate_any(vm, BASE, BASE + P(8), true), -EINTR);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[0], 4);
	pages_left = 8;
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(8), VM_WRITE), 0);
	vm->in_vain = NULL;
	fixture_destroy(&fixture);
}

/* After the first page another thread takes the third and the fourth. */
static bool unmap_beside(void)
{
	if (!pages_left--)
		CHECK_EQ(vm_unmap(vm, BASE + P(2), P(2)), 0);
	return false;
}

static void locking_passes_over_what_is_unmapped_beside_it(void)
{
	struct vm_stats stats;

	init();
	CHECK_EQ(map(BASE, P(8), RW, PRIVATE), 0);
	vm->in_vain = unmap_beside;
	pages_left = 1;
	CHECK_EQ(vm_mlock(vm, BASE, P(8), 0), 0);
	vm->in_vain = NULL;
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[0], 6);
	CHECK_EQ(stats.locked, 6);
	/* One that it finds is reported. */
	CHECK_EQ(vm_mlock(vm, BASE, P(8), 0), -ENOMEM);
	fixture_destroy(&fixture);
}

static struct boot_monitor monitor;

void *shim_this_cpu(void)
{
	static struct percpu cpu = { .monitor = &monitor };

	return &cpu;
}

static bool is_waiting;
static u32 looks;

/* Alone at first; then who has the lock is through with it. */
u64 time_ns(void)
{
	if (is_waiting && ++looks == 10)
		vm_unlock_write(&vm->lock);
	return 1;
}

struct thread *thread_current(void)
{
	static struct thread waits;

	return is_waiting ? &waits : NULL;
}

static void waiting_for_the_lock_is_progress(void)
{
	init();
	vm_lock_write(&vm->lock);
	monitor.counter = 0;
	is_waiting = true;
	vm_unlock_read(&vm->lock, vm_lock_read(&vm->lock));
	is_waiting = false;
	CHECK_EQ(monitor.counter, 10);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(unmapping_lets_others_fault),
	UNIT_TEST(dropping_lets_others_fault),
	UNIT_TEST(places_are_held),
	UNIT_TEST(populating_ends_with_its_thread),
	UNIT_TEST(locking_passes_over_what_is_unmapped_beside_it),
	UNIT_TEST(waiting_for_the_lock_is_progress),
};

UNIT_MAIN(tests)
