// SPDX-License-Identifier: GPL-2.0-only
/* What the model of forked address spaces cannot meet: page sizes, promises, failures, owners. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/vm_fork_fixture.h"

/* What the child has of its parent, and what not. */
static void inheritance(void)
{
	const struct vm_limits limits = { P(1000), P(900), P(800), P(700), true, P(900) };
	struct vm_stats stats;
	struct vm *child;

	init(NODE_LEN);
	vm_set_limits(vm, &limits);
	vm_set_brk(vm, BASE + P(1000) + 5, P(3));
	CHECK_EQ(vm_brk(vm, BASE + P(1010) + 7), BASE + P(1010) + 7);
	CHECK_EQ(map(BASE, P(10), RW, PRIVATE), 0);
	put(vm, BASE + P(2), 2);
	put(vm, BASE + P(4), 4);
	put(vm, BASE + P(6), 6);
	CHECK_EQ(vm_advise(vm, BASE + P(2), P(2), MADV_DONTFORK), 0);
	CHECK_EQ(vm_advise(vm, BASE + P(4), P(2), MADV_WIPEONFORK), 0);
	CHECK_EQ(vm_mlockall(vm, MCL_FUTURE), 0);
	CHECK_EQ(vm_mlock(vm, BASE + P(6), P(1), 0), 0);
	child = fork_vm(vm);
	check_both(child);

	CHECK_EQ(vm_fault(child, BASE + P(2), VM_READ), -EFAULT);
	CHECK_EQ(get(child, BASE + P(4)), 0);
	CHECK_EQ(get(child, BASE + P(6)), 6);
	vm_get_stats(child, &stats);
	CHECK_EQ(stats.locked, 0);
	CHECK_EQ(stats.total, 8 + 10);
	CHECK_EQ(stats.data, 8 + 10);
	/* 0-1, 4-5, and the unlocked 6 in one with 7-9; the heap. */
	CHECK_EQ(stats.ranges, 4);
	CHECK(!memcmp(&child->limits, &limits, sizeof(limits)));
	CHECK(child->mmap_base == vm->mmap_base && child->def_flags == 0);
	CHECK_EQ(vm_brk(child, 0), BASE + P(1010) + 7);
	CHECK_EQ(vm_brk(child, BASE + P(1000) + 5), BASE + P(1000) + 5);
	CHECK_EQ(vm_brk(child, BASE + P(1000) + 4), BASE + P(1000) + 5);
	/* What is wiped is so in the grandchild, too. */
	put(child, BASE + P(4), 44);
	vm_put(child);
	CHECK_EQ(get(vm, BASE + P(4)), 4);
	fixture_destroy(&fixture);
}

/* Shared whole, copied whole, and the last one keeps what there is. */
static void large_pages(void)
{
	struct vm *child;
	paddr_t page;
	u64 before;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, 4 * LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	put(vm, BASE + P(7), 7);
	page = where(vm, BASE);
	before = shim_free_pages();
	child = fork_vm(vm);
	check_both(child);
	/* Tables and the like, no memory. */
	CHECK(before - shim_free_pages() < 16);
	CHECK(blocks(child, 1) == 4 && !blocks(child, 0));
	CHECK(where(child, BASE) == page && where(vm, BASE) == page);

	put(child, BASE + P(8), 8);
	check_both(child);
	CHECK(where(vm, BASE) == page && where(child, BASE) != page);
	CHECK(get(child, BASE + P(7)) == 7 && get(vm, BASE + P(8)) == 0);
	CHECK(blocks(child, 1) == 4 && !blocks(child, 0));
	put(vm, BASE + P(9), 9);
	CHECK(where(vm, BASE) == page && blocks(vm, 1) == 4);

	/* The parent copies, the child is left with the page. */
	page = where(vm, BASE + LARGE);
	put(vm, BASE + LARGE, 1);
	CHECK(where(vm, BASE + LARGE) != page);
	put(child, BASE + LARGE, 2);
	CHECK(where(child, BASE + LARGE) == page);
	check_both(child);
	vm_put(child);
	page = where(vm, BASE + 2 * LARGE);
	before = shim_free_pages();
	put(vm, BASE + 2 * LARGE, 3);
	CHECK(where(vm, BASE + 2 * LARGE) == page && shim_free_pages() == before);
	fixture_destroy(&fixture);
}

