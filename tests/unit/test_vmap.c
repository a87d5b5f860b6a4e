// SPDX-License-Identifier: GPL-2.0-only
/* The vmap window: guards, reuse, failures. */
#include "lwk/include/mm/vmap.h"

#include <string.h>

#include "lwk/include/mm/kmalloc.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NODE_LEN (64ULL << 20)
#define MAX_AREAS 400

static paddr_t table_alloc(void *ctx)
{
	struct page *page = page_alloc(0, 0, PAGE_ALLOC_ZERO);

	(void)ctx;
	return page ? page_paddr(page) : PADDR_NONE;
}

static void table_free(void *ctx, paddr_t table)
{
	(void)ctx;
	page_free(page_of_paddr(table), 0);
}

static const struct pgtable_ops ops = { table_alloc, table_free };
static struct pgtable kernel = { .ops = &ops, .huge_pages = true };

static void init(void)
{
	shim_page_alloc_init(2, 2, NODE_LEN);
	CHECK(!kmalloc_init());
	CHECK(!pgtable_create(&kernel));
	CHECK(!vmap_init(&kernel));
}

static bool mapped(const void *ptr, struct pgtable_mapping *m)
{
	return pgtable_query(&kernel, (vaddr_t)ptr, m);
}

static void check_area(const u8 *ptr, u64 npages)
{
	static const u8 zeroes[4096];
	struct pgtable_mapping m;
	u64 i;

	CHECK((vaddr_t)ptr > LWK_VMAP_VA);
	CHECK((vaddr_t)ptr + npages * PAGE_LEN < LWK_VMAP_VA + LWK_VMAP_LEN);
	CHECK(!mapped(ptr - 1, &m));
	CHECK(!mapped(ptr + npages * PAGE_LEN, &m));
	for (i = 0; i < npages; i++) {
		CHECK(mapped(ptr + i * PAGE_LEN, &m));
		CHECK_EQ(m.prot, PGT_WRITE | PGT_GLOBAL);
		CHECK_EQ(m.len, PAGE_LEN);
		CHECK(!memcmp(phys_to_virt(m.pa), zeroes, PAGE_LEN));
	}
}

/* Dirty the pages, so that the next owner sees if they are not cleared. */
static void dirty_area(const u8 *ptr, u64 npages)
{
	struct pgtable_mapping m;
	u64 i;

	for (i = 0; i < npages; i++) {
		CHECK(mapped(ptr + i * PAGE_LEN, &m));
		memset(phys_to_virt(m.pa), 0xdd, PAGE_LEN);
	}
}

static void random_areas(void)
{
	static struct {
		u8 *ptr;
		u64 npages;
	} areas[MAX_AREAS];
	struct unit_random rng = { 14 };
	u64 before, used = 0;
	u32 nareas = 0;
	u32 round, i;
	void *device;

	init();
	before = shim_free_pages();
	for (round = 0; round < 4000; round++) {
		/* Advance through the window, so that gaps are filled, too. */
		if (round % 10 == 0) {
			device = vmap_map_device(0, VMAP_MAX_PAGES);
			CHECK(device);
			vmap_unmap_device(device, VMAP_MAX_PAGES);
		}
		if (nareas < MAX_AREAS && unit_random(&rng, 5) < 3) {
			areas[nareas].npages = unit_random(&rng, 16) + 1;
			areas[nareas].ptr = vmap_alloc(areas[nareas].npages,
						       round % 2);
			CHECK(areas[nareas].ptr);
			check_area(areas[nareas].ptr, areas[nareas].npages);
			dirty_area(areas[nareas].ptr, areas[nareas].npages);
			used += areas[nareas++].npages;
		} else if (nareas) {
			i = (u32)unit_random(&rng, nareas);
			vmap_free(areas[i].ptr, areas[i].npages);
			used -= areas[i].npages;
			areas[i] = areas[--nareas];
		}
		CHECK_EQ(vmap_used_pages(), used);
	}
	while (nareas) {
		nareas--;
		vmap_free(areas[nareas].ptr, areas[nareas].npages);
	}
	CHECK_EQ(vmap_used_pages(), 0);
	CHECK(shim_tlb_flushes > 1000);
	CHECK_EQ(shim_free_pages(), before);
}

