// SPDX-License-Identifier: GPL-2.0-only
/* What the ledger has of forked address spaces, with promises and without. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>

#include "tests/unit/vm_fork_fixture.h"

/* Strict accounting: fork promises all that the child may write, or fails. */
static void promises(void)
{
	struct vm *child;

	init(NODE_LEN);
	vm_ledger_set_limit(100);
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE), 0);
	CHECK_EQ(vm_fork(vm, true, &child), -ENOMEM);
	fixture_check(vm);
	CHECK_EQ(vm_unmap(vm, BASE, P(10)), 0);
	child = fork_vm(vm);
	CHECK_EQ(vm_ledger_used(), 100);
	vm_put(child);
	/* What is not inherited costs nothing, what is wiped does. */
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE), 0);
	CHECK_EQ(vm_advise(vm, BASE, P(60), MADV_WIPEONFORK), 0);
	CHECK_EQ(vm_fork(vm, true, &child), -ENOMEM);
	CHECK_EQ(vm_advise(vm, BASE, P(20), MADV_DONTFORK), 0);
	child = fork_vm(vm);
	CHECK_EQ(vm_ledger_used(), 100);
	vm_put(child);

	/* What is booked as it is touched is so once, and each copy. */
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE | MAP_NORESERVE), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(55), VM_WRITE), 0);
	child = fork_vm(vm);
	CHECK_EQ(vm_ledger_used(), 55);
	CHECK_EQ(vm_populate(child, BASE, BASE + P(55), VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(vm_fault(vm, BASE + P(54), VM_WRITE), -ENOMEM);
	/* What nobody shares any more needs no copy. */
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	check_both(child);
	vm_put(child);
	CHECK_EQ(vm_ledger_used(), 55);
	CHECK_EQ(vm_unmap(vm, BASE, P(60)), 0);
	/* Shared memory is promised once. */
	CHECK_EQ(map(BASE, P(90), RW, SHARED), 0);
	child = fork_vm(vm);
	CHECK_EQ(vm_ledger_used(), 90);
	vm_put(child);
	fixture_destroy(&fixture);
}

static struct vm *fork_unpromised(struct vm *parent)
{
	struct vm *child;

	CHECK_EQ(vm_fork(parent, false, &child), 0);
	return child;
}

/* What cannot be promised twice is not promised at all any more, but booked. */
static void no_promises(void)
{
	struct vm *child;

	init(NODE_LEN);
	vm_ledger_set_limit(100);
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(40), VM_WRITE), 0);
	put(vm, BASE, 1);
	child = fork_unpromised(vm);
	check_both(child);
	CHECK_EQ(vm_ledger_used(), 40);
	CHECK(flags_at(vm, BASE) == VM_NORESERVE && flags_at(child, BASE) == VM_NORESERVE);
	put(child, BASE, 2);
	CHECK_EQ(vm_ledger_used(), 41);
	/* The last one takes the page as it is. */
	put(vm, BASE, 3);
	CHECK_EQ(vm_ledger_used(), 41);
	CHECK(get(vm, BASE) == 3 && get(child, BASE) == 2);
	CHECK_EQ(vm_populate(child, BASE, BASE + P(60), VM_WRITE), 0);
	CHECK_EQ(vm_ledger_used(), 100);
	/* Now it is for the touch to be refused. */
	CHECK_EQ(vm_fault(vm, BASE + P(59), VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_fault(vm, BASE + P(39), VM_WRITE), 0);
	check_both(child);
	vm_put(child);
	CHECK_EQ(vm_ledger_used(), 40);

	/* There is nothing left to be promised; what comes is, as ever. */
	child = fork_vm(vm);
	CHECK_EQ(vm_ledger_used(), 40);
	vm_put(child);
	CHECK_EQ(map(BASE + P(60), P(61), RW, PRIVATE), -ENOMEM);
	CHECK_EQ(map(BASE + P(60), P(60), RW, PRIVATE), 0);
	CHECK(flags_at(vm, BASE + P(60)) == VM_ACCOUNT);
	fixture_check(vm);
	CHECK_EQ(vm_unmap(vm, BASE, P(60)), 0);
	CHECK_EQ(vm_ledger_used(), 60);
	fixture_destroy(&fixture);
}

/* Who shares a block keeps it, whatever the other one maps in its place. */
static void replaced_without_promise(void)
{
	struct vm *child;

	init(NODE_LEN);
	vm_ledger_set_limit(100);
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE | MAP_POPULATE), 0);
	child = fork_unpromised(vm);
	CHECK_EQ(map(BASE, P(41), RW, PRIVATE), -ENOMEM);
	CHECK_EQ(map(BASE, P(40), RW, PRIVATE), 0);
	CHECK_EQ(vm_ledger_used(), 100);
	check_both(child);
	vm_put(child);
	/* Of the blocks below nothing is left. */
	CHECK_EQ(vm_ledger_used(), 60);
	fixture_check(vm);
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE), 0);
	CHECK_EQ(vm_ledger_used(), 60);
	fixture_destroy(&fixture);
}

static u64 allocations;

static bool count_allocation(void)
{
	allocations++;
	return false;
}

