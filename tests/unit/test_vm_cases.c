// SPDX-License-Identifier: GPL-2.0-only
/* What the other tests of address spaces cannot meet: page sizes, pins, protection, placement. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/vm_one.h"

/* A stack of a thread has large pages below its upper end, or where they are asked for. */
static void stack_page_sizes(void)
{
	const vaddr_t end = BASE + 4 * LARGE_PAGE_LEN;
	struct vm_stats stats;

	init();
	CHECK_EQ(map(BASE, 4 * LARGE_PAGE_LEN, RW, PRIVATE | MAP_STACK), 0);
	CHECK_EQ(vm_fault(vm, end - P(1), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, end - LARGE_PAGE_LEN, VM_WRITE), 0);
	vm_get_stats(vm, &stats);
	CHECK(stats.resident[0] == 2 && !stats.resident[1]);
	CHECK_EQ(vm_fault(vm, end - LARGE_PAGE_LEN - P(1), VM_WRITE), 0);
	CHECK_EQ(vm_ledger_used(), 2 + 512);
	CHECK_EQ(vm_advise(vm, BASE, 4 * LARGE_PAGE_LEN, MADV_DONTNEED), 0);
	CHECK_EQ(vm_advise(vm, BASE, 4 * LARGE_PAGE_LEN, MADV_HUGEPAGE), 0);
	CHECK_EQ(vm_fault(vm, end - P(1), VM_WRITE), 0);
	vm_get_stats(vm, &stats);
	CHECK(!stats.resident[0] && stats.resident[1] == 1);
	fixture_destroy(&fixture);
}

static u8 *byte(vaddr_t addr)
{
	u32 level;
	pte_t pte = vm_pt_lookup(vm, addr, &level);

	CHECK(vm_pte_is_leaf(pte, level));
	return (u8 *)phys_to_virt(pte_paddr(pte) + (addr & (level_len(level) - 1)));
}

/* Small pages become large ones when that is asked for, and say so when they do not. */
static void collapse(void)
{
	struct vm_stats stats;
	struct page *kept;

	init();
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN + P(8), RW, PRIVATE | MAP_NORESERVE), 0);
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN, MADV_COLLAPSE), -EINVAL); /* no page */
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN + P(8), MADV_NOHUGEPAGE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(3), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(700), VM_WRITE), 0);
	*byte(BASE + P(3) + 5) = 33;
	*byte(BASE + P(700)) = 44;
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN, MADV_COLLAPSE), -EINVAL);
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN + P(8), MADV_HUGEPAGE), 0);
	CHECK_EQ(vm_advise(vm, BASE + P(1), P(10), MADV_COLLAPSE), -EINVAL);
	CHECK_EQ(vm_get_page(vm, BASE + P(700), false, &kept), 0);
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN, MADV_COLLAPSE), -EAGAIN);
	vm_get_stats(vm, &stats);
	CHECK(stats.resident[0] == 1 && stats.resident[1] == 1);
	CHECK_EQ(vm_ledger_used(), 512 + 1);
	vm_put_page(kept);
	vm_ledger_set_limit(512 + 1);
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN, MADV_COLLAPSE), -ENOMEM);
	/* Until the small page is free, it and the large one are booked. */
	vm_ledger_set_limit(2 * 512 + 1);
	CHECK_EQ(vm_advise(vm, BASE, 2 * LARGE_PAGE_LEN + P(8), MADV_COLLAPSE), 0);
	vm_get_stats(vm, &stats);
	CHECK(!stats.resident[0] && stats.resident[1] == 2);
	CHECK_EQ(vm_ledger_used(), 2 * 512);
	CHECK(*byte(BASE + P(3) + 5) == 33 && *byte(BASE + P(700)) == 44);
	CHECK(!*byte(BASE + P(4)) && !*byte(BASE + P(701)));
	CHECK_EQ(vm_advise(vm, BASE, 3 * LARGE_PAGE_LEN, MADV_COLLAPSE), -ENOMEM); /* a hole */
	fixture_destroy(&fixture);
}

