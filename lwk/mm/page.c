// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page descriptors and the way between them and physical addresses; see page.h.
 *
 * The table of chunks is written while only the boot CPU runs and constant
 * afterwards, so it needs no lock.
 */
#include "lwk/include/mm/page.h"

#include "lwk/include/assert.h"
#include "lwk/mm/internal.h"

static struct page_chunk chunks[IHK_MAX_CHUNKS];
static u32 nchunks;

_Static_assert(IHK_MAX_CHUNKS <= 65536, "struct page has 16 bits for it");

void page_chunk_add(const struct early_range *range, struct page *pages)
{
	u64 npages = (range->end - range->start) >> PAGE_SHIFT;
	u64 i;

	ASSERT(nchunks < IHK_MAX_CHUNKS);
	ASSERT(!nchunks || chunks[nchunks - 1].end <= range->start);
	for (i = 0; i < npages; i++) {
		pages[i] = (struct page){
			.state = PAGE_RESERVED,
			.chunk = (u16)nchunks,
		};
		list_init(&pages[i].link);
	}
	chunks[nchunks++] = (struct page_chunk){
		.start = range->start,
		.end = range->end,
		.pages = pages,
		.node = range->node,
	};
}

u32 page_chunk_count(void)
{
	return nchunks;
}

const struct page_chunk *page_chunk_get(u32 index)
{
	ASSERT(index < nchunks);
	return &chunks[index];
}

struct page *page_of_paddr(paddr_t pa)
{
	u32 low = 0;
	u32 high = nchunks;
	u32 middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (pa < chunks[middle].start)
			high = middle;
		else if (pa >= chunks[middle].end)
			low = middle + 1;
		else
			return &chunks[middle].pages
					[(pa - chunks[middle].start) >> PAGE_SHIFT];
	}
	return NULL;
}

paddr_t page_paddr(const struct page *page)
{
	const struct page_chunk *chunk = &chunks[page->chunk];

	return chunk->start + ((u64)(page - chunk->pages) << PAGE_SHIFT);
}

u32 page_node(const struct page *page)
{
	return chunks[page->chunk].node;
}
