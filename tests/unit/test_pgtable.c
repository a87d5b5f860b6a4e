// SPDX-License-Identifier: GPL-2.0-only
/* Page tables against a model with one entry per 4 KiB page. */
#include "lwk/include/mm/pgtable.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NODE_LEN (64ULL << 20)

/* The model: a window that lies across a 1 GiB and a 512 GiB boundary. */
#define WINDOW_PAGES (3 * 512U)
#define USER_BASE (0x8000000000ULL - 512 * PAGE_LEN)
#define KERNEL_BASE (LWK_DIRECT_VA + 0x40000000ULL - 512 * PAGE_LEN)

struct model_page {
	paddr_t pa;
	u32 prot;
	bool mapped;
};

static struct model_page model[WINDOW_PAGES];
static u64 live_tables;

static paddr_t table_alloc(void *ctx)
{
	struct page *page = page_alloc(0, 0, PAGE_ALLOC_ZERO);

	(void)ctx;
	if (!page)
		return PADDR_NONE;
	live_tables++;
	return page_paddr(page);
}

static void table_free(void *ctx, paddr_t table)
{
	(void)ctx;
	/* Whoever still looks at a freed table shall see it. */
	memset(phys_to_virt(table), 0x5f, PAGE_LEN);
	page_free(page_of_paddr(table), 0);
	live_tables--;
}

static const struct pgtable_ops ops = { table_alloc, table_free };

static struct pgtable create(bool huge_pages)
{
	struct pgtable pt = { .ops = &ops, .huge_pages = huge_pages };

	shim_page_alloc_init(1, 1, NODE_LEN);
	CHECK(!pgtable_create(&pt));
	return pt;
}

static void check_page(const struct pgtable *pt, vaddr_t base, u64 i)
{
	struct pgtable_mapping m;
	vaddr_t va = base + i * PAGE_LEN;

	CHECK_EQ(pgtable_query(pt, va + 123, &m), model[i].mapped);
	if (!model[i].mapped)
		return;
	CHECK(m.pa + (va - m.va) == model[i].pa);
	CHECK_EQ(m.prot, model[i].prot);
	CHECK(IS_ALIGNED(m.va | m.pa, m.len) && m.va + m.len > va);
}

static bool model_any(u64 first, u64 count)
{
	u64 i;

	for (i = first; i < first + count; i++) {
		if (model[i].mapped)
			return true;
	}
	return false;
}

/* Sometimes aligned so that large pages fit, sometimes not. */
static void random_range(struct unit_random *rng, u64 *first, u64 *count)
{
	if (unit_random(rng, 3) == 0) {
		*first = unit_random(rng, 3) * 512;
		*count = 512 * (unit_random(rng, 3 - *first / 512) + 1);
	} else {
		*first = unit_random(rng, WINDOW_PAGES);
		*count = unit_random(rng, MIN(600ULL, WINDOW_PAGES - *first)) + 1;
	}
}

static u32 random_prot(struct unit_random *rng, u32 user)
{
	static const u32 prots[] = { 0, PGT_WRITE, PGT_EXEC,
				     PGT_WRITE | PGT_GLOBAL,
				     PGT_WRITE | PGT_UNCACHED };

	return prots[unit_random(rng, ARRAY_SIZE(prots))] | user;
}

static void random_map(struct pgtable *pt, vaddr_t base, u32 user,
		       struct unit_random *rng)
{
	u32 prot = random_prot(rng, user);
	u64 first, count, i;
	paddr_t pa;
	int err;

	random_range(rng, &first, &count);
	/* Congruent to the address modulo 2 MiB, or not. */
	pa = (unit_random(rng, 1ULL << 30) << 21) +
	     (first % 512 + unit_random(rng, 2)) * PAGE_LEN;
	err = pgtable_map(pt, base + first * PAGE_LEN, pa, count * PAGE_LEN,
			  prot | (unit_random(rng, 8) ? 0 : PGT_SMALL_ONLY));
	CHECK_EQ(err, model_any(first, count) ? -EEXIST : 0);
	for (i = 0; !err && i < count; i++)
		model[first + i] = (struct model_page){ pa + i * PAGE_LEN, prot,
							true };
}

