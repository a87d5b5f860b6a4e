// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buddy lists of one node.
 *
 * A free block of 2^order pages is aligned to its size; its head is in state
 * PAGE_FREE in the list of its order, all its other pages are in state PAGE_TAIL.
 * Two free buddies never exist: they are joined at once. Blocks do not cross the
 * end of a chunk.
 *
 * Only holders of the node's lock move a page into or out of PAGE_FREE. Other
 * states change without it, which is why states are read and written atomically.
 */
#include "lwk/include/assert.h"
#include "lwk/mm/internal.h"

struct page_node page_nodes[IHK_MAX_NODES];

void buddy_init(struct page_node *node)
{
	u32 order;

	spin_lock_init(&node->lock, LOCK_RANK_PAGE_NODE, "page_node");
	for (order = 0; order < PAGE_ORDER_COUNT; order++)
		list_init(&node->free[order]);
	node->orders = 0;
	node->free_pages = 0;
	node->total_pages = 0;
}

static void list_block(struct page_node *node, struct page *page, u32 order)
{
	page->order = (u8)order;
	WRITE_ONCE(page->state, PAGE_FREE);
	list_add(&page->link, &node->free[order]);
	node->orders |= 1U << order;
}

static void unlist_block(struct page_node *node, struct page *page)
{
	list_del(&page->link);
	if (list_empty(&node->free[page->order]))
		node->orders &= ~(1U << page->order);
}

/* The block's buddy if that is free and whole, else NULL. */
static struct page *free_buddy(struct page *page, u32 order)
{
	const struct page_chunk *chunk = page_chunk_get(page->chunk);
	u64 block_len = PAGE_LEN << order;
	paddr_t pa = page_paddr(page) ^ block_len;
	struct page *buddy;

	if (order + 1 >= PAGE_ORDER_COUNT || pa < chunk->start ||
	    pa >= chunk->end)
		return NULL;
	buddy = &chunk->pages[(pa - chunk->start) >> PAGE_SHIFT];
	if (READ_ONCE(buddy->state) != PAGE_FREE || buddy->order != order)
		return NULL;
	return buddy;
}

void buddy_free_locked(struct page_node *node, struct page *page)
{
	u32 order = page->order;
	struct page *buddy;

	ASSERT(spin_lock_held(&node->lock));
	/* Else a block that is only moved to a cache and back would be counted there again. */
	page->zeroed = false;
	node->free_pages += 1ULL << order;
	for (buddy = free_buddy(page, order); buddy;
	     buddy = free_buddy(page, order)) {
		unlist_block(node, buddy);
		WRITE_ONCE((buddy > page ? buddy : page)->state, PAGE_TAIL);
		page = buddy > page ? page : buddy;
		order++;
	}
	list_block(node, page, order);
}

struct page *buddy_alloc_locked(struct page_node *node, u32 order)
{
	u32 candidates;
	struct page *page;
	u32 found;

	ASSERT(spin_lock_held(&node->lock));
	candidates = node->orders & (~0U << order);
	if (!candidates)
		return NULL;
	found = (u32)__builtin_ctz(candidates);
	page = list_first(&node->free[found], struct page, link);
	ASSERT(page->state == PAGE_FREE && page->order == found);
	unlist_block(node, page);
	while (found > order) {
		found--;
		list_block(node, page + (1ULL << found), found);
	}
	page->order = (u8)order;
	WRITE_ONCE(page->state, PAGE_CACHED);
	node->free_pages -= 1ULL << order;
	return page;
}

/* The largest block that starts at @pa and ends by @end. */
static u32 largest_order(paddr_t pa, paddr_t end)
{
	u32 order = PAGE_ORDER_COUNT - 1;

	while (!IS_ALIGNED(pa, PAGE_LEN << order) ||
	       end - pa < PAGE_LEN << order)
		order--;
	return order;
}

void buddy_add(paddr_t start, paddr_t end)
{
	struct page *page = page_of_paddr(start);
	struct page_node *node;
	u64 irq, i;
	u32 order;

	ASSERT(page && IS_ALIGNED(start | end, PAGE_LEN) && start < end);
	ASSERT(end <= page_chunk_get(page->chunk)->end);
	node = &page_nodes[page_node(page)];
	for (; start < end; start += PAGE_LEN << order) {
		order = largest_order(start, end);
		page = page_of_paddr(start);
		for (i = 0; i < 1ULL << order; i++) {
			ASSERT(page[i].state == PAGE_RESERVED);
			WRITE_ONCE(page[i].state, PAGE_TAIL);
		}
		page->order = (u8)order;
		irq = spin_lock_irqsave(&node->lock);
		node->total_pages += 1ULL << order;
		buddy_free_locked(node, page);
		spin_unlock_irqrestore(&node->lock, irq);
	}
}
