// SPDX-License-Identifier: GPL-2.0-only
/* The vmap window with several CPUs at once. */
#include "lwk/include/mm/vmap.h"

#include "lwk/include/mm/kmalloc.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NODE_LEN (64ULL << 20)

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

static void churn(u32 cpu)
{
	struct unit_random rng = { 300 + cpu };
	struct pgtable_mapping m;
	u64 npages;
	u8 *ptr;
	u32 i;

	for (i = 0; i < 500; i++) {
		npages = unit_random(&rng, 8) + 1;
		ptr = vmap_alloc(npages, cpu % 2);
		CHECK(ptr);
		CHECK(mapped(ptr, &m));
		*(u32 *)phys_to_virt(m.pa) = cpu;
		CHECK_EQ(*(u32 *)phys_to_virt(m.pa), cpu);
		vmap_free(ptr, npages);
	}
}

static void several_cpus(void)
{
	u64 before;

	init();
	before = shim_free_pages();
	unit_threads(2, churn);
	CHECK_EQ(vmap_used_pages(), 0);
	CHECK_EQ(shim_free_pages(), before);
}

static const struct unit_test tests[] = {
	UNIT_TEST(several_cpus),
};

UNIT_MAIN(tests)