/* The window's end is reached and its beginning used again. */
static void reuse(void)
{
	u8 *ptr, *first = NULL;
	u64 wraps = 0;
	u32 i;

	init();
	for (i = 0; i < 300; i++) {
		ptr = vmap_alloc(VMAP_MAX_PAGES, 0);
		CHECK(ptr);
		if (!first)
			first = ptr;
		wraps += i && ptr == first;
		vmap_free(ptr, VMAP_MAX_PAGES);
	}
	CHECK_EQ(wraps, 1);
}

static void devices(void)
{
	struct pgtable_mapping m;
	u64 before;
	u8 *ptr;

	init();
	before = shim_free_pages();
	ptr = vmap_map_device(0xfee00000, 1);
	CHECK(ptr);
	CHECK(mapped(ptr, &m));
	CHECK_EQ(m.pa, 0xfee00000);
	CHECK_EQ(m.prot, PGT_WRITE | PGT_GLOBAL | PGT_UNCACHED);
	CHECK(!mapped(ptr - 1, &m) && !mapped(ptr + PAGE_LEN, &m));
	vmap_unmap_device(ptr, 1);
	CHECK(!mapped(ptr, &m));
	CHECK_EQ(shim_free_pages(), before);
	CHECK(!vmap_map_device(0xfee00001, 1));
	CHECK(!vmap_map_device(1ULL << 52, 1));
	CHECK(!vmap_map_device((1ULL << 52) - PAGE_LEN, 2));
	CHECK(!vmap_map_device(0xfee00000, 0));
	CHECK_EQ(shim_free_pages(), before);
	CHECK_EQ(vmap_used_pages(), 0);
}

static void limits(void)
{
	u64 before;

	init();
	before = shim_free_pages();
	CHECK(!vmap_alloc(0, 0));
	CHECK(!vmap_alloc(VMAP_MAX_PAGES + 1, 0));
	CHECK(!vmap_alloc(~0ULL, 0));
	CHECK(!vmap_alloc(1, 2));
	CHECK_EQ(shim_free_pages(), before);
}

static void free_short(void *ptr)
{
	vmap_free(ptr, 2);
}

static void free_right(void *ptr)
{
	vmap_free(ptr, 3);
}

static void free_long(void *ptr)
{
	vmap_free(ptr, 4);
}

static void misuse(void)
{
	u8 *ptr, *device;

	init();
	ptr = vmap_alloc(3, 0);
	device = vmap_map_device(0xfee00000, 3);
	CHECK(ptr && device);
	CHECK(unit_panics(free_short, ptr, "not an area"));
	CHECK(unit_panics(free_long, ptr, "not an area"));
	CHECK(unit_panics(free_short, ptr + PAGE_LEN, "not an area"));
	CHECK(unit_panics(free_right, ptr + 1, "assertion"));
	CHECK(unit_panics(free_right, phys_to_virt(SHIM_PADDR), "not an area"));
	CHECK(unit_panics(free_right, device, "assertion"));
	vmap_free(ptr, 3);
	CHECK(unit_panics(free_right, ptr, "not an area"));
}

static void every_allocation_failing(void)
{
	u64 before, n;
	bool done;
	void *ptr;

	if (!CONFIG_DEBUG)
		return;
	shim_page_alloc_init(2, 2, NODE_LEN);
	CHECK(!kmalloc_init());
	CHECK(!pgtable_create(&kernel));
	for (n = 0;; n++) {
		shim_fail_nth(n);
		done = !vmap_init(&kernel);
		if (!shim_failed())
			break;
		CHECK(!done);
	}
	CHECK(done && n == 2);
	before = shim_free_pages();
	for (n = 0;; n++) {
		shim_fail_nth(n);
		ptr = vmap_alloc(5, 0);
		if (!shim_failed())
			break;
		CHECK(!ptr);
		CHECK_EQ(shim_free_pages(), before);
		CHECK_EQ(vmap_used_pages(), 0);
	}
	CHECK(ptr);
	CHECK(n >= 5 + 2);
	check_area(ptr, 5);
	vmap_free(ptr, 5);
	CHECK_EQ(shim_free_pages(), before);
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_areas), UNIT_TEST(reuse),
	UNIT_TEST(devices),	 UNIT_TEST(limits),
	UNIT_TEST(misuse),	 UNIT_TEST(every_allocation_failing),
};

UNIT_MAIN(tests)
