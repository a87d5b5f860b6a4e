/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator: blocks of 2^order pages, 4 KiB to 1 GiB, per NUMA node.
 *
 * Each node has buddy lists under one lock; each CPU has a cache of blocks of
 * order 0 and order 9 for each node, which it fills and drains in batches. Idle
 * CPUs clear large pages that were freed. When a node runs dry, all caches of it
 * and all that is cleared are drained before an allocation fails.
 */
#ifndef LWK_MM_PAGE_ALLOC_H
#define LWK_MM_PAGE_ALLOC_H

#include "abi/limits.h"
#include "lwk/include/mm/page.h"

#define PAGE_ORDER_4K 0
#define PAGE_ORDER_2M 9
#define PAGE_ORDER_1G 18
#define PAGE_ORDER_COUNT 19

/* Flags of page_alloc(). */
#define PAGE_ALLOC_ZERO 0x1 /* cleared memory */
#define PAGE_ALLOC_STRICT 0x2 /* from that node or not at all */

/** PAGE_THIS_NODE - for page_alloc(): the node of the calling CPU. */
#define PAGE_THIS_NODE (~0U)

/**
 * struct mm_topology - what the allocators need to know of the machine.
 * @ncpus: CPUs of this LWK
 * @nnodes: NUMA nodes: 0 .. nnodes - 1; one may have no memory
 * @cpu_node: node of each CPU
 * @distance: distance[from][to], smaller is nearer, as in the ACPI SLIT
 */
struct mm_topology {
	u32 ncpus;
	u32 nnodes;
	u8 cpu_node[IHK_MAX_CPUS];
	u8 distance[IHK_MAX_NODES][IHK_MAX_NODES];
};

/**
 * struct page_stats - memory of one node, in pages.
 * @total: all that the allocator manages, constant
 * @free: not allocated, CPU caches and what is cleared ahead included
 * @cached: of these, in CPU caches
 */
struct page_stats {
	u64 total;
	u64 free;
	u64 cached;
};

/**
 * page_alloc_init() - end the early phase; take over all unused memory.
 * @topo: copied
 *
 * Carves the descriptors out of each chunk.
 *
 * Context: boot CPU, once; the direct map must cover all chunks.
 * Return: 0, -EINVAL if @topo contradicts itself or the chunks, -ENOMEM if a
 * chunk has no room for its own descriptors.
 */
int page_alloc_init(const struct mm_topology *topo) __must_check;

/**
 * page_release_range() - let the allocator have memory that was reserved.
 * @start: first byte, page-aligned
 * @end: end, page-aligned; all of [@start, @end) was under early_reserve()
 *
 * For what only the boot needed: bootstrap page tables.
 *
 * Context: boot CPU, after page_alloc_init().
 */
void page_release_range(paddr_t start, paddr_t end);

/**
 * page_alloc() - allocate a block.
 * @node: NUMA node, or PAGE_THIS_NODE
 * @order: the block has 2^order pages and is aligned to its size
 * @flags: PAGE_ALLOC_*
 *
 * Without PAGE_ALLOC_STRICT the other nodes are tried, nearest first.
 *
 * Context: any but NMI; no spinlock held (style: no allocation under a lock).
 * Return: the head's descriptor with a refcount of 1, or NULL.
 */
struct page *page_alloc(u32 node, u32 order, u32 flags) __must_check;

/**
 * page_alloc_among() - allocate a block from nodes of a set.
 * @node: NUMA node from which distances count, or PAGE_THIS_NODE
 * @nodes: bit n for node n; no other node is tried
 * @order: as for page_alloc()
 * @flags: PAGE_ALLOC_*
 *
 * Context: as page_alloc().
 * Return: the head's descriptor with a refcount of 1, or NULL.
 */
struct page *page_alloc_among(u32 node, u64 nodes, u32 order, u32 flags) __must_check;

/**
 * page_free() - give a block back.
 * @page: head of a block, its refcount 1
 * @order: as it was allocated
 *
 * Panics for anything that is not such a block.
 *
 * Context: any but NMI.
 */
void page_free(struct page *page, u32 order);

/**
 * page_get() - become one more owner of a block.
 * @page: head of an allocated block
 *
 * Context: any; the caller's own reference keeps the block alive.
 */
void page_get(struct page *page);

/**
 * page_put() - cease to own a block; the last owner frees it.
 * @page: head of an allocated block
 *
 * Context: any but NMI.
 */
void page_put(struct page *page);

/**
 * page_book() - note that the ledger has a block's pages.
 * @page: head of an allocated block
 *
 * Who frees the block takes them out of the ledger (vm_ledger_uncharge()), each part of it by
 * itself if it is split.
 *
 * Context: any; the caller's own reference keeps the block alive.
 * Return: false if it was noted before, so that the ledger has them already.
 */
bool page_book(struct page *page);

/**
 * page_split_to() - make smaller blocks out of a block.
 * @page: head of an allocated block, its refcount 1
 * @order: of the smaller blocks, at most that of the block
 *
 * Each has a refcount of 1 afterwards and is freed by itself.
 *
 * Context: any.
 */
void page_split_to(struct page *page, u32 order);

/**
 * page_split() - make 2^order single pages out of a block.
 * @page: head of an allocated block, its refcount 1
 *
 * Each page has a refcount of 1 afterwards and is freed by itself.
 *
 * Context: any.
 */
void page_split(struct page *page);

/**
 * page_node_stats() - count one node's memory exactly.
 * @node: below the number of nodes
 * @out: result
 *
 * Context: any but NMI; looks at every CPU's cache.
 */
void page_node_stats(u32 node, struct page_stats *out);

/**
 * page_drain_caches() - return what CPUs' caches hold, and what is cleared, to the buddy lists.
 * @node: NUMA node
 *
 * Context: any but NMI.
 */
void page_drain_caches(u32 node);

/**
 * page_clear_idle() - clear one page of the large ones that were freed on this CPU's node.
 *
 * For a CPU without work, again and again, as long as it has none. It takes the time of one
 * page, less than a microsecond, and nothing if another CPU of the node is at it.
 *
 * Context: interrupts disabled.
 * Return: false if there is nothing to be done.
 */
bool page_clear_idle(void);

/**
 * page_check() - verify the buddy lists and every descriptor of a node.
 * @node: NUMA node
 *
 * Panics at the first contradiction. For tests and debugging: slow.
 *
 * Context: no CPU allocates or frees meanwhile.
 */
void page_check(u32 node);

/** mm_stats_fn - called with a node's numbers; must only store them. */
typedef void (*mm_stats_fn)(u32 node, const struct page_stats *stats);

/**
 * mm_stats_set_hook() - where a node's statistics are published.
 * @fn: called by mm_stats_publish(), or NULL
 *
 * Context: any.
 */
void mm_stats_set_hook(mm_stats_fn fn);

/**
 * mm_stats_publish() - count every node and pass the numbers to the hook.
 *
 * The allocators never call it: the idle loop does before it halts, and
 * whoever is about to report to Linux.
 *
 * Context: any but NMI.
 */
void mm_stats_publish(void);

/**
 * mm_set_fault_hook() - make chosen allocations fail.
 * @fn: asked at each allocation of pages or objects, true makes it fail; or NULL
 *
 * Context: debug builds only (has no effect in a release build); tests.
 */
void mm_set_fault_hook(bool (*fn)(void));

/**
 * mm_cpu_node() - NUMA node of a CPU.
 * @cpu: CPU number
 *
 * Context: any, after page_alloc_init().
 * Return: the node.
 */
u32 mm_cpu_node(u32 cpu);

#endif
