/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical memory before the page allocator is up.
 *
 * The boot CPU tells which chunks were granted (early_add_chunk) and what in
 * them is in use already (early_reserve: kernel image, boot page tables, rings),
 * then takes what it needs (early_alloc). page_alloc_init() ends this phase: it
 * takes over all that is left. Nothing that early_alloc() gave is ever returned.
 */
#ifndef LWK_MM_EARLY_H
#define LWK_MM_EARLY_H

#include "abi/limits.h"
#include "lwk/include/compiler.h"

/** EARLY_ANY_NODE - for early_alloc(): from whichever node has memory. */
#define EARLY_ANY_NODE (~0U)

/**
 * early_add_chunk() - register granted memory.
 * @start: first byte, page-aligned
 * @end: end, page-aligned, above @start
 * @node: NUMA node, below IHK_MAX_NODES
 *
 * Adjacent chunks of one node are joined.
 *
 * Context: boot CPU, before page_alloc_init().
 * Return: 0, -EINVAL for a bad range or node, -EEXIST if it overlaps a chunk
 * registered before, -ENOSPC above IHK_MAX_CHUNKS.
 */
int early_add_chunk(paddr_t start, paddr_t end, u32 node) __must_check;

/**
 * early_reserve() - keep a range out of the allocators for good.
 * @start: first byte; rounded down to a page
 * @end: end; rounded up to a page
 *
 * Parts outside granted memory or reserved before do not matter. Call it for
 * every range in use before the first early_alloc().
 *
 * Context: boot CPU, before page_alloc_init().
 * Return: 0, -EINVAL if @end <= @start, -ENOSPC if the table of ranges is full.
 */
int early_reserve(paddr_t start, paddr_t end) __must_check;

/**
 * early_set_window() - let early_alloc() use only part of the memory.
 * @start: first byte
 * @end: end
 *
 * For as long as the direct map covers no more than that, because early_alloc()
 * clears what it returns. At first the window is everything.
 *
 * Context: boot CPU, before page_alloc_init().
 */
void early_set_window(paddr_t start, paddr_t end);

/**
 * early_alloc() - take zeroed memory for good.
 * @len: bytes, rounded up to pages; not 0
 * @align: a power of two, at least PAGE_LEN
 * @node: NUMA node, or EARLY_ANY_NODE
 *
 * Context: boot CPU, before page_alloc_init().
 * Return: the physical address, or PADDR_NONE.
 */
paddr_t early_alloc(u64 len, u64 align, u32 node) __must_check;

/**
 * early_free_len() - memory still unused.
 * @node: NUMA node, or EARLY_ANY_NODE for all
 *
 * Context: boot CPU, before page_alloc_init().
 * Return: bytes.
 */
u64 early_free_len(u32 node);

#endif
