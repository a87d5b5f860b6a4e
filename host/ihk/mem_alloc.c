// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting physically contiguous memory out of Linux's page allocator, and giving
 * it back.
 *
 * First all of a node is scanned for ranges of 64 MiB that can be made free
 * (alloc_contig_range() migrates what is movable and drops clean cache),
 * then for shorter ones; what is still missing comes from alloc_pages(). Every
 * range is naturally aligned, so pieces start at 2 MiB boundaries but for the
 * remainder of a request that is no multiple of that. All pages end up as
 * independent order-0 pages, so any of them may be freed alone, and a page that
 * somebody still uses is freed only when he drops it.
 *
 * Left alone: ZONE_DMA; ZONE_MOVABLE, whose pages must stay movable; and in each
 * zone what Linux's own reserves and a margin take.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmstat.h>

#include "compat.h"

#define STEP_LONG (64ULL << 20)		/* first length tried */
#define STEP_SHORT (4ULL << 20)		/* last length for which the node is scanned */
#define MARGIN_MIN (32ULL << 20)	/* Linux keeps so much of each node, or a 64th of it */

static bool zone_usable(struct zone *zone)
{
	return populated_zone(zone) && zone_idx(zone) != ZONE_DMA &&
	       zone_idx(zone) <= ZONE_NORMAL;
}

u64 ihk_node_free(int node)
{
	pg_data_t *pgdat = NODE_DATA(node);
	u64 npages;
	int i;

	npages = 0;
	for (i = 0; i < MAX_NR_ZONES; i++)
		if (zone_usable(&pgdat->node_zones[i]))
			npages += zone_page_state(&pgdat->node_zones[i], NR_FREE_PAGES);
	return npages << PAGE_SHIFT;
}

/* Cache that Linux can drop: half of what is there, as si_mem_available() has it. */
static s64 droppable_pages(pg_data_t *pgdat)
{
	s64 npages;

	npages = atomic_long_read(&pgdat->vm_stat[NR_ACTIVE_FILE]) +
		 atomic_long_read(&pgdat->vm_stat[NR_INACTIVE_FILE]);
	return max_t(s64, npages, 0) / 2;
}

u64 ihk_node_spare(int node)
{
	pg_data_t *pgdat = NODE_DATA(node);
	struct zone *zone;
	s64 managed;
	s64 spare;
	int i;

	managed = 0;
	spare = droppable_pages(pgdat);
	for (i = 0; i < MAX_NR_ZONES; i++) {
		zone = &pgdat->node_zones[i];
		if (!zone_usable(zone))
			continue;
		managed += zone_managed_pages(zone);
		spare += max_t(s64, 0,
			       (s64)zone_page_state(zone, NR_FREE_PAGES) -
				       (s64)high_wmark_pages(zone) -
				       zone->lowmem_reserve[ZONE_NORMAL]);
	}
	spare -= max_t(s64, MARGIN_MIN >> PAGE_SHIFT, managed / 64);
	return (u64)max_t(s64, spare, 0) << PAGE_SHIFT;
}

/* Has the job to end now, whether it has everything or not? */
static int check_end(const struct ihk_mem_job *job)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (time_after(jiffies, job->deadline))
		return -ETIMEDOUT;
	return 0;
}

/* The shortest piece that may still be taken; a remainder may be shorter. */
static u64 least_piece(const struct ihk_mem_job *job)
{
	return min_t(u64, job->min_chunk, rounddown_pow_of_two(job->want - job->got));
}

static bool want_piece(const struct ihk_mem_job *job, u64 len)
{
	return job->want - job->got >= len && len >= least_piece(job) &&
	       ihk_node_spare(job->node) >= len;
}

static void keep_piece(struct ihk_mem_job *job, struct ihk_chunk *chunk)
{
	unsigned long pfn;

	/* Whatever was left there: mcctrl counts in it. */
	for (pfn = PHYS_PFN(chunk->start); pfn < PHYS_PFN(chunk->end); pfn++)
		set_page_private(pfn_to_page(pfn), 0);
	job->got += chunk->end - chunk->start;
	ihk_chunk_insert(&job->chunks, chunk);
}

/*
 * Is [pfn, end) ordinary memory of one usable zone of the node? Cheap, and alloc_contig_range()
 * relies on it.
 */
