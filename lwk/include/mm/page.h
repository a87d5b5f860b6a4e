/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page descriptors: one struct page for each 4 KiB page of granted memory.
 *
 * Each chunk carries the descriptors of its own pages, so memory that Linux
 * kept has none and cannot be handed out. A block of 2^order pages is described
 * by the descriptor of its first page, the head.
 */
#ifndef LWK_MM_PAGE_H
#define LWK_MM_PAGE_H

#include "lwk/include/mm/direct_map.h"
#include "lwk/lib/list.h"

/**
 * enum page_state - what a page is, in its descriptor.
 * @PAGE_RESERVED: not the page allocator's: image, tables of boot, descriptors
 * @PAGE_FREE: head of a block in its node's buddy lists
 * @PAGE_CACHED: head of a block in a CPU's cache
 * @PAGE_TAIL: inside a block, or of one just freed; its head tells
 * @PAGE_USED: head of an allocated block
 * @PAGE_SLAB: as PAGE_USED, cut into small objects by kmalloc
 * @PAGE_LARGE: as PAGE_USED, one large kmalloc object
 */
enum page_state {
	PAGE_RESERVED,
	PAGE_FREE,
	PAGE_CACHED,
	PAGE_TAIL,
	PAGE_USED,
	PAGE_SLAB,
	PAGE_LARGE,
};

/**
 * struct page - descriptor of one page; meaningful in the head of a block.
 * @link: free: the allocator's lists. Allocated: for the owner's use
 * @refcount: allocated: owners; page_put() of the last one frees the block
 * @order: the block has 2^order pages
 * @zeroed: allocated as a block of zeroes (PAGE_ALLOC_ZERO), and not back in the lists since
 * @state: enum page_state
 * @chunk: index of the chunk that the page belongs to; set once
 * @private: free: the allocator's. Allocated: 0 at first; PAGE_USED: @pinned and @booked
 * @pinned: pages of the block that Linux uses (page_pin.h)
 * @booked: the ledger has the block, until it is freed; page_book()
 * @slab: PAGE_SLAB
 * @slab.free: index of the first free object; lock of the class on @slab.node
 * @slab.used: objects not free; the same lock
 * @slab.cls: size class; constant
 * @slab.node: node whose CPUs it serves; constant
 */
struct page {
	struct list_node link;
	u32 refcount;
	u8 order : 7;
	u8 zeroed : 1;
	u8 state;
	u16 chunk;
	union {
		u64 private;
		struct {
			u32 pinned;
			u32 booked;
		};
		struct {
			u16 free;
			u16 used;
			u8 cls;
			u8 node;
		} slab;
	};
};

_Static_assert(sizeof(struct page) == 32, "descriptors cost 1/128 of memory");

/**
 * struct page_chunk - one physically contiguous range of granted memory.
 * @start: first byte
 * @end: end
 * @pages: descriptors of [start, end)
 * @node: NUMA node
 *
 * Set by page_alloc_init(), constant afterwards.
 */
struct page_chunk {
	paddr_t start;
	paddr_t end;
	struct page *pages;
	u32 node;
};

/**
 * page_chunk_count() - how many chunks there are.
 *
 * Context: any, after page_alloc_init().
 * Return: the count; adjacent chunks of one node count as one.
 */
u32 page_chunk_count(void);

/**
 * page_chunk_get() - one chunk by index.
 * @index: below page_chunk_count(); chunks ascend by address
 *
 * Context: any, after page_alloc_init().
 * Return: the chunk.
 */
const struct page_chunk *page_chunk_get(u32 index);

/**
 * page_of_paddr() - the descriptor of a physical address.
 * @pa: any number
 *
 * Takes O(log chunks).
 *
 * Context: any, after page_alloc_init().
 * Return: the descriptor, or NULL if @pa is not granted memory.
 */
struct page *page_of_paddr(paddr_t pa);

/**
 * page_paddr() - the physical address of a page.
 * @page: a descriptor
 *
 * Context: any.
 * Return: the address of the page's first byte.
 */
paddr_t page_paddr(const struct page *page);

/**
 * page_node() - the NUMA node of a page.
 * @page: a descriptor
 *
 * Context: any.
 * Return: the node.
 */
u32 page_node(const struct page *page);

/**
 * page_virt() - where a page is in the direct map.
 * @page: a descriptor
 *
 * Context: any.
 * Return: pointer to the page's first byte.
 */
static inline void *page_virt(const struct page *page)
{
	return phys_to_virt(page_paddr(page));
}

#endif
