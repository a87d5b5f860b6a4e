// SPDX-License-Identifier: GPL-2.0-only
/* The page allocator with several CPUs at once that pass blocks around. */
#include "lwk/include/mm/page_alloc.h"

#include "lwk/mm/internal.h"
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

/* One CPU clears a page until another, which takes all memory, wants that, too. */
#define ALONE_PAGES (NODE_LEN / PAGE_LEN)
static struct page_clear *const clearing = &page_nodes[0].clear;
static u64 taken;
static bool clears;
static bool all_taken;

static void clear_until_wanted(void)
{
	shim_clear_hook = NULL;
	WRITE_ONCE(clears, true);
	while (!READ_ONCE(clearing->recalled) && !READ_ONCE(all_taken))
		arch_cpu_relax();
	CHECK(READ_ONCE(clearing->recalled));
}

static void clear_or_take(u32 cpu)
{
	static struct page *pages[ALONE_PAGES];
	u64 irq;

	if (!cpu) {
		shim_clear_hook = clear_until_wanted;
		irq = arch_irq_save();
		CHECK(page_clear_idle());
		arch_irq_restore(irq);
		return;
	}
	while (!READ_ONCE(clears))
		arch_cpu_relax();
	for (taken = 0; taken < ALONE_PAGES; taken++) {
		pages[taken] = page_alloc(0, 0, 0);
		if (!pages[taken])
			break;
	}
	WRITE_ONCE(all_taken, true);
	while (taken)
		page_free(pages[--taken], 0);
}

static void give_back_large(u32 count)
{
	struct page *pages[NODE_LEN >> 21];
	u32 i;

	for (i = 0; i < count; i++) {
		pages[i] = page_alloc(0, PAGE_ORDER_2M, PAGE_ALLOC_ZERO);
		CHECK(pages[i]);
	}
	for (i = 0; i < count; i++)
		page_free(pages[i], PAGE_ORDER_2M);
	page_drain_caches(0);
}

/* The last free block is waited for, for as long as a page of it is cleared. */
static void recalled_while_cleared(void)
{
	u64 before;

	shim_page_alloc_init(2, 1, NODE_LEN);
	before = shim_free_pages();
	give_back_large(2);
	clears = false;
	all_taken = false;
	unit_threads(2, clear_or_take);
	CHECK_EQ(shim_free_pages(), before);
	CHECK(!clearing->block && !clearing->busy && !clearing->recalled);
	page_check(0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(passing_around),
	UNIT_TEST(last_owner),
	UNIT_TEST(recalled_while_cleared),
};

UNIT_MAIN(tests)
