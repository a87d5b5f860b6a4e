// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large pages that idle CPUs clear before they are asked for.
 *
 * For each block of 2 MiB that was allocated as zeroes and that a CPU's cache gives back to the
 * lists, its node is to clear as much (@due). So no more is cleared than was asked for: what
 * programs never need, and copies after a fork, which are freed and overwritten by the next
 * copies, are left alone. A block to be cleared leaves the lists, waits here, and goes to whoever
 * wants a large page of zeroes, or back to the lists as soon as these have nothing else: so it is
 * free memory all the time. Its zeroes are forgotten there.
 *
 * Small pages are not cleared ahead. They are taken again soon, from their CPU's cache, and one
 * that is still in L1 is cleared sooner than fetched. Larger blocks are not, since to take pieces
 * of 2 MiB out of them is to lose them.
 *
 * Nobody waits while a page is cleared, which is done without the lock: blocks that are ready can
 * be taken meanwhile. Only who has found no other memory waits for the one page that is just being
 * cleared (@recalled). What is read without the lock is only a hint. An idle CPU that finds another
 * at it halts: one CPU of a node leaves most of the memory's bandwidth to those that work.
 */
#include "lwk/include/arch.h"
#include "lwk/include/assert.h"
#include "lwk/include/config.h"
#include "lwk/mm/internal.h"

#define BLOCK_PAGES (1ULL << PAGE_ORDER_2M)

void page_clear_init(struct page_clear *clear)
{
	spin_lock_init(&clear->lock, LOCK_RANK_PAGE_CLEAR, "page_clear");
	list_init(&clear->blocks);
	clear->count = 0;
	clear->block = NULL;
	clear->done = 0;
	clear->busy = false;
	clear->recalled = false;
	clear->due = 0;
}

void page_clear_note(struct page_node *node, u32 nblocks)
{
	/* Relaxed: a number that orders nothing. */
	__atomic_fetch_add(&node->clear.due, nblocks, __ATOMIC_RELAXED);
}

/* Take the next block of what is due; the node owes nothing if there is none. */
static bool begin_block_locked(struct page_node *node)
{
	struct page_clear *clear = &node->clear;
	struct page *block;
	u64 i;

	if (!READ_ONCE(clear->due))
		return false;
	spin_lock(&node->lock);
	block = buddy_alloc_locked(node, PAGE_ORDER_2M);
	spin_unlock(&node->lock);
	if (!block) {
		WRITE_ONCE(clear->due, 0);
		return false;
	}
	__atomic_fetch_sub(&clear->due, 1, __ATOMIC_RELAXED);
	page_check_poison(block);
	/* Also of pages inside, which have been free blocks: they are to be written. */
	for (i = 0; i < (CONFIG_DEBUG ? BLOCK_PAGES : 1); i++)
		block[i].private = 0;
	WRITE_ONCE(clear->block, block);
	clear->done = 0;
	return true;
}

/* The page to be cleared next, by this CPU; NULL if there is none, or another CPU is at one. */
static void *begin_page_locked(struct page_node *node)
{
	struct page_clear *clear = &node->clear;

	if (clear->busy || (!clear->block && !begin_block_locked(node)))
		return NULL;
	clear->busy = true;
	return (u8 *)page_virt(clear->block) + clear->done * PAGE_LEN;
}

/* Give the block that is being cleared back to the buddy lists. */
static void drop_block_locked(struct page_node *node)
{
	struct page_clear *clear = &node->clear;

	spin_lock(&node->lock);
	buddy_free_locked(node, clear->block);
	spin_unlock(&node->lock);
	WRITE_ONCE(clear->block, NULL);
}

static void end_page_locked(struct page_node *node)
{
	struct page_clear *clear = &node->clear;

	clear->busy = false;
	clear->done++;
	if (clear->recalled) {
		drop_block_locked(node);
		/* Relaxed: who waits for it looks at the lists under their lock. */
		WRITE_ONCE(clear->recalled, false);
	} else if (clear->done == BLOCK_PAGES) {
		list_add(&clear->block->link, &clear->blocks);
		WRITE_ONCE(clear->count, clear->count + 1);
		WRITE_ONCE(clear->block, NULL);
	}
}

bool page_clear_idle(void)
{
	struct page_node *node = &page_nodes[mm_cpu_node(arch_cpu_id())];
	struct page_clear *clear = &node->clear;
	void *page;

	if ((!READ_ONCE(clear->due) && !READ_ONCE(clear->block)) || !spin_trylock(&clear->lock))
		return false;
	page = begin_page_locked(node);
	spin_unlock(&clear->lock);
	if (!page)
		return false;
	arch_clear_uncached(page, PAGE_LEN);
	spin_lock(&clear->lock);
	end_page_locked(node);
	spin_unlock(&clear->lock);
	return true;
}

static void check_zeroes(const struct page *page)
{
	const u64 *words = page_virt(page);
	u64 i;

	for (i = 0; i < BLOCK_PAGES * PAGE_LEN / sizeof(*words); i++) {
		if (words[i])
			panic("page_alloc: cleared page %#llx was written at offset %#llx: %#llx",
			      page_paddr(page), i * sizeof(*words), words[i]);
	}
}

static struct page *pop_locked(struct page_clear *clear)
{
	struct page *page;

	if (!clear->count)
		return NULL;
	page = list_first(&clear->blocks, struct page, link);
	list_del(&page->link);
	WRITE_ONCE(clear->count, clear->count - 1);
	return page;
}

struct page *page_clear_take(struct page_node *node)
{
	struct page_clear *clear = &node->clear;
	struct page *page;
	u64 irq;

	if (!READ_ONCE(clear->count))
		return NULL;
	irq = spin_lock_irqsave(&clear->lock);
	page = pop_locked(clear);
	spin_unlock_irqrestore(&clear->lock, irq);
	if (page && CONFIG_DEBUG)
		check_zeroes(page);
	return page;
}

static bool return_locked(struct page_node *node)
{
	struct page_clear *clear = &node->clear;
	struct page *page;

	if (clear->block && !clear->busy) {
		drop_block_locked(node);
		return true;
	}
	page = pop_locked(clear);
	if (!page)
		return false;
	spin_lock(&node->lock);
	buddy_free_locked(node, page);
	spin_unlock(&node->lock);
	return true;
}

bool page_clear_return(struct page_node *node)
{
	struct page_clear *clear = &node->clear;
	bool returned, recalled;
	u64 irq;

	irq = spin_lock_irqsave(&clear->lock);
	returned = return_locked(node);
	recalled = !returned && clear->busy;
	if (recalled)
		WRITE_ONCE(clear->recalled, true);
	spin_unlock_irqrestore(&clear->lock, irq);
	/* For as long as a page is cleared: the other CPU has its interrupts off. */
	while (recalled && READ_ONCE(clear->recalled))
		arch_cpu_relax();
	return returned || recalled;
}

u64 page_clear_count_locked(const struct page_clear *clear)
{
	ASSERT(spin_lock_held(&clear->lock));
	return (clear->count + !!clear->block) * BLOCK_PAGES;
}
