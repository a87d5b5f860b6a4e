// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page allocator's front: choice of node, state of allocated blocks, checks
 * of what is freed, poison in debug builds. See page_alloc.h.
 *
 * In a debug build a freed block's first page is filled with POISON_WORD, its
 * descriptor marked with POISON_MARK, and both are looked at when it is
 * allocated again: a change means that somebody used it after freeing it.
 */
#include "lwk/include/mm/page_alloc.h"

#include "lwk/include/assert.h"
#include "lwk/include/config.h"
#include "lwk/include/mm/vm_ledger.h"
#include "lwk/lib/string.h"
#include "lwk/mm/internal.h"

#define POISON_BYTE 0xa5
#define POISON_WORD 0xa5a5a5a5a5a5a5a5ULL
#define POISON_MARK 0x706f69736f6e6564ULL

static bool (*fault_hook)(void);

void mm_set_fault_hook(bool (*fn)(void))
{
	WRITE_ONCE(fault_hook, fn);
}

bool mm_should_fail(void)
{
	bool (*fn)(void);

	if (!CONFIG_DEBUG)
		return false;
	fn = READ_ONCE(fault_hook);
	return fn && fn();
}

u32 mm_cpu_node(u32 cpu)
{
	ASSERT(cpu < page_topology.ncpus);
	return page_topology.cpu_node[cpu];
}

void page_check_poison(struct page *page)
{
	const u64 *words = page_virt(page);
	u32 i;

	if (!CONFIG_DEBUG || page->private != POISON_MARK)
		return;
	for (i = 0; i < PAGE_LEN / sizeof(*words); i++) {
		if (words[i] != POISON_WORD)
			panic("page_alloc: free page %#llx was written at offset %#zx: %#llx",
			      page_paddr(page), i * sizeof(*words), words[i]);
	}
}

static void poison(struct page *page)
{
	u64 i;

	/* What was inside the block may have been written since marked. */
	for (i = 1; i < 1ULL << page->order; i++)
		page[i].private = 0;
	memset(page_virt(page), POISON_BYTE, PAGE_LEN);
	page->private = POISON_MARK;
}

static struct page *lists_alloc(struct page_node *node, u32 order)
{
	struct page *page;
	u64 irq;

	irq = spin_lock_irqsave(&node->lock);
	page = buddy_alloc_locked(node, order);
	spin_unlock_irqrestore(&node->lock, irq);
	return page;
}

/* Takes PAGE_ALLOC_ZERO out of @flags if the block is all zeroes. */
static struct page *node_alloc(struct page_node *node, u32 order, u32 *flags)
{
	struct page *page = NULL;

	if (order == PAGE_ORDER_2M && (*flags & PAGE_ALLOC_ZERO))
		page = page_clear_take(node);
	if (page) {
		*flags &= ~PAGE_ALLOC_ZERO;
		return page;
	}
	page = page_cache_handles(order) ? page_cache_alloc(node, order) : lists_alloc(node, order);

	/* What is missing may have been cleared, or lie in the caches, whole or in pieces. */
	while (!page && page_clear_return(node))
		page = lists_alloc(node, order);
	if (!page) {
		page_cache_drain(node);
		page = lists_alloc(node, order);
	}
	/* An idle CPU may have taken what the caches gave back. */
	while (!page && page_clear_return(node))
		page = lists_alloc(node, order);
	return page;
}

/* The nodes of a set, @node first, then the others in order of distance from it. */
static struct page *nodes_alloc(u32 node, u64 nodes, u32 order, u32 *flags)
{
	struct page *page = NULL;
	u32 i;

	if (nodes >> node & 1)
		page = node_alloc(&page_nodes[node], order, flags);
	for (i = 0; !page && i + 1 < page_topology.nnodes; i++) {
		u32 other = page_nodes[node].fallback[i];

		if (nodes >> other & 1)
			page = node_alloc(&page_nodes[other], order, flags);
	}
	return page;
}

struct page *page_alloc_among(u32 node, u64 nodes, u32 order, u32 flags)
{
	bool zeroed = flags & PAGE_ALLOC_ZERO;
	struct page *page;

	DEBUG_ASSERT(!lock_rank_depth());
	if (node == PAGE_THIS_NODE)
		node = mm_cpu_node(arch_cpu_id());
	if (node >= page_topology.nnodes || order >= PAGE_ORDER_COUNT ||
	    mm_should_fail())
		return NULL;
	page = nodes_alloc(node, flags & PAGE_ALLOC_STRICT ? 1ULL << node : nodes, order, &flags);
	if (!page)
		return NULL;

