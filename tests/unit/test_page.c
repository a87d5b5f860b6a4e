// SPDX-License-Identifier: GPL-2.0-only
/* The page allocator against a model with one byte per page. */
#include "lwk/include/mm/page_alloc.h"

#include <errno.h>
#include <string.h>

#include "lwk/include/mm/early.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define CPUS 3
#define NODES 2
#define NODE_LEN (16ULL << 20)
#define NODE_PAGES (NODE_LEN / PAGE_LEN)
#define ARENA_PAGES (NODES * NODE_PAGES)
#define MAX_BLOCKS 4096

struct block {
	struct page *page;
	u32 order;
	u8 tag;
};

static struct block blocks[MAX_BLOCKS];
static u32 nblocks;
static bool taken[ARENA_PAGES];

/* First and last word of a block: enough to notice that two share memory. */
static void tag_block(const struct block *b)
{
	u8 *memory = page_virt(b->page);

	memset(memory, b->tag, 8);
	memset(memory + (PAGE_LEN << b->order) - 8, b->tag, 8);
}

static void check_tag(const struct block *b)
{
	const u8 *memory = page_virt(b->page);
	u8 want[8];

	memset(want, b->tag, 8);
	CHECK(!memcmp(memory, want, 8));
	CHECK(!memcmp(memory + (PAGE_LEN << b->order) - 8, want, 8));
}

static void mark(const struct block *b, bool value)
{
	u64 first = (page_paddr(b->page) - SHIM_PADDR) / PAGE_LEN;
	u64 i;

	CHECK(first + (1ULL << b->order) <= ARENA_PAGES);
	for (i = first; i < first + (1ULL << b->order); i++) {
		CHECK(taken[i] != value);
		taken[i] = value;
	}
}

static bool model_alloc(u32 node, u32 order, u32 flags, u8 tag)
{
	struct block b = { page_alloc(node, order, flags), order, tag };
	const u8 *memory;
	u64 i;

	if (!b.page)
		return false;
	CHECK_EQ(b.page->refcount, 1);
	CHECK_EQ(b.page->order, order);
	CHECK(IS_ALIGNED(page_paddr(b.page), PAGE_LEN << order));
	CHECK(page_of_paddr(page_paddr(b.page)) == b.page);
	if (flags & PAGE_ALLOC_STRICT)
		CHECK_EQ(page_node(b.page), node);
	if (flags & PAGE_ALLOC_ZERO) {
		memory = page_virt(b.page);
		for (i = 0; i < PAGE_LEN << order; i++)
			CHECK(!memory[i]);
	}
	mark(&b, true);
	tag_block(&b);
	blocks[nblocks++] = b;
	return true;
}

static void model_free(u32 i)
{
	struct block b = blocks[i];

	check_tag(&b);
	mark(&b, false);
	blocks[i] = blocks[--nblocks];
	if (b.tag & 1)
		page_free(b.page, b.order);
	else
		page_put(b.page);
}

static u64 used_pages(void)
{
	u64 npages = 0;
	u32 i;

	for (i = 0; i < nblocks; i++)
		npages += 1ULL << blocks[i].order;
	return npages;
}

static void check_books(u64 total)
{
	u32 node;

	for (node = 0; node < NODES; node++)
		page_check(node);
	CHECK_EQ(shim_free_pages(), total - used_pages());
}

static u32 random_order(struct unit_random *rng)
{
	static const u8 orders[] = { 0, 0, 0, 0, 0, 1, 2, 3, 5, 7, 9, 9, 10 };

	return orders[unit_random(rng, sizeof(orders))];
}

/* What an idle CPU does, up to a number of pages; returns how many it cleared. */
static u64 clear_idle(u64 max)
{
	u64 irq = arch_irq_save();
	u64 npages = 0;

	while (npages < max && page_clear_idle())
		npages++;
	arch_irq_restore(irq);
	return npages;
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

static u32 take_large(u32 flags)
{
	u32 count = 0;

	while (nblocks < MAX_BLOCKS && model_alloc(0, PAGE_ORDER_2M, PAGE_ALLOC_STRICT | flags, 1))
		count++;
	return count;
}

static void free_all(void)
{
	while (nblocks)
		model_free(nblocks - 1);
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
	UNIT_TEST(cleared_ahead),
	UNIT_TEST(copies_are_left),
	UNIT_TEST(taken_while_cleared),
	UNIT_TEST(nobody_waits),
	UNIT_TEST(written_while_free),
	UNIT_TEST(cleared_of_small_pages),
	UNIT_TEST(huge_pages),
	UNIT_TEST(references),
	UNIT_TEST(bad_frees),
	UNIT_TEST(bad_arguments),
	UNIT_TEST(statistics),
	UNIT_TEST(injected_failure),
};

UNIT_MAIN(tests)