static bool range_usable(unsigned long pfn, unsigned long end, int node)
{
	struct zone *zone;
	struct page *page;

	zone = NULL;
	for (; pfn < end; pfn++) {
		page = pfn_to_online_page(pfn);
		if (!page || PageReserved(page))
			return false;
		if (!zone) {
			zone = page_zone(page);
			if (!zone_usable(zone) || zone_to_nid(zone) != node)
				return false;
		}
		if (page_zone(page) != zone)
			return false;
	}
	return true;
}

/* Returns whether the range was got, or -errno. */
static int take_range(struct ihk_mem_job *job, unsigned long pfn, u64 len)
{
	unsigned long end = pfn + (len >> PAGE_SHIFT);
	struct ihk_chunk *chunk;

	if (!range_usable(pfn, end, job->node))
		return 0;
	chunk = ihk_chunk_new(PFN_PHYS(pfn), PFN_PHYS(end), job->node);
	if (!chunk)
		return -ENOMEM;
	if (alloc_contig_range(pfn, end, MIGRATE_MOVABLE, GFP_KERNEL | __GFP_NOWARN)) {
		kfree(chunk);
		return 0;
	}
	keep_piece(job, chunk);
	return 1;
}

/* Takes ranges of one length wherever the node has some. */
static int scan_node(struct ihk_mem_job *job, u64 len)
{
	pg_data_t *pgdat = NODE_DATA(job->node);
	unsigned long step = len >> PAGE_SHIFT;
	unsigned long end;
	unsigned long pfn;
	int ret;

	end = min_t(unsigned long, pgdat_end_pfn(pgdat), PHYS_PFN(IHK_PADDR_LIMIT));
	pfn = ALIGN(pgdat->node_start_pfn, step);
	for (; pfn + step <= end && want_piece(job, len); pfn += step) {
		ret = check_end(job);
		if (ret)
			return ret;
		ret = take_range(job, pfn, len);
		if (ret < 0)
			return ret;
		cond_resched();
	}
	return 0;
}

/* Returns whether a block was got, or -errno. */
static int take_block(struct ihk_mem_job *job, unsigned int order)
{
	struct ihk_chunk *chunk;
	struct page *page;
	u64 start;

	chunk = ihk_chunk_new(0, 0, job->node);
	if (!chunk)
		return -ENOMEM;
	page = alloc_pages_node(job->node,
				GFP_KERNEL | __GFP_THISNODE | __GFP_NORETRY | __GFP_NOWARN, order);
	if (!page)
		goto free_chunk;
	start = page_to_phys(page);
	if (start >= IHK_PADDR_LIMIT)
		goto free_page;
	split_page(page, order);
	chunk->start = start;
	chunk->end = start + (PAGE_SIZE << order);
	keep_piece(job, chunk);
	return 1;

free_page:
	__free_pages(page, order);
free_chunk:
	kfree(chunk);
	return 0;
}

static int take_blocks(struct ihk_mem_job *job, unsigned int order)
{
	int ret;

	while (want_piece(job, PAGE_SIZE << order)) {
		ret = check_end(job);
		if (ret)
			return ret;
		ret = take_block(job, order);
		if (ret <= 0)
			return ret;
		cond_resched();
	}
	return 0;
}

int ihk_mem_alloc(struct ihk_mem_job *job)
{
	u64 len;
	int order;
	int err;

	for (len = max_t(u64, STEP_LONG, job->min_chunk); len >= STEP_SHORT; len /= 4) {
		if (job->got == job->want)
			return 0;
		err = scan_node(job, len);
		if (err)
			return err;
	}
	for (order = COMPAT_MAX_PAGE_ORDER; order >= 0 && job->got < job->want; order--) {
		err = take_blocks(job, order);
		if (err)
			return err;
	}
	return 0;
}

void ihk_mem_free_range(u64 start, u64 end)
{
	unsigned long pfn;

	for (pfn = PHYS_PFN(start); pfn < PHYS_PFN(end); pfn++) {
		__free_page(pfn_to_page(pfn));
		if (!(pfn % 1024))
			cond_resched();
	}
}

void ihk_mem_free(struct list_head *chunks)
{
	struct ihk_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, chunks, link) {
		list_del(&chunk->link);
		ihk_mem_free_range(chunk->start, chunk->end);
		kfree(chunk);
	}
}
