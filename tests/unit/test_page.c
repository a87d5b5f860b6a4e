// SPDX-License-Identifier: GPL-2.0-only
/* The page allocator against a model with one byte per page. */
#include "lwk/include/mm/page_alloc.h"

#include <errno.h>
#include <string.h>

#include "lwk/include/mm/early.h"
#include "tests/unit/page_model.h"

static u32 random_order(struct unit_random *rng)
{
	static const u8 orders[] = { 0, 0, 0, 0, 0, 1, 2, 3, 5, 7, 9, 9, 10 };

	return orders[unit_random(rng, sizeof(orders))];
}

static void random_operations(void)
{
	struct unit_random rng = { 9 };
	u64 total;
	u32 round, grow;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	total = shim_free_pages();
	CHECK(total > ARENA_PAGES * 9 / 10 && total < ARENA_PAGES);
	for (round = 0; round < 40000; round++) {
		shim_cpu.id = (u32)unit_random(&rng, CPUS);
		/* Phases of growing to the full and of shrinking. */
		grow = round / 4000 % 2 ? 40 : 60;
		if (unit_random(&rng, 100) < grow && nblocks < MAX_BLOCKS)
			model_alloc((u32)unit_random(&rng, NODES),
				    random_order(&rng),
				    (u32)unit_random(&rng, 4), (u8)round);
		else if (nblocks)
			model_free((u32)unit_random(&rng, nblocks));
		clear_idle(unit_random(&rng, 80));
		if (round % 1000 == 0)
			check_books(total);
	}
	while (nblocks)
		model_free(nblocks - 1);
	check_books(total);
}

/* Every page can be had, in any size, and all come back as large blocks. */
static void exhaustion(void)
{
	struct page_stats stats;
	u64 total, got;
	u32 node, i;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	total = shim_free_pages();
	for (got = 0; nblocks < MAX_BLOCKS; got++) {
		shim_cpu.id = (u32)(got % CPUS);
		if (!model_alloc(0, 0, PAGE_ALLOC_STRICT, 1))
			break;
	}
	page_node_stats(0, &stats);
	CHECK_EQ(stats.free, 0);
	CHECK_EQ(stats.total, got);
	CHECK(!page_alloc(0, 3, PAGE_ALLOC_STRICT));
	/* Freed into the cache of another CPU, had again from this one. */
	shim_cpu.id = 1;
	for (i = 0; i < 8; i++)
		model_free(nblocks - 1);
	shim_cpu.id = 2;
	for (i = 0; i < 8; i++)
		CHECK(model_alloc(0, 0, PAGE_ALLOC_STRICT, 1));
	while (nblocks)
		model_free(nblocks - 1);
	check_books(total);
	for (node = 0; node < NODES; node++) {
		page_drain_caches(node);
		page_node_stats(node, &stats);
		CHECK_EQ(stats.cached, 0);
		/* 16 MiB less the descriptors still hold an 8 MiB block. */
		CHECK(model_alloc(node, 11, PAGE_ALLOC_STRICT, 1));
	}
}

static void fallback_by_distance(void)
{
	static struct mm_topology topo;
	struct page *page;
	u32 nodes[4] = { 0 };
	u32 node, last = 2;

	shim_memory_init(4 * NODE_LEN);
	for (node = 0; node < 4; node++)
		CHECK(!early_add_chunk(SHIM_PADDR + node * NODE_LEN,
				       SHIM_PADDR + (node + 1) * NODE_LEN,
				       node));
	shim_topology(&topo, 1, 4);
	topo.cpu_node[0] = 2;
	topo.distance[2][0] = 12;
	topo.distance[2][1] = 15;
	topo.distance[2][3] = 11;
	CHECK(!page_alloc_init(&topo));
	/* Order 2 is not cached: 2 first, then 3, 0, 1. */
	while ((page = page_alloc(PAGE_THIS_NODE, 2, 0))) {
		node = page_node(page);
		if (node != last) {
			CHECK_EQ(node, last == 2 ? 3 : last == 3 ? 0 : 1);
			CHECK_EQ(nodes[node], 0);
		}
		nodes[node]++;
		last = node;
	}
	CHECK_EQ(last, 1);
	CHECK(nodes[0] && nodes[1] && nodes[2] && nodes[3]);
}

