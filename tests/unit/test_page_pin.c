// SPDX-License-Identifier: GPL-2.0-only
/* Pages that Linux uses when it has unmapped them: whose they stay, and when they are free. */
#include "lwk/include/mm/page_pin.h"

#include <errno.h>

#include "tests/unit/vm_fork_fixture.h"

/* What Linux finds in use as it lets go, as REVOKE tells it. */
static paddr_t in_use;
static u32 revoked;

static void revoke(struct vm *space, vaddr_t start, vaddr_t end)
{
	CHECK(space == vm && start < end);
	revoked++;
	if (in_use)
		CHECK_EQ(page_pin(in_use, 1), 0);
	in_use = 0;
}

static void begin(void)
{
	init(NODE_LEN);
	vm->revoke = revoke;
	in_use = 0;
	revoked = 0;
}

static void share(vaddr_t addr)
{
	struct vm_extent extent;

	CHECK_EQ(vm_share(vm, addr, true, &extent), 0);
}

static u64 *word(paddr_t pa)
{
	return phys_to_virt(pa);
}

/* Takes all memory that there is, and writes to it. */
static void use_up(void)
{
	struct page *pages[NODE_LEN / PAGE_LEN];
	u32 n = 0;

	while ((pages[n] = page_alloc(0, 0, 0)))
		*(u64 *)page_virt(pages[n++]) = ~0ULL;
	while (n)
		page_free(pages[--n], 0);
}

static void outlives_its_mapping(void)
{
	u64 before, free_pages;
	paddr_t pa;

	begin();
	before = vm_ledger_used();
	CHECK_EQ(map(BASE, P(4), RW, PRIVATE), 0);
	put(vm, BASE + P(1), 1);
	share(BASE + P(1));
	pa = where(vm, BASE + P(1));
	in_use = pa;
	CHECK_EQ(vm_unmap(vm, BASE, P(4)), 0);
	CHECK_EQ(revoked, 1);
	CHECK_EQ(page_pinned(0), 1);
	CHECK_EQ(vm_ledger_used(), before + 1);
	use_up();
	CHECK_EQ(*word(pa), 1);
	free_pages = shim_free_pages();
	CHECK_EQ(page_unpin(pa, 1), 0);
	CHECK_EQ(shim_free_pages(), free_pages + 1);
	CHECK_EQ(vm_ledger_used(), before);
	CHECK_EQ(page_unpin(pa, 1), -EINVAL);
	fixture_destroy(&fixture);
}

/* A page of it keeps all of a large one, which is promised to nobody meanwhile. */
static void large_page(void)
{
	u64 before, free_pages;
	paddr_t pa;

	begin();
	before = vm_ledger_used();
	CHECK_EQ(map(BASE, LARGE, RW, PRIVATE), 0);
	put(vm, BASE + P(7), 7);
	CHECK_EQ(blocks(vm, 1), 1);
	pa = where(vm, BASE);
	CHECK_EQ(page_pin(pa + P(7), 3), 0);
	CHECK_EQ(vm_unmap(vm, BASE, LARGE), 0);
	CHECK_EQ(vm_ledger_used(), before + 512);
	use_up();
	CHECK_EQ(*word(pa + P(7)), 7);
	free_pages = shim_free_pages();
	CHECK_EQ(page_unpin(pa + P(8), 2), 0);
	CHECK_EQ(page_pinned(0), 1);
	CHECK_EQ(shim_free_pages(), free_pages);
	CHECK_EQ(page_unpin(pa + P(7), 1), 0);
	CHECK_EQ(shim_free_pages(), free_pages + 512);
	CHECK_EQ(vm_ledger_used(), before);
	fixture_destroy(&fixture);
}

/* The parent keeps what is in use, and the child has a copy: who wrote to it goes on doing so. */
static void fork_with_page_in_use(void)
{
	struct vm *child;
	paddr_t pa;

	begin();
	CHECK_EQ(map(BASE, P(4), RW, PRIVATE), 0);
	put(vm, BASE, 1);
	put(vm, BASE + P(1), 2);
	share(BASE);
	pa = where(vm, BASE);
	in_use = pa;
	child = fork_vm(vm);
	CHECK_EQ(revoked, 1);
	CHECK(where(child, BASE) != pa);
	CHECK_EQ(where(child, BASE + P(1)), where(vm, BASE + P(1)));
	*word(pa) = 11;
	CHECK_EQ(get(vm, BASE), 11);
	put(vm, BASE, 12);
	CHECK_EQ(*word(pa), 12);
	CHECK_EQ(get(child, BASE), 1);
	vm_put(child);
	CHECK_EQ(page_unpin(pa, 1), 0);
	fixture_check(vm);
	CHECK_EQ(vm_unmap(vm, BASE, P(4)), 0);
	/* Linux did not come back, so there is nothing that it would have to let go. */
	CHECK_EQ(revoked, 1);
	fixture_destroy(&fixture);
}

static void what_cannot_be_in_use(void)
{
	u64 free_pages;
	paddr_t pa;

	begin();
	CHECK_EQ(map(BASE, P(2), RW, PRIVATE), 0);
	put(vm, BASE, 1);
	pa = where(vm, BASE);
	CHECK_EQ(page_pin(0x8000000000ULL, 1), -EINVAL);
	CHECK_EQ(page_unpin(0x8000000000ULL, 1), -EINVAL);
	CHECK_EQ(page_unpin(pa, 1), -EINVAL);
	CHECK_EQ(vm_unmap(vm, BASE, P(2)), 0);
	free_pages = shim_free_pages();
	CHECK_EQ(page_pin(pa, 1), -EINVAL);
	page_drain_caches(0);
	CHECK_EQ(page_pin(pa, 1), -EINVAL);
	CHECK_EQ(shim_free_pages(), free_pages);
	CHECK_EQ(page_pinned(0), 0);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(outlives_its_mapping),
	UNIT_TEST(large_page),
	UNIT_TEST(fork_with_page_in_use),
	UNIT_TEST(what_cannot_be_in_use),
};

UNIT_MAIN(tests)