/* What cannot be had is not begun: others might be refused for it. */
static void refused_large_page(void)
{
	struct vm *child;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	vm_ledger_set_limit(512 + 511);
	child = fork_unpromised(vm);
	mm_set_fault_hook(count_allocation);
	CHECK_EQ(vm_fault(child, BASE, VM_WRITE), -ENOMEM);
	mm_set_fault_hook(NULL);
	CHECK_EQ(allocations, 0);
	check_both(child);
	vm_ledger_set_limit(2 * 512);
	CHECK_EQ(vm_fault(child, BASE, VM_WRITE), 0);
	check_both(child);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* Only what both have. Neighbours that become alike are one. */
static void kinds_without_promise(void)
{
	struct vm_stats stats;
	struct vm *child;

	init(NODE_LEN);
	vm_ledger_set_limit(100);
	CHECK_EQ(map(BASE, P(70), RW, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(70), P(10), RW, PRIVATE | MAP_NORESERVE), 0);
	CHECK_EQ(map(BASE + P(100), P(20), RW, SHARED | MAP_POPULATE), 0);
	CHECK_EQ(vm_advise(vm, BASE, P(10), MADV_DONTFORK), 0);
	CHECK_EQ(vm_advise(vm, BASE + P(10), P(10), MADV_WIPEONFORK), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(30), VM_WRITE), 0);
	child = fork_unpromised(vm);
	check_both(child);
	CHECK_EQ(vm_ledger_used(), 10 + 10 + 10 + 20);
	CHECK(flags_at(vm, BASE) == VM_ACCOUNT && flags_at(vm, BASE + P(10)) == VM_ACCOUNT);
	CHECK(flags_at(vm, BASE + P(20)) == VM_NORESERVE);
	CHECK(flags_at(child, BASE + P(10)) == VM_NORESERVE);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.ranges, 4);
	put(child, BASE + P(10), 1);
	CHECK_EQ(vm_ledger_used(), 51);
	check_both(child);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* Who shares with such processes and was promised its copies gets them, whoever came first. */
static void promised_sharer(void)
{
	struct vm *child, *grandchild;

	init(NODE_LEN);
	vm_ledger_set_limit(100);
	CHECK_EQ(map(BASE, P(40), RW, PRIVATE | MAP_POPULATE), 0);
	child = fork_vm(vm);
	CHECK_EQ(vm_ledger_used(), 80);
	grandchild = fork_unpromised(child);
	/* The promise of the first one, and the blocks of the others. */
	CHECK_EQ(vm_ledger_used(), 80);
	CHECK_EQ(vm_populate(grandchild, BASE, BASE + P(40), VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(40), VM_WRITE), 0);
	CHECK_EQ(vm_ledger_used(), 100);
	fixture_check_all((struct vm *[]){ vm, child, grandchild }, 3);
	vm_put(child);
	/* What nobody else has is taken; the ledger has it once more than need be. */
	CHECK_EQ(vm_populate(grandchild, BASE, BASE + P(40), VM_WRITE), 0);
	check_both(grandchild);
	vm_put(grandchild);
	fixture_check(vm);
	fixture_destroy(&fixture);
}

/* The ledger knows all that is in use: nobody is promised it a second time. */
static void promise_of_a_bystander(void)
{
	struct vm *bystander, *child;
	vaddr_t out;
	u64 rest;

	init(NODE_LEN);
	bystander = fork_vm(vm);
	CHECK_EQ(map(BASE, 18 * LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	child = fork_unpromised(vm);
	rest = vm_ledger_limit() - vm_ledger_used() - 512;
	CHECK_EQ(fixture_map(bystander, BASE, P(rest), RW, PRIVATE, &out), 0);
	CHECK_EQ(vm_populate(child, BASE, BASE + 18 * LARGE, VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_populate(vm, BASE, BASE + 18 * LARGE, VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_populate(bystander, BASE, BASE + P(rest), VM_WRITE), 0);
	fixture_check_all((struct vm *[]){ vm, child, bystander }, 3);
	vm_put(bystander);
	CHECK_EQ(vm_populate(vm, BASE, BASE + 10 * LARGE, VM_WRITE), 0);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* Of a block that somebody keeps all is booked, also what is unmapped; its copy needs room. */
static void kept_without_promise(void)
{
	struct page *page;
	struct vm *child;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	CHECK_EQ(vm_get_page(vm, BASE + P(7), true, &page), 0);
	CHECK_EQ(vm_unmap(vm, BASE + P(100), P(412)), 0);
	put(vm, BASE + P(7), 7);
	vm_ledger_set_limit(100);
	CHECK_EQ(vm_fork(vm, false, &child), -ENOMEM);
	fixture_check(vm);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK(flags_at(vm, BASE) == VM_ACCOUNT);
	vm_ledger_set_limit(120 + 99);
	CHECK_EQ(map(BASE + LARGE, P(20), RW, PRIVATE), 0);
	CHECK_EQ(vm_fork(vm, false, &child), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 120);
	vm_ledger_set_limit(120 + 100);
	child = fork_unpromised(vm);
	check_both(child);
	CHECK_EQ(vm_ledger_used(), 512 + 100);
	CHECK_EQ(get(child, BASE + P(7)), 7);
	vm_put(child);
	vm_put_page(page);
	CHECK_EQ(vm_ledger_used(), 512);
	CHECK_EQ(vm_unmap(vm, BASE, 2 * LARGE), 0);
	CHECK_EQ(vm_ledger_used(), 0);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(promises),
	UNIT_TEST(no_promises),
	UNIT_TEST(replaced_without_promise),
	UNIT_TEST(refused_large_page),
	UNIT_TEST(kinds_without_promise),
	UNIT_TEST(promised_sharer),
	UNIT_TEST(promise_of_a_bystander),
	UNIT_TEST(kept_without_promise),
};

UNIT_MAIN(tests)