/* Chunks with odd ends, holes, reserved parts; neighbours of other nodes. */
static void odd_chunks(void)
{
	static struct mm_topology topo;
	static const struct {
		u64 start, end;
		u32 node;
	} chunks[] = {
		{ 3, 700, 0 }, { 700, 1024, 0 }, { 1024, 1027, 1 },
		{ 1030, 2050, 1 }, { 2050, 2051, 0 }, { 3001, 4000, 1 },
	};
	u64 total, i;

	shim_memory_init(ARENA_PAGES * PAGE_LEN);
	memset(taken, true, sizeof(taken));
	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		CHECK(!early_add_chunk(SHIM_PADDR + chunks[i].start * PAGE_LEN,
				       SHIM_PADDR + chunks[i].end * PAGE_LEN,
				       chunks[i].node));
		memset(&taken[chunks[i].start], false,
		       chunks[i].end - chunks[i].start);
	}
	CHECK(!early_reserve(SHIM_PADDR + 100 * PAGE_LEN,
			     SHIM_PADDR + 164 * PAGE_LEN));
	memset(&taken[100], true, 64);
	shim_topology(&topo, 1, NODES);
	CHECK(!page_alloc_init(&topo));
	CHECK_EQ(page_chunk_count(), 5);
	CHECK(!page_of_paddr(SHIM_PADDR + 2 * PAGE_LEN));
	CHECK(!page_of_paddr(SHIM_PADDR + 1027 * PAGE_LEN));
	CHECK(!page_of_paddr(SHIM_PADDR + 4000 * PAGE_LEN));
	CHECK(!page_of_paddr(0) && !page_of_paddr(~0ULL));
	CHECK(page_of_paddr(SHIM_PADDR + 4000 * PAGE_LEN - 1));

	total = shim_free_pages();
	page_release_range(SHIM_PADDR + 100 * PAGE_LEN,
			   SHIM_PADDR + 164 * PAGE_LEN);
	memset(&taken[100], false, 64);
	CHECK_EQ(shim_free_pages(), total + 64);
	check_books(total + 64);
	/* mark() fails if anything outside comes out. */
	while (model_alloc(0, 0, 0, 1))
		;
	CHECK_EQ(nblocks, total + 64);
	while (nblocks)
		model_free(0);
	check_books(total + 64);
}

/* Behind the last descriptor lies what looks like a free buddy of it. */
static void end_of_chunk(void)
{
	static struct mm_topology topo;
	struct page *page, *end;
	u64 total;

	memset(taken, false, sizeof(taken));
	shim_memory_init(NODE_LEN);
	CHECK(!early_add_chunk(SHIM_PADDR, SHIM_PADDR + 129 * PAGE_LEN, 0));
	/* Puts the descriptors of the first chunk into its beginning. */
	CHECK(!early_reserve(SHIM_PADDR + 100 * PAGE_LEN,
			     SHIM_PADDR + 128 * PAGE_LEN));
	shim_topology(&topo, 1, NODES);
	CHECK(!page_alloc_init(&topo));
	end = page_chunk_get(0)->pages + 129;
	*end = (struct page){ .state = PAGE_FREE };
	list_init(&end->link);

	total = shim_free_pages();
	page = page_of_paddr(SHIM_PADDR + 128 * PAGE_LEN);
	CHECK(page && page + 1 == end && page->state == PAGE_FREE);
	while (model_alloc(0, 0, PAGE_ALLOC_STRICT, 1))
		;
	CHECK_EQ(nblocks, total);
	while (nblocks)
		model_free(nblocks - 1);
	page_drain_caches(0);
	check_books(total);
	CHECK(page->state == PAGE_FREE && page->order == 0);
	CHECK(end->state == PAGE_FREE);
}

static void huge_pages(void)
{
	struct page *a, *b;

	shim_page_alloc_init(1, 1, 3 * HUGE_PAGE_LEN);
	a = page_alloc(0, PAGE_ORDER_1G, 0);
	b = page_alloc(0, PAGE_ORDER_1G, 0);
	CHECK(a && b && a != b);
	CHECK(IS_ALIGNED(page_paddr(a) | page_paddr(b), HUGE_PAGE_LEN));
	CHECK(!page_alloc(0, PAGE_ORDER_1G, 0));
	CHECK(!page_alloc(0, PAGE_ORDER_1G + 1, 0));
	page_free(a, PAGE_ORDER_1G);
	page_free(b, PAGE_ORDER_1G);
	page_check(0);
	CHECK(page_alloc(0, PAGE_ORDER_1G, 0));
}

static void references(void)
{
	struct page *page;
	u64 before;
	u32 i;

	shim_page_alloc_init(1, 1, NODE_LEN);
	before = shim_free_pages();
	page = page_alloc(0, 1, 0);
	CHECK(page);
	page_get(page);
	page_put(page);
	CHECK_EQ(shim_free_pages(), before - 2);
	page_put(page);
	CHECK_EQ(shim_free_pages(), before);

	page = page_alloc(0, 4, 0);
	CHECK(page);
	page_split(page);
	page_check(0);
	for (i = 0; i < 16; i++)
		page_free(page + (i * 7) % 16, 0);
	CHECK_EQ(shim_free_pages(), before);
	page_drain_caches(0);
	page_check(0);
}