/* Cutting what is shared copies it, so that all of the rest can be freed. */
static void cut_shared(void)
{
	struct vm *child;
	u64 before;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, 3 * LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	put(vm, BASE + P(5), 5);
	put(vm, BASE + LARGE + P(5), 5);
	put(vm, BASE + 2 * LARGE + P(5), 5);
	before = shim_free_pages();
	child = fork_vm(vm);
	CHECK_EQ(vm_unmap(child, BASE + P(6), P(500)), 0);
	check_both(child);
	CHECK(blocks(vm, 1) == 3 && blocks(child, 1) == 2 && blocks(child, 0) == 12);
	CHECK_EQ(vm_protect(child, BASE + LARGE, P(20), PROT_READ), 0);
	CHECK_EQ(vm_fault(child, BASE + LARGE + P(5), VM_WRITE), -EACCES);
	CHECK_EQ(vm_protect(child, BASE + LARGE, P(20), RW), 0);
	put(child, BASE + LARGE + P(5), 55);
	CHECK_EQ(vm_remap(child, &(struct vm_remap_args){ BASE + 2 * LARGE, LARGE, LARGE, 3,
			  BASE + (1ULL << 40) + P(1) }, &(vaddr_t){ 0 }), 0);
	CHECK_EQ(vm_advise(child, BASE + (1ULL << 40) + P(3), P(1), MADV_DONTNEED), 0);
	check_both(child);
	CHECK_EQ(get(child, BASE + P(5)), 5);
	CHECK_EQ(get(child, BASE + (1ULL << 40) + P(6)), 5);
	CHECK_EQ(get(child, BASE + (1ULL << 40) + P(3)), 0);
	vm_put(child);
	kmalloc_drain();
	CHECK_EQ(shim_free_pages(), before);
	CHECK(blocks(vm, 1) == 3 && get(vm, BASE + LARGE + P(5)) == 5);

	/* No access, shared, and access again. */
	CHECK_EQ(vm_protect(vm, BASE, LARGE, PROT_NONE), 0);
	child = fork_vm(vm);
	check_both(child);
	CHECK_EQ(vm_protect(child, BASE, LARGE, RW), 0);
	put(child, BASE + P(5), 6);
	CHECK_EQ(vm_protect(vm, BASE, LARGE, RW), 0);
	CHECK_EQ(get(vm, BASE + P(5)), 5);
	check_both(child);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* 1 GiB pages: shared, copied whole if there is one, else in pages of 2 MiB. */
static void huge_pages(void)
{
	const u32 huge_1g = MAP_HUGETLB | 30U << MAP_HUGE_SHIFT;
	struct vm *child, *other;
	u64 *words;

	init(4ULL << 30);
	CHECK_EQ(map(BASE, HUGE_PAGE_LEN, RW, PRIVATE | huge_1g), 0);
	put(vm, BASE + P(12345), 12345);
	CHECK_EQ(blocks(vm, 2), 1);
	child = fork_vm(vm);
	CHECK(blocks(child, 2) == 1 && where(vm, BASE) == where(child, BASE));
	put(child, BASE, 1);
	CHECK(blocks(child, 2) == 1 && where(vm, BASE) != where(child, BASE));
	CHECK(get(child, BASE + P(12345)) == 12345 && get(vm, BASE) == 0);
	check_both(child);
	vm_put(child);

	child = fork_vm(vm);
	/* Take away all blocks of 1 GiB but this. */
	other = fork_vm(vm);
	for (words = NULL; blocks(child, 2);) {
		struct page *block = page_alloc(0, PAGE_ORDER_1G, 0);

		if (!block) {
			put(child, BASE + P(7), 7);
			CHECK(!blocks(child, 2) && blocks(child, 1) == 512);
			break;
		}
		page_split_to(block, PAGE_ORDER_2M);
		for (u32 i = 0; i < 512; i += 2)
			page_free(&block[i * 512], PAGE_ORDER_2M);
		*(u64 **)page_virt(&block[512]) = words;
		words = page_virt(&block[512]);
	}
	CHECK(get(child, BASE + P(12345)) == 12345 && get(vm, BASE + P(7)) == 0);
	vm_put(other);
	check_both(child);
	vm_put(child);
	while (words) {
		struct page *block = page_of_paddr((paddr_t)((u8 *)words -
							     (u8 *)phys_to_virt(0))) - 512;

		words = *(u64 **)words;
		for (u32 i = 1; i < 512; i += 2)
			page_free(&block[i * 512], PAGE_ORDER_2M);
	}
	fixture_destroy(&fixture);
}

/* Without large blocks, small copies do; and what was a large page is freed at once. */
static void fragmented(void)
{
	static struct page *taken[64];
	struct vm *child;
	u32 n = 0;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	put(vm, BASE + P(3), 3);
	child = fork_vm(vm);
	for (struct page *block; (block = page_alloc(0, PAGE_ORDER_2M, 0)); n++) {
		page_split(block);
		for (u32 i = 1; i < 512; i += 2)
			page_free(&block[i], 0);
		taken[n] = block;
	}
	put(child, BASE + P(4), 4);
	CHECK(!blocks(child, 1) && blocks(child, 0) == 512 && blocks(vm, 1) == 1);
	CHECK(get(child, BASE + P(3)) == 3 && get(vm, BASE + P(4)) == 0);
	check_both(child);
	vm_put(child);
	while (n--) {
		for (u32 i = 0; i < 512; i += 2)
			page_free(&taken[n][i], 0);
	}
	fixture_destroy(&fixture);
}

/* Somebody keeps a page: it is the parent's, and the child has a copy. */
static void pins(void)
{
	struct page *page, *other;
	struct vm *child;
	u64 *words;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, 2 * LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	CHECK_EQ(vm_get_page(vm, BASE + P(7), true, &page), 0);
	words = page_virt(page);
	words[0] = 7;
	child = fork_vm(vm);
	check_both(child);
	/* A device writes; then the parent, which needs no fault. */
	words[0] = 77;
	CHECK_EQ(get(vm, BASE + P(7)), 77);
	CHECK_EQ(get(child, BASE + P(7)), 7);
	put(vm, BASE + P(7), 78);
	CHECK_EQ(words[0], 78);

	/* Of what is shared, whoever keeps a page has his own first, even to read. */
	CHECK(where(child, BASE + LARGE) == where(vm, BASE + LARGE));
	CHECK_EQ(vm_get_page(vm, BASE + LARGE, false, &other), 0);
	CHECK(where(child, BASE + LARGE) != where(vm, BASE + LARGE));
	put(vm, BASE + LARGE, 1);
	CHECK_EQ(*(u64 *)page_virt(other), 1);
	vm_put_page(other);
	vm_put(child);

	/* Cut while it is kept, and forked then. */
	CHECK_EQ(vm_unmap(vm, BASE + P(100), P(1)), 0);
	vm_put_page(page);
	child = fork_vm(vm);
	check_both(child);
	CHECK_EQ(get(child, BASE + P(7)), 78);
	put(child, BASE + P(7), 79);
	CHECK_EQ(get(vm, BASE + P(7)), 78);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* mlock and MAP_POPULATE want no faults afterwards. */
static void populate(void)
{
	struct vm *child;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, 2 * LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	child = fork_vm(vm);
	CHECK_EQ(vm_populate(child, BASE, BASE + 2 * LARGE, VM_READ), 0);
	CHECK(where(child, BASE + LARGE) == where(vm, BASE + LARGE));
	CHECK_EQ(vm_mlock(child, BASE + LARGE, LARGE, 0), 0);
	CHECK(where(child, BASE + LARGE) != where(vm, BASE + LARGE));
	CHECK(where(child, BASE) == where(vm, BASE));
	check_both(child);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* Allocation @fail_from fails, and from @fail_gap behind it on all others. */
static u64 fail_from, fail_gap, fail_at;

static bool fail_some(void)
{
	u64 n = fail_at++;

	return n == fail_from || (n > fail_from && n - fail_from >= fail_gap);
}

static void fail(u64 from, u64 gap)
{
	fail_from = from;
	fail_gap = gap;
	fail_at = 0;
	mm_set_fault_hook(fail_some);
}

/* All kinds of ranges and pages. */
static void make_everything(struct page **kept)
{
	CHECK_EQ(map(BASE, 3 * LARGE + P(5), RW, PRIVATE | MAP_POPULATE), 0);
	CHECK_EQ(map(BASE + 4 * LARGE, P(5), RW, SHARED | MAP_POPULATE), 0);
	CHECK_EQ(map(BASE + 5 * LARGE, P(5), RW, PRIVATE | MAP_NORESERVE | MAP_POPULATE), 0);
	CHECK_EQ(vm_advise(vm, BASE + LARGE + P(10), P(10), MADV_DONTFORK), 0);
	CHECK_EQ(vm_get_page(vm, BASE + P(7), true, kept), 0);
}

/* Fork and the first write to a kept or a shared large page, with allocations failing. */
static void failures(u64 gap, bool promised)
{
	u64 limit, used;
	struct page *kept;
	struct vm *child;
	u64 free_pages;
	u64 live, n;
	int err;

	init(NODE_LEN);
	make_everything(&kept);
	/* The first time splits what is at the edges; that stays. */
	vm_put(fork_vm(vm));
	CHECK_EQ(vm_populate(vm, BASE, BASE + 2 * LARGE, VM_WRITE), 0);
	kmalloc_drain();
	live = kmalloc_live();
	free_pages = shim_free_pages();
	limit = vm_ledger_limit();
	used = vm_ledger_used();
	for (n = 0;; n++) {
		/* Room for the copy of what is kept. */
		if (!promised)
			vm_ledger_set_limit(used + 512);
		fail(n, gap);
		err = vm_fork(vm, promised, &child);
		mm_set_fault_hook(NULL);
		vm_ledger_set_limit(limit);
		if (!err)
			break;
		CHECK_EQ(err, -ENOMEM);
		kmalloc_drain();
		CHECK(shim_free_pages() == free_pages && kmalloc_live() == live);
		CHECK_EQ(vm_ledger_used(), used);
		fixture_check(vm);
	}
	CHECK(n > 8);
	CHECK(flags_at(vm, BASE) == (promised ? VM_ACCOUNT : VM_NORESERVE));
	check_both(child);
	for (n = 0;; n++) {
		fail(n, gap);
		err = vm_fault(child, BASE + 2 * LARGE, VM_WRITE);
		mm_set_fault_hook(NULL);
		if (!err)
			break;
		CHECK_EQ(err, -ENOMEM);
		check_both(child);
	}
	vm_put(child);
	vm_put_page(kept);
	fixture_destroy(&fixture);
}

static void one_failure(void)
{
	failures(~0ULL, true);
}

static void one_failure_unpromised(void)
{
	failures(~0ULL, false);
}

/* Then no more at all. */
static void all_failures(void)
{
	failures(1, true);
}

static void all_failures_unpromised(void)
{
	failures(1, false);
}

/* No large block, and too few small ones. */
static void late_failures(void)
{
	failures(100, true);
}

static void late_failures_unpromised(void)
{
	failures(100, false);
}

/* Copying in parts fails at each of the parts. */
static u64 parts_left;

static bool fail_large_and_one(void)
{
	/* The first one is that of the large block. */
	return fail_at++ == 0 || fail_at == parts_left;
}

static void partial_copies(void)
{
	struct vm *child;
	u64 free_pages;

	init(NODE_LEN);
	CHECK_EQ(map(BASE, LARGE, RW, PRIVATE | MAP_POPULATE), 0);
	put(vm, BASE + P(3), 3);
	child = fork_vm(vm);
	free_pages = shim_free_pages();
	for (parts_left = 2; parts_left < 2 + 513; parts_left += 73) {
		fail_at = 0;
		mm_set_fault_hook(fail_large_and_one);
		CHECK_EQ(vm_fault(child, BASE, VM_WRITE), -ENOMEM);
		mm_set_fault_hook(NULL);
		CHECK_EQ(shim_free_pages(), free_pages);
		check_both(child);
	}
	/* So does cutting, with no effect. */
	fail(200, ~0ULL);
	CHECK_EQ(vm_unmap(child, BASE + P(6), P(1)), -ENOMEM);
	mm_set_fault_hook(NULL);
	check_both(child);
	kmalloc_drain();
	CHECK(blocks(child, 1) == 1 && shim_free_pages() == free_pages);
	put(child, BASE + P(4), 4);
	CHECK_EQ(get(child, BASE + P(3)), 3);
	vm_put(child);
	fixture_destroy(&fixture);
}

/* A foreign range: pages without a descriptor, owned by whoever counts below. */
static struct foreign {
	u32 refs;
	u64 unmapped;
} foreign;

static int foreign_fault(struct vm *space, const struct vm_range *range, vaddr_t addr, u32 access)
{
	u64 offset = range->offset + (ALIGN_DOWN(addr, PAGE_LEN) - range->node.start);

	(void)access;
	return vm_map_foreign(space, range, ALIGN_DOWN(addr, PAGE_LEN), 0x1000000 + offset);
}

static void foreign_unmapped(struct vm *space, void *object, vaddr_t start, vaddr_t end)
{
	(void)space;
	((struct foreign *)object)->unmapped += end - start;
}

static void foreign_get(void *object)
{
	((struct foreign *)object)->refs++;
}

static void foreign_put(void *object)
{
	((struct foreign *)object)->refs--;
}

static void foreign_range(void)
{
	static const struct vm_range_ops ops = {
		foreign_fault, foreign_unmapped, foreign_get, foreign_put,
	};
	const struct vm_map_args args = {
		.addr = BASE, .len = P(10), .prot = RW, .flags = PRIVATE,
		.ops = &ops, .object = &foreign, .offset = P(3),
	};
	struct vm *child;
	vaddr_t addr;

	init(NODE_LEN);
	CHECK_EQ(vm_map(vm, &args, &addr), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(5), VM_WRITE), 0);
	for (u64 n = 0; shim_fail_nth(n), !!vm_fork(vm, true, &child); n++) {
		CHECK(shim_failed());
		CHECK(foreign.refs == 1 && !foreign.unmapped);
	}
	shim_failed();
	CHECK_EQ(foreign.refs, 2);
	check_both(child);
	CHECK(where(vm, BASE + P(5)) == 0x1000000 + P(8) && !where(child, BASE + P(5)));
	CHECK_EQ(vm_fault(child, BASE + P(5), VM_WRITE), 0);
	CHECK_EQ(where(child, BASE + P(5)), 0x1000000 + P(8));
	vm_put(child);
	CHECK(foreign.refs == 1 && foreign.unmapped == P(10));
	fixture_destroy(&fixture);
	CHECK_EQ(foreign.refs, 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(inheritance),
	UNIT_TEST(large_pages),
	UNIT_TEST(cut_shared),
	UNIT_TEST(huge_pages),
	UNIT_TEST(fragmented),
	UNIT_TEST(pins),
	UNIT_TEST(populate),
	UNIT_TEST(one_failure),
	UNIT_TEST(one_failure_unpromised),
	UNIT_TEST(all_failures),
	UNIT_TEST(all_failures_unpromised),
	UNIT_TEST(late_failures),
	UNIT_TEST(late_failures_unpromised),
	UNIT_TEST(partial_copies),
	UNIT_TEST(foreign_range),
};

UNIT_MAIN(tests)