	page_check_poison(page);
	WRITE_ONCE(page->state, PAGE_USED);
	page->zeroed = zeroed;
	page->refcount = 1;
	page->private = 0;
	if (flags & PAGE_ALLOC_ZERO)
		memset(page_virt(page), 0, PAGE_LEN << order);
	return page;
}

struct page *page_alloc(u32 node, u32 order, u32 flags)
{
	return page_alloc_among(node, ~0ULL, order, flags);
}

/* Is this a descriptor at all? */
static bool page_valid(const struct page *page)
{
	const struct page_chunk *chunk;
	u64 offset;

	if (!page || page->chunk >= page_chunk_count())
		return false;
	chunk = page_chunk_get(page->chunk);
	offset = (u64)page - (u64)chunk->pages;
	return page >= chunk->pages && offset % sizeof(*page) == 0 &&
	       offset / sizeof(*page) <
		       (chunk->end - chunk->start) >> PAGE_SHIFT;
}

/* Give back a block without owners. */
static void block_free(struct page *page)
{
	struct page_node *node = &page_nodes[page_node(page)];
	u64 booked = page->booked ? 1ULL << page->order : 0;
	u64 irq;

	if (CONFIG_DEBUG)
		poison(page);
	WRITE_ONCE(page->state, PAGE_CACHED);
	if (page_cache_handles(page->order)) {
		page_cache_free(node, page);
	} else {
		irq = spin_lock_irqsave(&node->lock);
		buddy_free_locked(node, page);
		spin_unlock_irqrestore(&node->lock, irq);
	}
	/* Not before: it may be promised to somebody then, who has to find it. */
	if (booked)
		vm_ledger_uncharge(booked);
}

static void check_used(const struct page *page)
{
	if (!page_valid(page))
		panic("page_alloc: %p is no page descriptor", (const void *)page);
	if (READ_ONCE(page->state) != PAGE_USED)
		panic("page_alloc: page %#llx is not allocated (state %u)",
		      page_paddr(page), page->state);
}

void page_free(struct page *page, u32 order)
{
	u32 refs;

	check_used(page);
	if (page->order != order)
		panic("page_alloc: page %#llx freed with order %u, has %u",
		      page_paddr(page), order, page->order);
	/* Acquire: pairs with the release of former owners in page_put(). */
	refs = __atomic_exchange_n(&page->refcount, 0, __ATOMIC_ACQUIRE);
	if (refs != 1)
		panic("page_alloc: page %#llx freed with %u owners",
		      page_paddr(page), refs);
	block_free(page);
}

/* What owners come and go by, page for page of a fork: no look at which chunk it is of. */
static inline void check_owned(const struct page *page)
{
	if (unlikely(READ_ONCE(page->state) != PAGE_USED))
		check_used(page);
}

void page_get(struct page *page)
{
	u32 refs;

	check_owned(page);
	/* Relaxed: the caller's own reference orders everything. */
	refs = __atomic_fetch_add(&page->refcount, 1, __ATOMIC_RELAXED);
	ASSERT(refs > 0 && refs < ~0U);
}

void page_put(struct page *page)
{
	u32 refs;

	check_owned(page);
	/* Each owner's accesses come before the last owner frees the block. */
	refs = __atomic_fetch_sub(&page->refcount, 1, __ATOMIC_ACQ_REL);
	ASSERT(refs > 0);
	if (refs == 1)
		block_free(page);
}

bool page_book(struct page *page)
{
	/* Relaxed: counts only; references order what is done with the block. */
	return !__atomic_exchange_n(&page->booked, 1, __ATOMIC_RELAXED);
}

void page_split_to(struct page *page, u32 order)
{
	u64 npages, i;
	u32 booked;

	check_used(page);
	ASSERT(READ_ONCE(page->refcount) == 1 && order <= page->order);
	npages = 1ULL << page->order;
	booked = page->booked;
	for (i = 0; i < npages; i += 1ULL << order) {
		page[i].order = (u8)order;
		page[i].zeroed = page->zeroed;
		page[i].refcount = 1;
		page[i].private = 0;
		page[i].booked = booked;
		list_init(&page[i].link);
		WRITE_ONCE(page[i].state, PAGE_USED);
	}
}

void page_split(struct page *page)
{
	page_split_to(page, 0);
}

void page_drain_caches(u32 node)
{
	ASSERT(node < page_topology.nnodes);
	page_cache_drain(&page_nodes[node]);
	while (page_clear_return(&page_nodes[node]))
		;
}
