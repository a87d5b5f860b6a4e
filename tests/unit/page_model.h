/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of the page allocator with one byte per page, which its tests share.
 */
#ifndef UNIT_PAGE_MODEL_H
#define UNIT_PAGE_MODEL_H

#include <string.h>

#include "lwk/include/mm/page_alloc.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define CPUS 3
#define NODES 2
#define NODE_LEN (16ULL << 20)
#define NODE_PAGES (NODE_LEN / PAGE_LEN)
#define ARENA_PAGES (NODES * NODE_PAGES)
#define MAX_BLOCKS 4096

struct block {
	struct page *page;
	u32 order;
	u8 tag;
};

static struct block blocks[MAX_BLOCKS];
static u32 nblocks;
static bool taken[ARENA_PAGES];

/* First and last word of a block: enough to notice that two share memory. */
static __maybe_unused void tag_block(const struct block *b)
{
	u8 *memory = page_virt(b->page);

	memset(memory, b->tag, 8);
	memset(memory + (PAGE_LEN << b->order) - 8, b->tag, 8);
}

static __maybe_unused void check_tag(const struct block *b)
{
	const u8 *memory = page_virt(b->page);
	u8 want[8];

	memset(want, b->tag, 8);
	CHECK(!memcmp(memory, want, 8));
	CHECK(!memcmp(memory + (PAGE_LEN << b->order) - 8, want, 8));
}

static __maybe_unused void mark(const struct block *b, bool value)
{
	u64 first = (page_paddr(b->page) - SHIM_PADDR) / PAGE_LEN;
	u64 i;

	CHECK(first + (1ULL << b->order) <= ARENA_PAGES);
	for (i = first; i < first + (1ULL << b->order); i++) {
		CHECK(taken[i] != value);
		taken[i] = value;
	}
}

static __maybe_unused bool model_alloc(u32 node, u32 order, u32 flags, u8 tag)
{
	struct block b = { page_alloc(node, order, flags), order, tag };
	const u8 *memory;
	u64 i;

	if (!b.page)
		return false;
	CHECK_EQ(b.page->refcount, 1);
	CHECK_EQ(b.page->order, order);
	CHECK(IS_ALIGNED(page_paddr(b.page), PAGE_LEN << order));
	CHECK(page_of_paddr(page_paddr(b.page)) == b.page);
	if (flags & PAGE_ALLOC_STRICT)
		CHECK_EQ(page_node(b.page), node);
	if (flags & PAGE_ALLOC_ZERO) {
		memory = page_virt(b.page);
		for (i = 0; i < PAGE_LEN << order; i++)
			CHECK(!memory[i]);
	}
	mark(&b, true);
	tag_block(&b);
	blocks[nblocks++] = b;
	return true;
}

static __maybe_unused void model_free(u32 i)
{
	struct block b = blocks[i];

	check_tag(&b);
	mark(&b, false);
	blocks[i] = blocks[--nblocks];
	if (b.tag & 1)
		page_free(b.page, b.order);
	else
		page_put(b.page);
}

static __maybe_unused u64 used_pages(void)
{
	u64 npages = 0;
	u32 i;

	for (i = 0; i < nblocks; i++)
		npages += 1ULL << blocks[i].order;
	return npages;
}

static __maybe_unused void check_books(u64 total)
{
	u32 node;

	for (node = 0; node < NODES; node++)
		page_check(node);
	CHECK_EQ(shim_free_pages(), total - used_pages());
}

static __maybe_unused void free_all(void)
{
	while (nblocks)
		model_free(nblocks - 1);
}

/* What an idle CPU does, up to a number of pages; returns how many it cleared. */
static __maybe_unused u64 clear_idle(u64 max)
{
	u64 irq = arch_irq_save();
	u64 npages = 0;

	while (npages < max && page_clear_idle())
		npages++;
	arch_irq_restore(irq);
	return npages;
}

#endif /* UNIT_PAGE_MODEL_H */
