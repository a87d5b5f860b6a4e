/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the page allocator share with each other and nobody else:
 * the ranges of the early phase, the nodes with their buddy lists, the caches
 * of the CPUs.
 *
 * Layers, each calls only those below: page_alloc.c; page_cache.c and page_clear.c; buddy.c.
 */
#ifndef LWK_MM_INTERNAL_H
#define LWK_MM_INTERNAL_H

#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/spinlock.h"

/** PAGE_CACHE_ORDERS - how many block sizes have a cache. */
#define PAGE_CACHE_ORDERS 2

/**
 * struct early_range - physical memory of one node.
 * @start: first byte, page-aligned
 * @end: end, page-aligned
 * @node: NUMA node
 */
struct early_range {
	paddr_t start;
	paddr_t end;
	u32 node;
};

/**
 * struct page_cache - free blocks of one order and node, kept by one CPU.
 * @lock: taken by its CPU, and by those who drain it
 * @order: order of its blocks; constant
 * @count: blocks, under @lock
 * @blocks: their descriptors, under @lock
 */
struct page_cache {
	struct spinlock lock;
	u32 order;
	u32 count;
	struct list_node blocks;
} __cacheline_aligned;

/**
 * struct page_clear - what idle CPUs have cleared of one node.
 * @lock: guards the rest
 * @blocks: cleared blocks of 2 MiB, in state PAGE_CACHED
 * @count: how many
 * @block: the one that is being cleared, in the same state, or NULL
 * @done: how many pages of it are cleared
 * @busy: a CPU clears one of its pages, without the lock; nobody else touches the block
 * @recalled: that CPU is to give the block back as soon as the page is cleared
 * @due: how many blocks are to be cleared yet; also counted up without the lock
 */
struct page_clear {
	struct spinlock lock;
	struct list_node blocks;
	u64 count;
	struct page *block;
	u64 done;
	bool busy;
	bool recalled;
	u64 due;
} __cacheline_aligned;

/**
 * struct page_node - all free memory of one NUMA node.
 * @lock: guards the next four
 * @free: buddy lists by order
 * @orders: bit set of the lists that are not empty
 * @free_pages: pages in them
 * @total_pages: pages that the allocator manages
 * @caches: caches[cpu * PAGE_CACHE_ORDERS + i]; set at init
 * @clear: large pages cleared ahead
 * @fallback: the other nodes, nearest first; set at init
 */
struct page_node {
	struct spinlock lock;
	u32 orders;
	struct list_node free[PAGE_ORDER_COUNT];
	u64 free_pages;
	u64 total_pages;
	struct page_cache *caches;
	struct page_clear clear;
	u8 fallback[IHK_MAX_NODES];
} __cacheline_aligned;

/** page_nodes - all nodes; page_topology.nnodes of them are in use. */
extern struct page_node page_nodes[IHK_MAX_NODES];

/** page_topology - copy of what page_alloc_init() was given. */
extern struct mm_topology page_topology;

/**
 * early_chunks() - the granted chunks, joined and sorted.
 * @count: result
 *
 * Context: boot CPU.
 * Return: array of them.
 */
const struct early_range *early_chunks(u32 *count);

/**
 * early_unused() - what nobody has reserved or allocated, sorted.
 * @count: result
 *
 * Context: boot CPU.
 * Return: array of ranges.
 */
const struct early_range *early_unused(u32 *count);

/**
 * early_take_inside() - allocate within one range, leaving large blocks whole.
 * @start: first byte of the range
 * @end: its end
 * @len: bytes, page-aligned
 *
 * Does not clear the memory.
 *
 * Context: boot CPU.
 * Return: physical address, or PADDR_NONE.
 */
paddr_t early_take_inside(paddr_t start, paddr_t end, u64 len);

/**
 * early_finish() - end the early phase: from here on all its functions fail.
 *
 * Context: boot CPU.
 */
void early_finish(void);

/**
 * page_chunk_add() - set up the descriptors of a chunk, all of them reserved.
 * @range: the chunk; called in ascending order
 * @pages: memory for its descriptors
 *
 * Context: boot CPU.
 */
