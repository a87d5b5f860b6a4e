// SPDX-License-Identifier: GPL-2.0-only
/* Shared anonymous memory: mappings of one object in several places and spaces. */
#include "lwk/mm/vm_shmem.h"

#include <errno.h>

#include "tests/unit/vm_fork_fixture.h"

static void mappings(void)
{
	struct vm *child;
	vaddr_t twin;
	u8 vec[2];

	init(NODE_LEN);
	CHECK_EQ(map(BASE, 2 * LARGE + P(4), RW, SHARED), 0);
	CHECK_EQ(vm_ledger_used(), 1028);
	child = fork_vm(vm);
	put(child, BASE + P(3), 3);
	CHECK_EQ(get(vm, BASE + P(3)), 3);
	CHECK_EQ(vm_mincore(vm, BASE + 2 * LARGE, P(2), vec), 0);
	CHECK(!vec[0] && !vec[1]);
	put(child, BASE + 2 * LARGE, 5);
	CHECK_EQ(vm_mincore(vm, BASE + 2 * LARGE, P(2), vec), 0);
	CHECK(vec[0] && !vec[1]);
	/* A second mapping of a part; not congruent, so in small pages; longer than it is. */
	CHECK_EQ(vm_remap(vm, &(struct vm_remap_args){ BASE + P(2), 0, 2 * LARGE + P(4),
			  MREMAP_MAYMOVE, 0 }, &twin), 0);
	CHECK_EQ(get(vm, twin + P(1)), 3);
	put(vm, twin + P(1), 4);
	CHECK_EQ(get(child, BASE + P(3)), 4);
	CHECK(blocks(vm, 1) == 1 && blocks(vm, 0) > 0 && blocks(child, 1) == 1);
	CHECK_EQ(vm_fault(vm, twin + 2 * LARGE + P(1), VM_READ), 0);
	CHECK_EQ(vm_fault(vm, twin + 2 * LARGE + P(2), VM_READ), -ENXIO);
	CHECK_EQ(vm_advise(vm, twin, 2 * LARGE + P(4), MADV_POPULATE_READ), -EFAULT);
	CHECK_EQ(vm_mlock(vm, twin, 2 * LARGE + P(4), 0), -ENOMEM);
	CHECK_EQ(vm_munlock(vm, twin, 2 * LARGE + P(4)), 0);
	check_both(child);

	/* Cut off for one, kept for the other; lost for all. */
	CHECK_EQ(vm_advise(vm, BASE, LARGE, MADV_DONTNEED), 0);
	CHECK_EQ(get(vm, BASE + P(3)), 4);
	CHECK_EQ(vm_advise(vm, BASE + P(3), P(2), MADV_REMOVE), 0);
	CHECK(!get(child, BASE + P(3)) && !get(vm, twin + P(1)) && !get(vm, BASE + P(3)));
	check_both(child);
	CHECK_EQ(vm_ledger_used(), 1028);
	CHECK_EQ(vm_unmap(vm, BASE, 2 * LARGE + P(4)), 0);
	CHECK_EQ(vm_unmap(vm, twin, 2 * LARGE + P(4)), 0);
	CHECK_EQ(get(child, BASE + 2 * LARGE), 5);
	vm_put(child);
	CHECK_EQ(vm_ledger_used(), 0);
	fixture_destroy(&fixture);
}

/* Removed from the only mapping, pages are given back. */
static void removal(void)
{
	u64 before, kept;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, 2 * LARGE, RW, SHARED | MAP_NORESERVE | MAP_POPULATE), 0);
	CHECK_EQ(vm_ledger_used(), 1024);
	put(vm, BASE + P(3), 3);
	before = shim_free_pages();
	CHECK_EQ(vm_advise(vm, BASE + P(4), P(1000), MADV_REMOVE), 0);
	CHECK_EQ(vm_ledger_used(), 24);
	kept = before + 1000 - shim_free_pages();
	CHECK(kept < 8); /* tables */
	CHECK(get(vm, BASE + P(3)) == 3 && get(vm, BASE + P(4)) == 0);
	fixture_check(vm);
	/* Beyond the end there is nothing to remove. */
	CHECK_EQ(vm_remap(vm, &(struct vm_remap_args){ BASE, 2 * LARGE, 3 * LARGE, 0, 0 },
			  &(vaddr_t){ 0 }), 0);
	CHECK_EQ(vm_advise(vm, BASE, 3 * LARGE, MADV_REMOVE), 0);
	CHECK_EQ(vm_fault(vm, BASE + 2 * LARGE, VM_WRITE), -ENXIO);
	fixture_check(vm);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(mappings),
	UNIT_TEST(removal),
};

UNIT_MAIN(tests)
