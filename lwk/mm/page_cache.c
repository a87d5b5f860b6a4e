// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each CPU's cache of free blocks, per node, for the two sizes in demand.
 *
 * A cache has a lock of its own, almost always taken by its CPU alone, so that
 * anyone who runs out of memory can fetch what other CPUs hold back. The lock of
 * the node is taken inside it, once per batch.
 */
#include "lwk/include/assert.h"
#include "lwk/mm/internal.h"

/* How much each cache may hold, and how much moves at once, in blocks. */
static const struct cache_limits {
	u32 order;
	u32 batch;
	u32 max;
} cache_limits[PAGE_CACHE_ORDERS] = {
	{ .order = PAGE_ORDER_4K, .batch = 32, .max = 96 },
	{ .order = PAGE_ORDER_2M, .batch = 2, .max = 4 },
};

/* The index of an order's cache, or PAGE_CACHE_ORDERS. */
static u32 cache_index(u32 order)
{
	u32 i;

	for (i = 0; i < PAGE_CACHE_ORDERS; i++) {
		if (cache_limits[i].order == order)
			break;
	}
	return i;
}

bool page_cache_handles(u32 order)
{
	return cache_index(order) < PAGE_CACHE_ORDERS;
}

void page_cache_init(struct page_cache *caches)
{
	u32 i;

	for (i = 0; i < PAGE_CACHE_ORDERS; i++) {
		spin_lock_init(&caches[i].lock, LOCK_RANK_PAGE_CACHE,
			       "page_cache");
		caches[i].order = cache_limits[i].order;
		caches[i].count = 0;
		list_init(&caches[i].blocks);
	}
}

/* Call with interrupts disabled: the answer is for this CPU. */
static struct page_cache *this_cache(struct page_node *node, u32 index)
{
	ASSERT(arch_cpu_id() < page_topology.ncpus);
	return &node->caches[arch_cpu_id() * PAGE_CACHE_ORDERS + index];
}

static void refill_locked(struct page_node *node, struct page_cache *cache,
			  u32 nblocks)
{
	struct page *page;

	ASSERT(spin_lock_held(&cache->lock));
	spin_lock(&node->lock);
	for (; nblocks; nblocks--) {
		page = buddy_alloc_locked(node, cache->order);
		if (!page)
			break;
		list_add_tail(&page->link, &cache->blocks);
		cache->count++;
	}
	spin_unlock(&node->lock);
}

static void drain_locked(struct page_node *node, struct page_cache *cache,
			 u32 nblocks)
{
	struct page *page;
	u32 nzeroed = 0;

	ASSERT(spin_lock_held(&cache->lock));
	spin_lock(&node->lock);
	for (; nblocks; nblocks--) {
		/* From the end: the front was used last and is still in L1. */
		page = list_entry(cache->blocks.prev, struct page, link);
		list_del(&page->link);
		cache->count--;
		nzeroed += page->zeroed;
		buddy_free_locked(node, page);
	}
	spin_unlock(&node->lock);
	if (cache->order == PAGE_ORDER_2M && nzeroed)
		page_clear_note(node, nzeroed);
}

struct page *page_cache_alloc(struct page_node *node, u32 order)
{
	u32 index = cache_index(order);
	struct page *page = NULL;
	struct page_cache *cache;
	u64 irq;

	irq = arch_irq_save();
	cache = this_cache(node, index);
	spin_lock(&cache->lock);
	if (!cache->count)
		refill_locked(node, cache, cache_limits[index].batch);
	if (cache->count) {
		page = list_first(&cache->blocks, struct page, link);
		list_del(&page->link);
		cache->count--;
	}
	spin_unlock(&cache->lock);
	arch_irq_restore(irq);
	return page;
}

void page_cache_free(struct page_node *node, struct page *page)
{
	u32 index = cache_index(page->order);
	struct page_cache *cache;
	u64 irq;

	irq = arch_irq_save();
	cache = this_cache(node, index);
	spin_lock(&cache->lock);
	list_add(&page->link, &cache->blocks);
	cache->count++;
	if (cache->count > cache_limits[index].max)
		drain_locked(node, cache, cache_limits[index].batch);
	spin_unlock(&cache->lock);
	arch_irq_restore(irq);
}

void page_cache_drain(struct page_node *node)
{
	u32 n = page_topology.ncpus * PAGE_CACHE_ORDERS;
	struct page_cache *cache;
	u64 irq;
	u32 i;

	for (i = 0; i < n; i++) {
		cache = &node->caches[i];
		irq = spin_lock_irqsave(&cache->lock);
		if (cache->count)
			drain_locked(node, cache, cache->count);
		spin_unlock_irqrestore(&cache->lock, irq);
	}
}

u64 page_cache_count(struct page_node *node)
{
	u32 n = page_topology.ncpus * PAGE_CACHE_ORDERS;
	struct page_cache *cache;
	u64 npages = 0;
	u64 irq;
	u32 i;

	for (i = 0; i < n; i++) {
		cache = &node->caches[i];
		irq = spin_lock_irqsave(&cache->lock);
		npages += (u64)cache->count << cache->order;
		spin_unlock_irqrestore(&cache->lock, irq);
	}
	return npages;
}