static void random_unmap(struct pgtable *pt, vaddr_t base,
			 struct unit_random *rng)
{
	paddr_t unlinked = PADDR_NONE;
	bool unlink = unit_random(rng, 2);
	u64 first, count, i;

	random_range(rng, &first, &count);
	CHECK(!pgtable_unmap(pt, base + first * PAGE_LEN, count * PAGE_LEN,
			     unlink ? &unlinked : NULL));
	for (i = first; i < first + count; i++)
		model[i].mapped = false;
	pgtable_free_unlinked(pt, &unlinked);
	CHECK(unlinked == PADDR_NONE);
}

static void random_protect(struct pgtable *pt, vaddr_t base, u32 user,
			   struct unit_random *rng)
{
	u32 prot = random_prot(rng, user);
	u64 first, count, i;

	random_range(rng, &first, &count);
	CHECK(!pgtable_protect(pt, base + first * PAGE_LEN, count * PAGE_LEN,
			       prot));
	for (i = first; i < first + count; i++)
		model[i].prot = prot;
}

static void against_model(vaddr_t base, u32 user, bool huge_pages, u64 seed)
{
	struct pgtable pt = create(huge_pages);
	struct unit_random rng = { seed };
	paddr_t unlinked = PADDR_NONE;
	u64 before = shim_free_pages() + live_tables;
	u32 round, i;

	for (round = 0; round < 1500; round++) {
		switch (unit_random(&rng, 4)) {
		case 0:
		case 1:
			random_map(&pt, base, user, &rng);
			break;
		case 2:
			random_unmap(&pt, base, &rng);
			break;
		default:
			random_protect(&pt, base, user, &rng);
		}
		for (i = 0; i < WINDOW_PAGES; i++)
			check_page(&pt, base, i);
	}
	/* All unmapped: only tables of the top level's entries remain. */
	CHECK(!pgtable_unmap(&pt, base, WINDOW_PAGES * PAGE_LEN, &unlinked));
	pgtable_free_unlinked(&pt, &unlinked);
	CHECK(live_tables <= 3);
	pgtable_destroy(&pt, true);
	CHECK_EQ(live_tables, 0);
	CHECK_EQ(shim_free_pages(), before);
}

static void user_space(void)
{
	against_model(USER_BASE, PGT_USER, false, 11);
}

static void kernel_space(void)
{
	against_model(KERNEL_BASE, 0, true, 12);
}

/* Which page sizes are used for what. */
static void page_sizes(void)
{
	struct pgtable pt = create(true);
	const vaddr_t va = LWK_DIRECT_VA;
	struct pgtable_mapping m;

	CHECK(!pgtable_map(&pt, va + PAGE_LEN, PAGE_LEN,
			   3 * HUGE_PAGE_LEN - PAGE_LEN, PGT_WRITE));
	CHECK(pgtable_query(&pt, va + PAGE_LEN, &m));
	CHECK_EQ(m.len, PAGE_LEN);
	CHECK(m.accessed && m.dirty);
	CHECK(pgtable_query(&pt, va + LARGE_PAGE_LEN, &m));
	CHECK_EQ(m.len, LARGE_PAGE_LEN);
	CHECK(pgtable_query(&pt, va + HUGE_PAGE_LEN + 5, &m));
	CHECK_EQ(m.len, HUGE_PAGE_LEN);
	CHECK(m.va == va + HUGE_PAGE_LEN && m.pa == HUGE_PAGE_LEN);
	/* Root, one for 512 GiB, one for 1 GiB, one for 2 MiB. */
	CHECK_EQ(live_tables, 4);

	/* One page in the middle of 1 GiB: split twice. */
	CHECK(!pgtable_protect(&pt, va + HUGE_PAGE_LEN + 77 * PAGE_LEN,
			       PAGE_LEN, 0));
	CHECK_EQ(live_tables, 6);
	CHECK(pgtable_query(&pt, va + HUGE_PAGE_LEN + 77 * PAGE_LEN, &m));
	CHECK_EQ(m.prot, 0);
	CHECK_EQ(m.pa, HUGE_PAGE_LEN + 77 * PAGE_LEN);
	CHECK(pgtable_query(&pt, va + HUGE_PAGE_LEN + 76 * PAGE_LEN, &m));
	CHECK_EQ(m.prot, PGT_WRITE);
	CHECK(pgtable_query(&pt, va + HUGE_PAGE_LEN + LARGE_PAGE_LEN, &m));
	CHECK_EQ(m.len, LARGE_PAGE_LEN);
	CHECK_EQ(m.prot, PGT_WRITE);
	CHECK(pgtable_query(&pt, va + 2 * HUGE_PAGE_LEN, &m));
	CHECK_EQ(m.len, HUGE_PAGE_LEN);

	pt.huge_pages = false;
	CHECK(!pgtable_map(&pt, va + 4 * HUGE_PAGE_LEN, 0, HUGE_PAGE_LEN, 0));
	CHECK(pgtable_query(&pt, va + 4 * HUGE_PAGE_LEN, &m));
	CHECK_EQ(m.len, LARGE_PAGE_LEN);
}