static void page_sizes(void)
{
	struct vm_stats stats;

	init();
	CHECK_EQ(map(BASE, 3 * LARGE_PAGE_LEN, RW, PRIVATE | MAP_POPULATE), 0);
	vm_get_stats(vm, &stats);
	CHECK(stats.resident[1] == 3 && !stats.resident[0]);
	/* A hole in the middle of a large page frees just that. */
	CHECK_EQ(vm_unmap(vm, BASE + P(100), P(2)), 0);
	vm_get_stats(vm, &stats);
	CHECK(stats.resident[1] == 2 && stats.resident[0] == 510);
	/* To a place of the same alignment whole, to another in pieces. */
	CHECK_EQ(vm_remap(vm, &(struct vm_remap_args){ BASE + LARGE_PAGE_LEN, LARGE_PAGE_LEN,
			  LARGE_PAGE_LEN, 3, BASE + (1ULL << 40) }, &(vaddr_t){ 0 }), 0);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[1], 2);
	CHECK_EQ(vm_remap(vm, &(struct vm_remap_args){ BASE + (1ULL << 40), LARGE_PAGE_LEN,
			  LARGE_PAGE_LEN, 3, BASE + P(2049) }, &(vaddr_t){ 0 }), 0);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[1], 1);
	CHECK_EQ(stats.resident[0], 510 + 512);
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(vm_advise(vm, BASE, LARGE_PAGE_LEN, MADV_NOHUGEPAGE), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	CHECK_EQ(vm_pt_resident(vm, BASE, BASE + LARGE_PAGE_LEN), 1);
	fixture_destroy(&fixture);
}

static void huge_pages(void)
{
	const u32 huge_1g = MAP_HUGETLB | 30U << MAP_HUGE_SHIFT;
	struct vm_stats stats;
	vaddr_t addr;

	fixture = fixture_create(1, 3ULL << 30);
	vm = fixture.vm;
	CHECK_EQ(map(BASE + P(1), P(1), RW, PRIVATE | MAP_HUGETLB), -EINVAL);
	CHECK_EQ(map(BASE, P(1), RW, PRIVATE | MAP_HUGETLB | 16U << MAP_HUGE_SHIFT), -EINVAL);
	CHECK_EQ(map(BASE, P(1), RW, PRIVATE | MAP_HUGETLB), 0);
	CHECK_EQ(vm_unmap(vm, BASE, P(1)), -EINVAL);
	CHECK_EQ(vm_protect(vm, BASE + P(1), P(1), PROT_READ), -EINVAL);
	CHECK_EQ(vm_unmap(vm, BASE, LARGE_PAGE_LEN), 0);
	CHECK_EQ(fixture_map(vm, 0, 1, RW, MAP_PRIVATE | huge_1g, &addr), 0);
	CHECK(IS_ALIGNED(addr, HUGE_PAGE_LEN));
	CHECK_EQ(vm_fault(vm, addr + P(12345), VM_READ), 0);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.resident[2], 1);
	CHECK_EQ(map(addr + HUGE_PAGE_LEN, 3ULL << 30, RW, PRIVATE | huge_1g), -ENOMEM);
	CHECK_EQ(vm_advise(vm, addr, LARGE_PAGE_LEN, MADV_DONTNEED), 0);
	vm_get_stats(vm, &stats);
	CHECK(!stats.resident[2] && stats.resident[1] == 511);
	fixture_destroy(&fixture);
}

static u32 split_flushes;

/* While the large page is forgotten nothing is in its place. */
static void split_hook(paddr_t root, vaddr_t start, u64 len)
{
	u32 level;

	CHECK_EQ(root, vm->pt.root);
	CHECK(start == BASE && len == LARGE_PAGE_LEN);
	CHECK_EQ(vm_pt_lookup(vm, BASE, &level), 0);
	CHECK_EQ(level, 1);
	split_flushes++;
}

/* No processor knows instructions by a large and a small page at once; of data it may. */
static void split_instructions(void)
{
	init();
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW | PROT_EXEC, PRIVATE | MAP_POPULATE), 0);
	shim_tlb_user_hook = split_hook;
	CHECK_EQ(vm_pt_split_at(vm, BASE), 0);
	CHECK_EQ(split_flushes, 0);
	vm_lock_write(&vm->lock);
	CHECK_EQ(vm_pt_split_at(vm, BASE + P(1)), 0);
	vm_unlock_write(&vm->lock);
	CHECK_EQ(split_flushes, 1);
	shim_tlb_user_hook = NULL;
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW, PRIVATE | MAP_POPULATE), 0);
	shim_tlb_user_hook = split_hook;
	vm_lock_write(&vm->lock);
	CHECK_EQ(vm_pt_split_at(vm, BASE + P(1)), 0);
	vm_unlock_write(&vm->lock);
	CHECK_EQ(split_flushes, 1);
	shim_tlb_user_hook = NULL;
	fixture_destroy(&fixture);
}

