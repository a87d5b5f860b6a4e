// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of an instance that Linux still uses when no LWK does: lent to it by a program, and in a
 * pipe since, or about to be written by a device.
 *
 * The same goes for pages of which Linux has learnt that they are broken (memory_failure()).
 *
 * They must not serve anybody else, and cannot be waited for. So they leave the chunk and go back
 * to Linux there and then: our reference is dropped, and the page is free when its last user drops
 * his.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/list_sort.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/* What is worth keeping of a chunk that is cut. */
#define LEAST_PIECE SZ_2M

/* Or broken: to touch it, even to clear it, may be a machine check. Linux gives it to nobody. */
static bool in_use(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	return page_ref_count(page) != 1 || PageHWPoison(page);
}

/* The first page that is in use, or the end. Those before it are cleared if @scrub says so. */
static unsigned long find_in_use(unsigned long pfn, unsigned long end, bool scrub)
{
	for (; pfn < end && !in_use(pfn); pfn++) {
		WARN_ON_ONCE(page_private(pfn_to_page(pfn)));
		if (scrub)
			clear_page(page_address(pfn_to_page(pfn)));
		if (!(pfn % 1024))
			cond_resched();
	}
	return pfn;
}

static unsigned long find_unused(unsigned long pfn, unsigned long end)
{
	while (pfn < end && in_use(pfn))
		pfn++;
	return pfn;
}

/* Linux has clean memory back, but for pages that it still uses. */
static void give_back(u64 start, u64 end, bool scrubbed)
{
	unsigned long last = PHYS_PFN(end);
	unsigned long pfn = scrubbed ? last : PHYS_PFN(start);

	while (pfn < last)
		pfn = find_unused(find_in_use(pfn, last, true), last);
	ihk_mem_free_range(start, end);
}

/* A chunk for [start, end), or NULL: then Linux has that back, which needs no memory. */
static struct ihk_chunk *rest_new(const struct ihk_chunk *chunk, u64 start, u64 end)
{
	struct ihk_chunk *rest = ihk_chunk_new(start, end, chunk->node);

	if (rest) {
		rest->os = chunk->os;
		rest->used = chunk->used;
		return rest;
	}
	give_back(start, end, false);
	return NULL;
}

/* Puts what is left of a chunk into a list. Returns how many pages were in use. */
static u64 chunk_clean(struct ihk_chunk *chunk, bool scrub, struct list_head *to)
{
	struct ihk_chunk *rest = chunk;
	bool cut = false;
	u64 npages = 0;

	while (rest) {
		unsigned long end = PHYS_PFN(rest->end);
		unsigned long used = find_in_use(PHYS_PFN(rest->start), end, scrub);
		unsigned long unused = find_unused(used, end);

		chunk = rest;
		cut |= used < end;
		rest = unused < end ? rest_new(chunk, PFN_PHYS(unused), PFN_PHYS(end)) : NULL;
		chunk->end = PFN_PHYS(used);
		ihk_mem_free_range(PFN_PHYS(used), PFN_PHYS(unused));
		npages += unused - used;
		if (!cut || chunk->end - chunk->start >= LEAST_PIECE) {
			ihk_chunk_insert(to, chunk);
		} else {
			give_back(chunk->start, chunk->end, scrub);
			kfree(chunk);
		}
	}
	return npages;
}

void ihk_mem_clean(struct list_head *chunks, bool scrub)
{
	struct ihk_chunk *chunk, *next;
	LIST_HEAD(clean);
	u64 npages = 0;

	list_for_each_entry_safe(chunk, next, chunks, link) {
		list_del(&chunk->link);
		/* What is only to be scrubbed need not be looked at if no LWK ran on it. */
		if (chunk->used || !scrub)
			npages += chunk_clean(chunk, scrub, &clean);
		else
			ihk_chunk_insert(&clean, chunk);
	}
	list_splice(&clean, chunks);
	if (npages)
		pr_info("%llu pages that Linux still uses, or are broken, go back to it\n", npages);
}

static int by_len(void *unused, const struct list_head *a, const struct list_head *b)
{
	const struct ihk_chunk *first = list_entry(a, struct ihk_chunk, link);
	const struct ihk_chunk *second = list_entry(b, struct ihk_chunk, link);

	return first->end - first->start > second->end - second->start;
}

static int by_start(void *unused, const struct list_head *a, const struct list_head *b)
{
	return list_entry(a, struct ihk_chunk, link)->start >
	       list_entry(b, struct ihk_chunk, link)->start;
}

void ihk_mem_trim(struct list_head *chunks)
{
	struct ihk_chunk *chunk, *next;
	u64 npages = 0;
	u32 n = 0;

	list_for_each_entry(chunk, chunks, link)
		n++;
	if (n <= IHK_MAX_CHUNKS)
		return;
	list_sort(NULL, chunks, by_len);
	list_for_each_entry_safe(chunk, next, chunks, link) {
		if (n-- <= IHK_MAX_CHUNKS)
			break;
		list_del(&chunk->link);
		npages += PHYS_PFN(chunk->end - chunk->start);
		give_back(chunk->start, chunk->end, false);
		kfree(chunk);
	}
	list_sort(NULL, chunks, by_start);
	pr_info("%llu pages go back to Linux: an instance's memory was in too many pieces\n",
		npages);
}
