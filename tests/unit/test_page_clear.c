// SPDX-License-Identifier: GPL-2.0-only
/* Memory that idle CPUs clear ahead of need. */
#include "lwk/include/mm/page_alloc.h"

#include <string.h>

#include "tests/unit/page_model.h"

static u32 take_large(u32 flags)
{
	u32 count = 0;

	while (nblocks < MAX_BLOCKS && model_alloc(0, PAGE_ORDER_2M, PAGE_ALLOC_STRICT | flags, 1))
		count++;
	return count;
}

/* As much is cleared as was freed in large blocks of zeroes, and it is free memory as before. */
static void cleared_ahead(void)
{
	struct page_stats stats;
	u64 total;
	u32 count;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	shim_cpu.id = 0;
	total = shim_free_pages();
	CHECK_EQ(clear_idle(~0ULL), 0);
	count = take_large(PAGE_ALLOC_ZERO);
	CHECK(count > 4);
	free_all();
	shim_cpu.id = 1;
	CHECK_EQ(clear_idle(~0ULL), 0); /* of the other node */
	shim_cpu.id = 2;
	/* What lies in the other CPU's cache is not to be had. */
	page_node_stats(0, &stats);
	CHECK(stats.cached);
	CHECK_EQ(clear_idle(~0ULL), count * 512ULL - stats.cached);
	check_books(total);
	/* Also what was cleared, written to, and freed. */
	CHECK_EQ(take_large(PAGE_ALLOC_ZERO), count);
	free_all();
	CHECK(clear_idle(~0ULL));
	CHECK_EQ(take_large(PAGE_ALLOC_ZERO), count);
	free_all();
	page_drain_caches(0);
	/* All of it can be had in one piece, as before. */
	CHECK(model_alloc(0, 11, PAGE_ALLOC_STRICT, 1));
	free_all();
	check_books(total);
}

/* A block that is being cleared is there for who needs it, and is not cleared any further. */
static void taken_while_cleared(void)
{
	u64 total;
	u32 count, i;

	shim_page_alloc_init(1, 1, NODE_LEN);
	shim_cpu.id = 0;
	total = shim_free_pages();
	count = take_large(PAGE_ALLOC_ZERO);
	free_all();
	CHECK_EQ(clear_idle(512 + 100), 512 + 100);
	CHECK_EQ(shim_free_pages(), total);
	while (nblocks < MAX_BLOCKS && model_alloc(0, 0, 0, 0xff))
		;
	CHECK_EQ(nblocks, total);
	for (i = 0; i < nblocks; i++)
		memset(page_virt(blocks[i].page), blocks[i].tag, PAGE_LEN);
	CHECK_EQ(clear_idle(~0ULL), 0);
	for (i = 0; i < nblocks; i++)
		CHECK(!memchr(page_virt(blocks[i].page), 0, PAGE_LEN));
	free_all();
	CHECK_EQ(take_large(PAGE_ALLOC_ZERO), count);
	free_all();
	page_check(0);
	CHECK_EQ(shim_free_pages(), total);
}

/* What was not allocated as zeroes, as copies are not, is not cleared for the next copy. */
static void copies_are_left(void)
{
	shim_page_alloc_init(1, 1, NODE_LEN);
	shim_cpu.id = 0;
	take_large(0);
	free_all();
	page_drain_caches(0);
	CHECK_EQ(clear_idle(~0ULL), 0);
	/* The same blocks as zeroes, once for each time. */
	take_large(PAGE_ALLOC_ZERO);
	free_all();
	page_drain_caches(0);
	CHECK(clear_idle(~0ULL));
	page_drain_caches(0);
	/* The cache takes more from the lists than is asked for, and gives it back unused. */
	CHECK(model_alloc(0, PAGE_ORDER_2M, 0, 1));
	free_all();
	page_drain_caches(0);
	CHECK_EQ(clear_idle(~0ULL), 0);
	take_large(0);
	free_all();
	page_drain_caches(0);
	CHECK_EQ(clear_idle(~0ULL), 0);
	page_check(0);
}

/* Another CPU's first touch, while one clears. */
static void take_meanwhile(void)
{
	u32 clearer = shim_cpu.id;

	shim_clear_hook = NULL;
	shim_cpu.id = 2;
	CHECK(model_alloc(0, PAGE_ORDER_2M, PAGE_ALLOC_STRICT | PAGE_ALLOC_ZERO, 1));
	shim_cpu.id = clearer;
}

/* What is ready can be taken while the next block is cleared: nobody waits for that. */
static void nobody_waits(void)
{
	u64 total;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	shim_cpu.id = 0;
	total = shim_free_pages();
	take_large(PAGE_ALLOC_ZERO);
	free_all();
	CHECK_EQ(clear_idle(512 + 10), 512 + 10);
	shim_clear_hook = take_meanwhile;
	CHECK_EQ(clear_idle(1), 1);
	CHECK(!shim_clear_hook);
	CHECK_EQ(nblocks, 1);
	check_books(total);
	free_all();
	check_books(total);
}

static void take_cleared(void *unused)
{
	(void)unused;
	while (page_alloc(0, PAGE_ORDER_2M, PAGE_ALLOC_ZERO))
		;
}

/* Debug builds notice that somebody wrote to a cleared block, or to one before it is cleared. */
static void written_while_free(void)
{
	struct page *pages[6];
	u32 i;

	shim_page_alloc_init(1, 1, NODE_LEN);
	shim_cpu.id = 0;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = page_alloc(0, PAGE_ORDER_2M, PAGE_ALLOC_ZERO);
		CHECK(pages[i]);
	}
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		page_free(pages[i], PAGE_ORDER_2M);
	CHECK(clear_idle(~0ULL));
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		((u8 *)page_virt(pages[i]))[2 * PAGE_LEN + 8] = 1;
	if (CONFIG_DEBUG)
		CHECK(unit_panics(take_cleared, NULL, "was written at offset 0x2008"));
}

/* Small pages that were joined, cleared as one block, and given back are free as before. */
static void cleared_of_small_pages(void)
{
	u64 total;
	u32 n;

	shim_page_alloc_init(1, 1, NODE_LEN);
	shim_cpu.id = 0;
	total = shim_free_pages();
	n = take_large(PAGE_ALLOC_ZERO);
	CHECK(n > 4);
	while (nblocks > n / 2)
		model_free(nblocks - 1);
	while (nblocks < MAX_BLOCKS && model_alloc(0, 0, 0, 1))
		;
	CHECK_EQ(used_pages(), total);
	free_all();
	page_drain_caches(0);
	CHECK(clear_idle(~0ULL));
	while (nblocks < MAX_BLOCKS && model_alloc(0, 0, 0, 1))
		;
	CHECK_EQ(nblocks, total);
	free_all();
}

static const struct unit_test tests[] = {
	UNIT_TEST(cleared_ahead),
	UNIT_TEST(copies_are_left),
	UNIT_TEST(taken_while_cleared),
	UNIT_TEST(nobody_waits),
	UNIT_TEST(written_while_free),
	UNIT_TEST(cleared_of_small_pages),
};

UNIT_MAIN(tests)