/* Without large blocks small pages do. */
static void fragmented(void)
{
	static struct page *blocks[64];
	u32 n = 0;

	init();
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW, PRIVATE), 0);
	for (struct page *block; (block = page_alloc(0, PAGE_ORDER_2M, 0)); n++) {
		page_split(block);
		for (u32 i = 1; i < 512; i += 2)
			page_free(&block[i], 0);
		blocks[n] = block;
	}
	CHECK(n > 8);
	CHECK_EQ(vm_populate(vm, BASE, BASE + LARGE_PAGE_LEN, VM_WRITE), 0);
	CHECK_EQ(vm_pt_resident(vm, BASE, BASE + LARGE_PAGE_LEN), 512);
	while (n--) {
		for (u32 i = 0; i < 512; i += 2)
			page_free(&blocks[n][i], 0);
	}
	fixture_destroy(&fixture);
}

/* A page that somebody keeps outlives its mapping, even cut out of a large one. */
static void pins(void)
{
	struct page *page, *again;
	u64 *words;

	init();
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(vm_get_page(vm, BASE + P(7) + 8, true, &page), 0);
	words = page_virt(page);
	words[1] = 4711;
	CHECK_EQ(vm_unmap(vm, BASE + P(6), P(3)), 0);
	fixture_check(vm);
	CHECK_EQ(vm_unmap(vm, BASE, 2 * LARGE_PAGE_LEN), 0);
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN, RW, PRIVATE | MAP_POPULATE), 0);
	CHECK_EQ(words[1], 4711);
	CHECK_EQ(vm_get_page(vm, BASE + P(7), false, &again), 0);
	CHECK(again != page && ((u64 *)page_virt(again))[1] == 0);
	vm_put_page(again);
	vm_put_page(page);
	CHECK_EQ(vm_protect(vm, BASE, P(1), PROT_READ), 0);
	CHECK_EQ(vm_get_page(vm, BASE, true, &page), -EACCES);
	CHECK_EQ(vm_get_page(vm, BASE - 1, false, &page), -EFAULT);
	fixture_destroy(&fixture);
}

static void shared_memory(void)
{
	struct page *page;

	init();
	CHECK_EQ(map(BASE, P(4), RW, MAP_SHARED | MAP_FIXED), 0);
	CHECK_EQ(vm_get_page(vm, BASE, true, &page), 0);
	*(u64 *)page_virt(page) = 99;
	vm_put_page(page);
	CHECK_EQ(vm_advise(vm, BASE, P(4), MADV_DONTNEED), 0);
	CHECK_EQ(vm_advise(vm, BASE, P(4), MADV_FREE), -EINVAL);
	CHECK_EQ(vm_get_page(vm, BASE, true, &page), 0);
	CHECK_EQ(*(u64 *)page_virt(page), 99);
	vm_put_page(page);
	CHECK_EQ(vm_advise(vm, BASE, P(4), MADV_REMOVE), 0);
	CHECK_EQ(vm_get_page(vm, BASE, true, &page), 0);
	CHECK_EQ(*(u64 *)page_virt(page), 0);
	vm_put_page(page);
	fixture_destroy(&fixture);
}

/* A foreign range: pages without a descriptor, owned by whoever counts below. */
static struct foreign {
	u32 refs;
	u64 unmapped;
	bool asleep;
} foreign;

static int foreign_fault(struct vm *space, const struct vm_range *range, vaddr_t addr, u32 access)
{
	const struct foreign *object = range->object;
	u64 offset = range->offset + (ALIGN_DOWN(addr, PAGE_LEN) - range->node.start);

	(void)access;
	if (object->asleep)
		return -EAGAIN;
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
		.addr = BASE, .len = P(10), .prot = RW, .flags = MAP_SHARED | MAP_FIXED,
		.ops = &ops, .object = &foreign, .offset = P(3),
	};
	struct page *page;
	vaddr_t addr;
	u32 level;

	init();
	CHECK_EQ(vm_map(vm, &args, &addr), 0);
	CHECK_EQ(foreign.refs, 1);
	CHECK_EQ(vm_ledger_used(), 0);
	foreign.asleep = true;
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), -EAGAIN);
	foreign.asleep = false;
	CHECK_EQ(vm_fault(vm, BASE + P(5) + 1, VM_WRITE), 0);
	CHECK_EQ(vm_get_page(vm, BASE + P(5), false, &page), -EFAULT);
	CHECK_EQ(vm_advise_own(vm, BASE, P(1), MADV_DONTNEED), -EXDEV);
	CHECK_EQ(vm_advise_own(vm, BASE, P(1), MADV_POPULATE_READ), -EXDEV);
	CHECK_EQ(vm_mlock_own(vm, BASE, P(1), 0), -EXDEV);
	CHECK_EQ(vm_protect_own(vm, BASE, P(1), PROT_READ, VM_PKEY_SAME), -EXDEV);
	CHECK_EQ(vm_unmap(vm, BASE + P(2), P(1)), 0);
	CHECK_EQ(foreign.refs, 2);
	CHECK_EQ(vm_fault(vm, BASE + P(6), VM_READ), 0);
	CHECK_EQ(pte_paddr(vm_pt_lookup(vm, BASE + P(6), &level)), 0x1000000 + P(9));
	CHECK_EQ(vm_zap(vm, BASE, BASE + P(10)), 0);
	CHECK(!vm_pt_lookup(vm, BASE + P(6), &level));
	CHECK_EQ(vm_protect(vm, BASE + P(4), P(1), PROT_READ), 0);
	CHECK_EQ(foreign.refs, 4);
	CHECK_EQ(vm_protect(vm, BASE + P(4), P(1), RW), 0);
	CHECK_EQ(foreign.refs, 2);
	fixture_destroy(&fixture);
	CHECK_EQ(foreign.refs, 0);
	CHECK_EQ(foreign.unmapped, P(10));
}