/* The bits themselves, as the processor's manual has them. */
static void bits(void)
{
	struct pgtable pt = create(true);
	const pte_t *top = phys_to_virt(pt.root);
	const pte_t *table;

	CHECK(!pgtable_map(&pt, 0, 0x7654321000, PAGE_LEN,
			   PGT_WRITE | PGT_EXEC | PGT_USER));
	CHECK(!pgtable_map(&pt, LWK_DIRECT_VA, 5 * HUGE_PAGE_LEN,
			   HUGE_PAGE_LEN, PGT_WRITE | PGT_GLOBAL));
	CHECK(!pgtable_map(&pt, LWK_DIRECT_VA + HUGE_PAGE_LEN, 0xfee00000,
			   PAGE_LEN, PGT_UNCACHED));
	CHECK_EQ(top[0] & 0xfff, 0x27);
	table = phys_to_virt(top[0] & ~0xfffULL);
	table = phys_to_virt(table[0] & ~0xfffULL);
	table = phys_to_virt(table[0] & ~0xfffULL);
	CHECK_EQ(table[0], 0x7654321007);
	CHECK_EQ(top[256] & 0xfff, 0x23);
	table = phys_to_virt(top[256] & ~0xfffULL);
	CHECK_EQ(table[0], (1ULL << 63) | (5ULL << 30) | 0x1e3);
	table = phys_to_virt(table[1] & ~0xfffULL);
	table = phys_to_virt(table[0] & ~0xfffULL);
	CHECK_EQ(table[0], (1ULL << 63) | 0xfee00079);

	/* Split down to 4 KiB: the bit for large pages means PAT there. */
	CHECK(!pgtable_protect(&pt, LWK_DIRECT_VA, PAGE_LEN, 0));
	table = phys_to_virt(top[256] & ~0xfffULL);
	table = phys_to_virt(table[0] & ~0xfffULL);
	CHECK_EQ(table[1], (1ULL << 63) | ((5ULL << 30) + LARGE_PAGE_LEN) |
				   0x1e3);
	table = phys_to_virt(table[0] & ~0xfffULL);
	CHECK_EQ(table[0], (1ULL << 63) | (5ULL << 30) | 0x61);
	CHECK_EQ(table[1], (1ULL << 63) | ((5ULL << 30) + PAGE_LEN) | 0x163);
}