void page_chunk_add(const struct early_range *range, struct page *pages);

/**
 * buddy_init() - make a node without memory.
 * @node: the node
 *
 * Context: boot CPU.
 */
void buddy_init(struct page_node *node);

/**
 * buddy_add() - give reserved pages to their node.
 * @start: first byte, page-aligned
 * @end: end; all in one chunk
 *
 * Context: any but NMI.
 */
void buddy_add(paddr_t start, paddr_t end);

/**
 * buddy_alloc_locked() - take a block out of the lists.
 * @node: the node, its lock held
 * @order: order
 *
 * Context: lock held.
 * Return: its head in state PAGE_CACHED, or NULL.
 */
struct page *buddy_alloc_locked(struct page_node *node, u32 order);

/**
 * buddy_free_locked() - put a block into the lists, joined with its buddies.
 * @node: the block's node, its lock held
 * @page: head, in no list; its order is that of the block
 *
 * Context: lock held.
 */
void buddy_free_locked(struct page_node *node, struct page *page);

/**
 * page_cache_init() - make one CPU's caches of a node, empty.
 * @caches: PAGE_CACHE_ORDERS of them
 *
 * Context: boot CPU.
 */
void page_cache_init(struct page_cache *caches);

/**
 * page_cache_handles() - are blocks of this order cached?
 * @order: order
 *
 * Context: any.
 * Return: true if so.
 */
bool page_cache_handles(u32 order);

/**
 * page_cache_alloc() - take a block out of this CPU's cache, filling it first
 * @node: the node
 * @order: an order that page_cache_handles()
 *
 * Context: any but NMI.
 * Return: head in state PAGE_CACHED, or NULL.
 */
struct page *page_cache_alloc(struct page_node *node, u32 order);

/**
 * page_cache_free() - put a block into this CPU's cache, draining what is too much
 * @node: the block's node
 * @page: head of a block whose order page_cache_handles()
 *
 * Context: any but NMI.
 */
void page_cache_free(struct page_node *node, struct page *page);

/**
 * page_cache_drain() - empty all CPUs' caches of a node into the buddy lists.
 * @node: the node
 *
 * Context: any but NMI.
 */
void page_cache_drain(struct page_node *node);

/**
 * page_cache_count() - count the pages in all CPUs' caches of a node.
 * @node: the node
 *
 * Context: any but NMI.
 * Return: pages.
 */
u64 page_cache_count(struct page_node *node);

/**
 * page_clear_init() - nothing is cleared, nothing is due.
 * @clear: of a node
 *
 * Context: boot CPU.
 */
void page_clear_init(struct page_clear *clear);

/**
 * page_clear_note() - blocks of 2 MiB of zeroes go back to the lists: as much is to be cleared.
 * @node: the blocks' node
 * @nblocks: how many
 *
 * Context: any.
 */
void page_clear_note(struct page_node *node, u32 nblocks);

/**
 * page_clear_take() - take a cleared block of 2 MiB.
 * @node: the node
 *
 * Context: any but NMI.
 * Return: head in state PAGE_CACHED, all zeroes, or NULL.
 */
struct page *page_clear_take(struct page_node *node);

/**
 * page_clear_return() - give one block back to the buddy lists, also one that is being cleared.
 * @node: the node
 *
 * The last one may have to wait until a CPU has cleared a page of it.
 *
 * Context: any but NMI.
 * Return: false if there was none.
 */
bool page_clear_return(struct page_node *node);

/**
 * page_clear_count_locked() - count the pages that are not in the buddy lists.
 * @clear: of a node, locked
 *
 * Return: pages.
 */
u64 page_clear_count_locked(const struct page_clear *clear);

/**
 * page_check_poison() - panic if a free block was written to; debug builds only.
 * @page: head of a block just taken from the lists
 *
 * Context: any.
 */
void page_check_poison(struct page *page);

/**
 * mm_should_fail() - does a test want this allocation to fail?
 *
 * Context: any.
 * Return: true if so; never in a release build.
 */
bool mm_should_fail(void);

#endif