/* What each protection allows, and that PROT_NONE keeps what was written. */
static void access_rights(void)
{
	static const struct {
		u32 prot;
		int read, write, exec;
	} rights[] = {
		{ PROT_NONE, -EACCES, -EACCES, -EACCES },
		{ PROT_READ, 0, -EACCES, -EACCES },
		{ PROT_WRITE, 0, 0, -EACCES },
		{ PROT_EXEC, 0, -EACCES, 0 },
		{ PROT_READ | PROT_EXEC, 0, -EACCES, 0 },
		{ RW | PROT_EXEC, 0, 0, 0 },
	};
	struct page *page;

	init();
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(vm_get_page(vm, BASE, true, &page), 0);
	*(u64 *)page_virt(page) = 77;
	vm_put_page(page);
	for (u32 i = 0; i < ARRAY_SIZE(rights); i++) {
		CHECK_EQ(vm_protect(vm, BASE, 2 * LARGE_PAGE_LEN, rights[i].prot), 0);
		/* A page that is there, and one that is not yet. */
		for (vaddr_t addr = BASE; addr < BASE + P(1000); addr += P(600 + i)) {
			CHECK_EQ(vm_fault(vm, addr, VM_READ), rights[i].read);
			CHECK_EQ(vm_fault(vm, addr, VM_WRITE), rights[i].write);
			CHECK_EQ(vm_fault(vm, addr, VM_EXEC), rights[i].exec);
		}
		fixture_check(vm);
	}
	CHECK_EQ(vm_get_page(vm, BASE, false, &page), 0);
	CHECK_EQ(*(u64 *)page_virt(page), 77);
	vm_put_page(page);
	CHECK_EQ(vm_fault(vm, VM_TASK_END, VM_READ), -EFAULT);
	CHECK_EQ(vm_fault(vm, ~0ULL, VM_READ), -EFAULT);
	CHECK_EQ(vm_fault(vm, 0, VM_READ), -EFAULT);
	fixture_destroy(&fixture);
}

/* The key in the entry of an address. */
static u32 entry_key(vaddr_t addr)
{
	u32 level;

	return (u32)(vm_pt_lookup(vm, addr, &level) >> PTE_PKEY_SHIFT & 0xf);
}