static void bad_arguments(void)
{
	struct pgtable pt = create(true);
	const u64 p = PAGE_LEN;
	const u64 hole = 1ULL << 47;
	paddr_t unlinked = PADDR_NONE;
	struct pgtable_mapping m;

	CHECK_EQ(pgtable_map(&pt, p, p, 0, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p + 1, p, p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p, p + 1, p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p, p, p + 1, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, hole, p, p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, hole - p, p, 2 * p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, LWK_DIRECT_VA - p, p, 2 * p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, -p, p, 2 * p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, 0, p, -p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p, 1ULL << 52, p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p, (1ULL << 52) - p, 2 * p, 0), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p, p, p, PGT_WRITE | PGT_EXEC), -EINVAL);
	CHECK_EQ(pgtable_map(&pt, p, p, p, 0x20), -EINVAL);
	CHECK_EQ(pgtable_protect(&pt, p, p, PGT_WRITE | PGT_EXEC), -EINVAL);
	CHECK_EQ(pgtable_protect(&pt, p, p, PGT_SMALL_ONLY), -EINVAL);
	CHECK_EQ(pgtable_protect(&pt, p, 0, 0), -EINVAL);
	CHECK_EQ(pgtable_unmap(&pt, hole - p, 2 * p, &unlinked), -EINVAL);
	CHECK_EQ(pgtable_populate(&pt, hole, p), -EINVAL);
	/* From one half to the other, over the hole. */
	CHECK_EQ(pgtable_unmap(&pt, p, LWK_DIRECT_VA, &unlinked), -EINVAL);
	CHECK_EQ(pgtable_protect(&pt, p, LWK_DIRECT_VA, 0), -EINVAL);
	CHECK_EQ(live_tables, 1);
	CHECK(!pgtable_query(&pt, hole, &m));
	/* The very ends of both halves. */
	CHECK_EQ(pgtable_map(&pt, hole - p, p, p, 0), 0);
	CHECK_EQ(pgtable_map(&pt, -p, p, p, 0), 0);
	CHECK(pgtable_query(&pt, ~0ULL, &m) && m.pa == p);
	CHECK_EQ(pgtable_protect(&pt, -p, p, PGT_WRITE), 0);
	CHECK_EQ(pgtable_unmap(&pt, -p, p, &unlinked), 0);
	CHECK_EQ(pgtable_unmap(&pt, hole - p, p, &unlinked), 0);
	CHECK(!pgtable_query(&pt, ~0ULL, &m));
	pgtable_free_unlinked(&pt, &unlinked);
	CHECK_EQ(live_tables, 3);
}

static void shared_kernel_half(void)
{
	struct pgtable kernel = create(true);
	struct pgtable user = kernel;
	struct pgtable_mapping m;
	paddr_t unlinked = PADDR_NONE;

	CHECK(!pgtable_populate(&kernel, LWK_VMAP_VA, 1ULL << 40));
	CHECK_EQ(live_tables, 3);
	CHECK(!pgtable_create(&user));
	pgtable_share_kernel(&user, &kernel);
	/* What the kernel maps later is there at once, and gone at once. */
	CHECK(!pgtable_map(&kernel, LWK_VMAP_VA, 0, PAGE_LEN, PGT_WRITE));
	CHECK(pgtable_query(&user, LWK_VMAP_VA, &m));
	CHECK(!pgtable_unmap(&kernel, LWK_VMAP_VA, PAGE_LEN, &unlinked));
	pgtable_free_unlinked(&kernel, &unlinked);
	CHECK(!pgtable_query(&user, LWK_VMAP_VA, &m));
	CHECK(!pgtable_map(&user, 0, 0, PAGE_LEN, PGT_USER));
	CHECK(!pgtable_query(&kernel, 0, &m));
	pgtable_destroy(&user, false);
	CHECK_EQ(live_tables, 3);
	CHECK(!pgtable_map(&kernel, LWK_VMAP_VA, 0, PAGE_LEN, PGT_WRITE));
	pgtable_destroy(&kernel, true);
	CHECK_EQ(live_tables, 0);
}

