// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting pages, and checking that the page allocator's books are right.
 */
#include "lwk/include/assert.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/mm/internal.h"

static mm_stats_fn stats_hook;

void page_node_stats(u32 node, struct page_stats *out)
{
	struct page_node *pn = &page_nodes[node];
	u64 irq;

	ASSERT(node < page_topology.nnodes);
	out->cached = page_cache_count(pn);
	/* Both locks: an idle CPU moves blocks from one to the other. */
	irq = spin_lock_irqsave(&pn->clear.lock);
	spin_lock(&pn->lock);
	out->total = pn->total_pages;
	out->free = pn->free_pages + out->cached + page_clear_count_locked(&pn->clear);
	spin_unlock(&pn->lock);
	spin_unlock_irqrestore(&pn->clear.lock, irq);
}

void mm_stats_set_hook(mm_stats_fn fn)
{
	WRITE_ONCE(stats_hook, fn);
}

void mm_stats_publish(void)
{
	mm_stats_fn fn = READ_ONCE(stats_hook);
	struct page_stats stats;
	u32 node;

	if (!fn)
		return;
	for (node = 0; node < page_topology.nnodes; node++) {
		page_node_stats(node, &stats);
		fn(node, &stats);
	}
}

/* Check the block that starts at @page; returns the pages in it. */
static u64 check_block(const struct page_chunk *chunk, const struct page *page)
{
	u64 index = (u64)(page - chunk->pages);
	u64 npages = 1ULL << page->order;
	paddr_t pa = page_paddr(page);
	u64 i;

	if (page->state == PAGE_RESERVED)
		return 1;
	if (page->state == PAGE_TAIL || page->order >= PAGE_ORDER_COUNT ||
	    !IS_ALIGNED(pa, npages << PAGE_SHIFT) ||
	    index + npages > (chunk->end - chunk->start) >> PAGE_SHIFT)
		panic("page_alloc: block %#llx is broken (state %u, order %u)",
		      pa, page->state, page->order);
	for (i = 1; i < npages; i++)
		ASSERT(page[i].state == PAGE_TAIL);
	if (page->state == PAGE_FREE || page->state == PAGE_CACHED)
		ASSERT(!page->refcount);
	else
		ASSERT(page->refcount);
	return npages;
}

/* Check one chunk; returns its pages in state PAGE_FREE. */
static u64 check_chunk(const struct page_chunk *chunk)
{
	u64 npages = (chunk->end - chunk->start) >> PAGE_SHIFT;
	u64 free_pages = 0;
	u64 i, n;

	for (i = 0; i < npages; i += n) {
		n = check_block(chunk, &chunk->pages[i]);
		if (chunk->pages[i].state == PAGE_FREE)
			free_pages += n;
	}
	return free_pages;
}

void page_check(u32 node)
{
	struct page_node *pn = &page_nodes[node];
	const struct page *page;
	u64 listed = 0;
	u64 found = 0;
	u32 order, i;
	u64 irq;

	irq = spin_lock_irqsave(&pn->lock);
	for (order = 0; order < PAGE_ORDER_COUNT; order++) {
		ASSERT(!!(pn->orders & (1U << order)) ==
		       !list_empty(&pn->free[order]));
		list_for_each(page, &pn->free[order], link) {
			ASSERT(page->state == PAGE_FREE);
			ASSERT(page->order == order);
			ASSERT(page_node(page) == node);
			listed += 1ULL << order;
		}
	}
	for (i = 0; i < page_chunk_count(); i++) {
		if (page_chunk_get(i)->node == node)
			found += check_chunk(page_chunk_get(i));
	}
	ASSERT(listed == pn->free_pages && found == pn->free_pages);
	spin_unlock_irqrestore(&pn->lock, irq);
}