static void protection_keys(void)
{
	struct vm *child;
	int key;

	init();
	CHECK_EQ(vm_pkey_alloc(vm), -ENOSPC);
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(vm_protect_key(vm, BASE, P(1), RW, 1), -EINVAL);
	shim_pkeys = 3;
	key = vm_pkey_alloc(vm);
	CHECK_EQ(key, 1);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE + LARGE_PAGE_LEN, VM_WRITE), 0);
	CHECK_EQ(vm_protect_key(vm, BASE + P(3), P(2), RW, key), 0);
	CHECK_EQ(entry_key(BASE + P(2)), 0);
	CHECK_EQ(entry_key(BASE + P(3)), key);
	CHECK_EQ(entry_key(BASE + P(5)), 0);
	CHECK_EQ(vm_pkey_of(vm, BASE + P(4)), key);
	CHECK_EQ(vm_pkey_of(vm, BASE - 1), 0);
	fixture_check(vm);
	/* Another protection, the same key. */
	CHECK_EQ(vm_protect(vm, BASE, P(8), PROT_READ), 0);
	CHECK_EQ(entry_key(BASE + P(4)), key);
	CHECK_EQ(vm_fork(vm, true, &child), 0);
	CHECK_EQ(vm_pkey_of(child, BASE + P(4)), key);
	CHECK_EQ(vm_pkey_free(child, key), 0);
	CHECK_EQ(vm_pkey_free(child, key), -EINVAL);
	vm_put(child);
	/* The last key becomes that of what is only executed, and nobody else's. */
	CHECK_EQ(vm_protect(vm, BASE + LARGE_PAGE_LEN, P(1), PROT_EXEC), 0);
	CHECK_EQ(entry_key(BASE + LARGE_PAGE_LEN), 2);
	CHECK(!arch_pkey_may_read(2));
	CHECK_EQ(vm_pkey_free(vm, 2), -EINVAL);
	CHECK_EQ(vm_protect_key(vm, BASE, P(1), RW, 2), -EINVAL);
	CHECK_EQ(vm_protect(vm, BASE + LARGE_PAGE_LEN, P(1), PROT_EXEC | PROT_READ), 0);
	CHECK_EQ(entry_key(BASE + LARGE_PAGE_LEN), 0);
	CHECK_EQ(vm_pkey_alloc(vm), -ENOSPC);
	fixture_check(vm);
	fixture_destroy(&fixture);
	shim_pkeys = 1;
}

static void placement(void)
{
	vaddr_t first, addr;

	init();
	CHECK_EQ(fixture_map(vm, 0, P(3), RW, MAP_PRIVATE, &first), 0);
	CHECK_EQ(first, FIXTURE_MMAP_BASE - P(3));
	CHECK_EQ(fixture_map(vm, 0, LARGE_PAGE_LEN + P(1), RW, MAP_PRIVATE, &addr), 0);
	CHECK(addr < first && IS_ALIGNED(addr, LARGE_PAGE_LEN));
	/* The gap that was left in between is used. */
	CHECK_EQ(fixture_map(vm, 0, P(2), RW, MAP_PRIVATE, &addr), 0);
	CHECK_EQ(addr, first - P(2));
	CHECK_EQ(fixture_map(vm, 0, P(1), RW, MAP_PRIVATE | MAP_32BIT, &addr), 0);
	CHECK_EQ(addr, 0x40000000);
	CHECK_EQ(fixture_map(vm, 0, 1ULL << 30, RW, MAP_PRIVATE | MAP_32BIT | MAP_NORESERVE,
			     &addr), -ENOMEM);
	/* A hint is rounded down, and taken if it is free. */
	CHECK_EQ(fixture_map(vm, BASE + P(5) + 9, P(2), RW, MAP_PRIVATE, &addr), 0);
	CHECK_EQ(addr, BASE + P(5));
	CHECK_EQ(fixture_map(vm, BASE + P(6), P(2), RW, MAP_PRIVATE, &addr), 0);
	CHECK(addr > first - P(1000) && addr < first);
	/* No address below mmap_base: anywhere above. */
	CHECK_EQ(fixture_map(vm, 0, FIXTURE_MMAP_BASE - P(0x1000), PROT_NONE,
			     MAP_PRIVATE, &addr), -ENOMEM);
	CHECK_EQ(map(0x8000, P(1), RW, PRIVATE), -EPERM);
	CHECK_EQ(map(FIXTURE_START - P(1), P(1), RW, PRIVATE), -ENOMEM);
	CHECK_EQ(map(FIXTURE_START, P(1), RW, PRIVATE), 0);
	fixture_destroy(&fixture);
}

/* Creation fails as a whole, too. */
static void creation_failures(void)
{
	struct vm_config config;
	struct vm *other;
	u64 n;
	int err;

	init();
	config = fixture_config();
	for (n = 0; shim_fail_nth(n), err = vm_create(&config, &other), shim_failed(); n++)
		CHECK_EQ(err, -ENOMEM);
	CHECK(!err && n > 1);
	vm_get(other);
	vm_put(other);
	vm_put(other);
	config.start = 0;
	CHECK_EQ(vm_create(&config, &other), -EINVAL);
	page_free(page_of_paddr(config.kernel->root), 0);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(collapse),
	UNIT_TEST(page_sizes),
	UNIT_TEST(split_instructions),
	UNIT_TEST(stack_page_sizes),
	UNIT_TEST(huge_pages),
	UNIT_TEST(fragmented),
	UNIT_TEST(pins),
	UNIT_TEST(shared_memory),
	UNIT_TEST(foreign_range),
	UNIT_TEST(access_rights),
	UNIT_TEST(protection_keys),
	UNIT_TEST(placement),
	UNIT_TEST(creation_failures),
};

UNIT_MAIN(tests)