static void tables_needed(void)
{
	struct pgtable pt = create(false);
	struct unit_random rng = { 13 };
	u64 before, len;
	vaddr_t va;
	int i;

	CHECK(!pgtable_populate(&pt, 0, 1ULL << 40));
	for (i = 0; i < 300; i++) {
		va = unit_random(&rng, 1ULL << 26) * PAGE_LEN;
		len = (unit_random(&rng, 1ULL << unit_random(&rng, 20)) + 1) *
		      PAGE_LEN;
		if (va >> 39 != (va + len - 1) >> 39)
			continue;
		before = live_tables;
		CHECK(!pgtable_map(&pt, va, 0, len, PGT_USER | PGT_SMALL_ONLY));
		CHECK(live_tables - before <= pgtable_tables_needed(len));
		pgtable_destroy(&pt, true);
		CHECK(!pgtable_create(&pt));
		CHECK(!pgtable_populate(&pt, 0, 1ULL << 40));
	}
}

/* Run out of tables at every point: nothing that is mapped changes. */
static void every_allocation_failing(void)
{
	struct pgtable pt = create(true);
	const vaddr_t va = LWK_DIRECT_VA;
	const u64 len = HUGE_PAGE_LEN - 3 * PAGE_LEN;
	struct pgtable_mapping m;
	paddr_t unlinked = PADDR_NONE;
	u64 n;
	int err;

	if (!CONFIG_DEBUG)
		return;
	for (n = 0;; n++) {
		shim_fail_nth(n);
		err = pgtable_map(&pt, va + PAGE_LEN, PAGE_LEN, len, PGT_WRITE);
		if (!shim_failed())
			break;
		CHECK_EQ(err, -ENOMEM);
		CHECK(!pgtable_query(&pt, va + PAGE_LEN, &m));
		CHECK(!pgtable_query(&pt, va + LARGE_PAGE_LEN, &m));
	}
	CHECK_EQ(err, 0);
	/* Four tables; those of failed attempts are used by the next. */
	CHECK_EQ(n, 3);
	CHECK(!pgtable_unmap(&pt, va, HUGE_PAGE_LEN, &unlinked));
	pgtable_free_unlinked(&pt, &unlinked);

	CHECK(!pgtable_map(&pt, va, 0, HUGE_PAGE_LEN, PGT_WRITE));
	for (n = 0;; n++) {
		shim_fail_nth(n);
		err = pgtable_protect(&pt, va + PAGE_LEN, len, 0);
		if (!shim_failed())
			break;
		CHECK_EQ(err, -ENOMEM);
		CHECK(pgtable_query(&pt, va + LARGE_PAGE_LEN, &m));
		CHECK_EQ(m.prot, PGT_WRITE);
		CHECK_EQ(m.pa + va - m.va, 0);
	}
	CHECK_EQ(err, 0);

	CHECK(!pgtable_unmap(&pt, va, HUGE_PAGE_LEN, &unlinked));
	pgtable_free_unlinked(&pt, &unlinked);
	CHECK(!pgtable_map(&pt, va, 0, HUGE_PAGE_LEN, PGT_WRITE));
	for (n = 0;; n++) {
		shim_fail_nth(n);
		err = pgtable_unmap(&pt, va + PAGE_LEN, len, &unlinked);
		if (!shim_failed())
			break;
		CHECK_EQ(err, -ENOMEM);
		CHECK(unlinked == PADDR_NONE);
		CHECK(pgtable_query(&pt, va + PAGE_LEN, &m));
	}
	CHECK_EQ(err, 0);
	CHECK(!pgtable_query(&pt, va + PAGE_LEN, &m));
	CHECK(pgtable_query(&pt, va, &m));
	pgtable_free_unlinked(&pt, &unlinked);
	pgtable_destroy(&pt, true);
	CHECK_EQ(live_tables, 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(user_space),
	UNIT_TEST(kernel_space),
	UNIT_TEST(page_sizes),
	UNIT_TEST(bits),
	UNIT_TEST(bad_arguments),
	UNIT_TEST(shared_kernel_half),
	UNIT_TEST(tables_needed),
	UNIT_TEST(every_allocation_failing),
};

UNIT_MAIN(tests)