static void free_order_0(void *page)
{
	page_free(page, 0);
}

static void put(void *page)
{
	page_put(page);
}

/* Written after free, then allocated again by exhaustion. */
static void use_after_free(void *page)
{
	u8 *memory = page_virt(page);

	page_free(page, 0);
	memory[1000] = 0;
	while (page_alloc(0, 0, 0))
		;
}

static void bad_frees(void)
{
	struct page *single, *pair, *shared;
	struct page fake = { .chunk = 0 };

	shim_page_alloc_init(1, 1, NODE_LEN);
	single = page_alloc(0, 0, 0);
	pair = page_alloc(0, 1, 0);
	shared = page_alloc(0, 0, 0);
	CHECK(single && pair && shared);
	page_get(shared);
	CHECK(unit_panics(free_order_0, pair, "with order 0, has 1"));
	CHECK(unit_panics(free_order_0, pair + 1, "not allocated"));
	CHECK(unit_panics(free_order_0, shared, "with 2 owners"));
	CHECK(unit_panics(free_order_0, &fake, "no page descriptor"));
	CHECK(unit_panics(free_order_0, NULL, "no page descriptor"));
	CHECK(unit_panics(free_order_0, (char *)single + 8,
			  "no page descriptor"));
	CHECK(unit_panics(free_order_0, page_chunk_get(0)->pages +
					       NODE_LEN / PAGE_LEN - 1,
			  "not allocated"));
	if (CONFIG_DEBUG)
		CHECK(unit_panics(use_after_free, single,
				  "was written at offset 0x3e8"));
	page_free(single, 0);
	CHECK(unit_panics(free_order_0, single, "not allocated"));
	CHECK(unit_panics(put, single, "not allocated"));
	page_drain_caches(0);
	CHECK(unit_panics(free_order_0, single, "not allocated"));
}

static void bad_arguments(void)
{
	static struct mm_topology topo;

	shim_memory_init(NODE_LEN);
	shim_topology(&topo, 1, 1);
	CHECK_EQ(page_alloc_init(&topo), -EINVAL);
	CHECK(!early_add_chunk(SHIM_PADDR, SHIM_PADDR + NODE_LEN, 1));
	CHECK_EQ(page_alloc_init(&topo), -EINVAL);
	topo.nnodes = 2;
	topo.ncpus = 0;
	CHECK_EQ(page_alloc_init(&topo), -EINVAL);
	topo.ncpus = IHK_MAX_CPUS + 1;
	CHECK_EQ(page_alloc_init(&topo), -EINVAL);
	topo.ncpus = 1;
	topo.cpu_node[0] = 2;
	CHECK_EQ(page_alloc_init(&topo), -EINVAL);
	/* A node without memory is fine, and strict about it. */
	topo.cpu_node[0] = 0;
	CHECK_EQ(page_alloc_init(&topo), 0);
	CHECK(!page_alloc(0, 0, PAGE_ALLOC_STRICT));
	CHECK(page_alloc(0, 0, 0));
	CHECK(!page_alloc(2, 0, 0));
	CHECK(!page_alloc(1, PAGE_ORDER_COUNT, 0));
	CHECK(!page_alloc(1, ~0U, 0));
}

static u64 published[NODES];

static void publish(u32 node, const struct page_stats *stats)
{
	published[node] = stats->free;
}

static void statistics(void)
{
	struct page *page;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	mm_stats_publish();
	mm_stats_set_hook(publish);
	mm_stats_publish();
	CHECK_EQ(published[0] + published[1], shim_free_pages());
	page = page_alloc(1, 3, PAGE_ALLOC_STRICT);
	CHECK(page);
	mm_stats_publish();
	CHECK_EQ(published[0] - published[1], 8);
}

static void injected_failure(void)
{
	struct page *page;
	u64 before;

	if (!CONFIG_DEBUG)
		return;
	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	before = shim_free_pages();
	shim_fail_nth(1);
	page = page_alloc(0, 0, 0);
	CHECK(page);
	CHECK(!page_alloc(0, 0, 0));
	CHECK(shim_failed());
	page_free(page, 0);
	CHECK_EQ(shim_free_pages(), before);
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_operations),
	UNIT_TEST(exhaustion),
	UNIT_TEST(fallback_by_distance),
	UNIT_TEST(odd_chunks),
	UNIT_TEST(end_of_chunk),
	UNIT_TEST(huge_pages),
	UNIT_TEST(references),
	UNIT_TEST(bad_frees),
	UNIT_TEST(bad_arguments),
	UNIT_TEST(statistics),
	UNIT_TEST(injected_failure),
};

UNIT_MAIN(tests)
