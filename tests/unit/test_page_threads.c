// SPDX-License-Identifier: GPL-2.0-only
/* The page allocator with several CPUs at once that pass blocks around. */
#include "lwk/include/mm/page_alloc.h"

#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define CPUS 4
#define NODES 2
#define NODE_LEN (8ULL << 20)
#define ROUNDS 6000
#define SLOTS 512

/* Blocks on their way from one CPU to another. */
static struct page *slots[SLOTS];

static u64 word_for(const struct page *page)
{
	return page_paddr(page) * 0x9e3779b97f4a7c15ULL;
}

/* Whoever takes a block out of a slot owns it alone. */
static struct page *swap(u64 slot, struct page *page)
{
	return __atomic_exchange_n(&slots[slot], page, __ATOMIC_ACQ_REL);
}

static void release(struct page *page)
{
	u64 *words;

	if (!page)
		return;
	words = page_virt(page);
	CHECK(words[0] == word_for(page));
	words[0] = 0;
	page_free(page, page->order);
}

static struct page *obtain(struct unit_random *rng)
{
	static const u8 orders[] = { 0, 0, 0, 0, 0, 0, 1, 2, 4, 9 };
	struct page *page;
	u64 *words;

	page = page_alloc((u32)unit_random(rng, NODES),
			  orders[unit_random(rng, sizeof(orders))], PAGE_ALLOC_ZERO);
	if (!page)
		return NULL;
	words = page_virt(page);
	CHECK(!words[0]);
	words[0] = word_for(page);
	return page;
}

static void churn(u32 cpu)
{
	struct unit_random rng = { 100 + cpu };
	struct page_stats stats;
	u32 round, pages;
	u64 irq;

	for (round = 0; round < ROUNDS; round++) {
		release(swap(unit_random(&rng, SLOTS), obtain(&rng)));
		release(swap(unit_random(&rng, SLOTS), NULL));
		irq = arch_irq_save();
		for (pages = (u32)unit_random(&rng, 50); pages && page_clear_idle(); pages--)
			;
		arch_irq_restore(irq);
		if (round % 500 == 0)
			page_drain_caches((u32)unit_random(&rng, NODES));
		if (round % 100 == 0) {
			page_node_stats(cpu % NODES, &stats);
			CHECK(stats.free <= stats.total + stats.cached);
		}
	}
}

static void passing_around(void)
{
	u64 before;
	u32 i;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	before = shim_free_pages();
	unit_threads(CPUS, churn);
	for (i = 0; i < SLOTS; i++)
		release(swap(i, NULL));
	CHECK_EQ(shim_free_pages(), before);
	for (i = 0; i < NODES; i++) {
		page_check(i);
		page_drain_caches(i);
		page_check(i);
	}
}

/* Several owners of one block: the last one frees it, once. */
static struct page *shared;

static void own_and_leave(u32 cpu)
{
	u32 round;

	(void)cpu;
	for (round = 0; round < ROUNDS; round++) {
		page_get(shared);
		page_put(shared);
	}
	page_put(shared);
}

static void last_owner(void)
{
	u64 before;
	u32 i;

	shim_page_alloc_init(CPUS, 1, NODE_LEN);
	before = shim_free_pages();
	shared = page_alloc(0, 0, 0);
	CHECK(shared);
	for (i = 1; i < CPUS; i++)
		page_get(shared);
	unit_threads(CPUS, own_and_leave);
	CHECK_EQ(shim_free_pages(), before);
}

static const struct unit_test tests[] = {
	UNIT_TEST(passing_around),
	UNIT_TEST(last_owner),
};

UNIT_MAIN(tests)
