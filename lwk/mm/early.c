// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical memory before the page allocator is up; see early.h.
 *
 * Two sorted tables of ranges: what was granted, and what of it is unused. No
 * lock: only the boot CPU runs.
 */
#include "lwk/include/mm/early.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/lib/string.h"
#include "lwk/mm/internal.h"

/* Each reservation and allocation splits at most one unused range. */
#define MAX_UNUSED (2 * IHK_MAX_CHUNKS + 256)

struct range_table {
	struct early_range *ranges;
	u32 count;
	u32 max;
};

static struct early_range chunk_space[IHK_MAX_CHUNKS];
static struct early_range unused_space[MAX_UNUSED];

static struct range_table chunks = { chunk_space, 0, IHK_MAX_CHUNKS };
static struct range_table unused = { unused_space, 0, MAX_UNUSED };

static paddr_t window_start;
static paddr_t window_end = PADDR_NONE;
static bool finished;

static void remove_at(struct range_table *table, u32 index)
{
	table->count--;
	memmove(&table->ranges[index], &table->ranges[index + 1],
		(table->count - index) * sizeof(table->ranges[0]));
}

static void insert_at(struct range_table *table, u32 index,
		      const struct early_range *range)
{
	memmove(&table->ranges[index + 1], &table->ranges[index],
		(table->count - index) * sizeof(table->ranges[0]));
	table->ranges[index] = *range;
	table->count++;
}

static bool adjoins(const struct early_range *low,
		    const struct early_range *high)
{
	return low->end == high->start && low->node == high->node;
}

/* The first range that ends above @pa. */
static u32 find_range(const struct range_table *table, paddr_t pa)
{
	u32 i = 0;

	while (i < table->count && table->ranges[i].end <= pa)
		i++;
	return i;
}

/* Add a range that overlaps none; join it with its neighbours. */
static int add_range(struct range_table *table, const struct early_range *new)
{
	u32 i = find_range(table, new->start);
	struct early_range range = *new;

	if (i < table->count && adjoins(&range, &table->ranges[i])) {
		range.end = table->ranges[i].end;
		remove_at(table, i);
	}
	if (i > 0 && adjoins(&table->ranges[i - 1], &range)) {
		table->ranges[i - 1].end = range.end;
		return 0;
	}
	if (table->count == table->max)
		return -ENOSPC;
	insert_at(table, i, &range);
	return 0;
}

/* Take [start, end), which lies inside range @i, out of the unused ranges. */
static int cut_out(u32 i, paddr_t start, paddr_t end)
{
	struct early_range *range = &unused.ranges[i];
	struct early_range low = { range->start, start, range->node };

	if (range->start == start && range->end == end) {
		remove_at(&unused, i);
	} else if (range->start == start) {
		range->start = end;
	} else if (range->end == end) {
		range->end = start;
	} else {
		if (unused.count == unused.max)
			return -ENOSPC;
		range->start = end;
		insert_at(&unused, i, &low);
	}
	return 0;
}

int early_add_chunk(paddr_t start, paddr_t end, u32 node)
{
	struct early_range range = { start, end, node };
	int err;
	u32 i;

	if (finished || start >= end || node >= IHK_MAX_NODES ||
	    !IS_ALIGNED(start | end, PAGE_LEN) || end > IHK_PADDR_LIMIT)
		return -EINVAL;
	i = find_range(&chunks, start);
	if (i < chunks.count && chunks.ranges[i].start < end)
		return -EEXIST;
	err = add_range(&chunks, &range);
	if (err)
		return err;
	/* Cannot fail: this table is the larger one. */
	err = add_range(&unused, &range);
	ASSERT(!err);
	return 0;
}

int early_reserve(paddr_t start, paddr_t end)
{
	u32 i;
	int err;

	if (finished || start >= end || end > IHK_PADDR_LIMIT)
		return -EINVAL;
	start = ALIGN_DOWN(start, PAGE_LEN);
	end = ALIGN_UP(end, PAGE_LEN);
	/* A cut removes range i, or leaves its rest above the cut at i or i + 1. */
	for (;;) {
		i = find_range(&unused, start);
		if (i == unused.count || unused.ranges[i].start >= end)
			return 0;
		err = cut_out(i, MAX(start, unused.ranges[i].start),
			      MIN(end, unused.ranges[i].end));
		if (err)
			return err;
	}
}

void early_set_window(paddr_t start, paddr_t end)
{
	window_start = start;
	window_end = end;
}

paddr_t early_alloc(u64 len, u64 align, u32 node)
{
	u32 i;

	if (finished || !len || len > IHK_PADDR_LIMIT)
		return PADDR_NONE;
	len = ALIGN_UP(len, PAGE_LEN);
	for (i = 0; i < unused.count; i++) {
		const struct early_range *range = &unused.ranges[i];
		paddr_t start = MAX(range->start, window_start);
		paddr_t end = MIN(range->end, window_end);

		if (node != EARLY_ANY_NODE && range->node != node)
			continue;
		start = ALIGN_UP(start, align);
		if (start >= end || end - start < len)
			continue;
		if (cut_out(i, start, start + len))
			return PADDR_NONE;
		memset(phys_to_virt(start), 0, len);
		return start;
	}
	return PADDR_NONE;
}

u64 early_free_len(u32 node)
{
	u64 len = 0;
	u32 i;

	for (i = 0; i < unused.count; i++) {
		if (node == EARLY_ANY_NODE || unused.ranges[i].node == node)
			len += unused.ranges[i].end - unused.ranges[i].start;
	}
	return len;
}

const struct early_range *early_chunks(u32 *count)
{
	*count = chunks.count;
	return chunks.ranges;
}

const struct early_range *early_unused(u32 *count)
{
	*count = unused.count;
	return unused.ranges;
}

paddr_t early_take_inside(paddr_t start, paddr_t end, u64 len)
{
	u32 best = unused.count;
	u64 best_len = 0;
	paddr_t pa;
	u32 i;

	for (i = find_range(&unused, start);
	     i < unused.count && unused.ranges[i].start < end; i++) {
		u64 range_len = unused.ranges[i].end - unused.ranges[i].start;

		if (range_len < len)
			continue;
		if (best == unused.count || range_len < best_len) {
			best = i;
			best_len = range_len;
		}
	}
	if (best == unused.count)
		return PADDR_NONE;

	/* Take the end that is less aligned: it spoils the smaller block. */
	pa = unused.ranges[best].start;
	if ((pa & -pa) > (unused.ranges[best].end & -unused.ranges[best].end))
		pa = unused.ranges[best].end - len;
	return cut_out(best, pa, pa + len) ? PADDR_NONE : pa;
}

void early_finish(void)
{
	finished = true;
}
