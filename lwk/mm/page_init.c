// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page allocator's start: takes over from the early allocator. Everything
 * here runs on the boot CPU alone.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/early.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/mm/internal.h"

struct mm_topology page_topology;

static int check_topology(const struct mm_topology *topo)
{
	const struct early_range *chunks;
	u32 nchunks, i;

	if (!topo->ncpus || topo->ncpus > IHK_MAX_CPUS || !topo->nnodes ||
	    topo->nnodes > IHK_MAX_NODES)
		return -EINVAL;
	for (i = 0; i < topo->ncpus; i++) {
		if (topo->cpu_node[i] >= topo->nnodes)
			return -EINVAL;
	}
	chunks = early_chunks(&nchunks);
	for (i = 0; i < nchunks; i++) {
		if (chunks[i].node >= topo->nnodes)
			return -EINVAL;
	}
	return nchunks ? 0 : -EINVAL;
}

/* The other nodes by distance; of equal ones the lower number first. */
static void init_fallback(u32 index)
{
	const u8 *distance = page_topology.distance[index];
	u8 *order = page_nodes[index].fallback;
	u32 count = 0;
	u32 node, i;

	for (node = 0; node < page_topology.nnodes; node++) {
		if (node == index)
			continue;
		i = count++;
		for (; i > 0 && distance[order[i - 1]] > distance[node]; i--)
			order[i] = order[i - 1];
		order[i] = (u8)node;
	}
}

static int init_node(u32 index)
{
	u64 len = page_topology.ncpus * PAGE_CACHE_ORDERS *
		  sizeof(struct page_cache);
	struct page_node *node = &page_nodes[index];
	paddr_t pa;
	u32 cpu;

	pa = early_alloc(len, PAGE_LEN, index);
	if (pa == PADDR_NONE)
		pa = early_alloc(len, PAGE_LEN, EARLY_ANY_NODE);
	if (pa == PADDR_NONE)
		return -ENOMEM;
	buddy_init(node);
	page_clear_init(&node->clear);
	node->caches = phys_to_virt(pa);
	for (cpu = 0; cpu < page_topology.ncpus; cpu++)
		page_cache_init(&node->caches[cpu * PAGE_CACHE_ORDERS]);
	init_fallback(index);
	return 0;
}

static int init_chunk(const struct early_range *range)
{
	u64 npages = (range->end - range->start) >> PAGE_SHIFT;
	u64 len = ALIGN_UP(npages * sizeof(struct page), PAGE_LEN);
	paddr_t pa = early_take_inside(range->start, range->end, len);

	/*
	 * A chunk whose free part is too small for its own descriptors takes
	 * them from elsewhere on its node: only a chunk of a few pages, or one
	 * full of reservations, needs that.
	 */
	if (pa == PADDR_NONE)
		pa = early_alloc(len, PAGE_LEN, range->node);
	if (pa == PADDR_NONE)
		return -ENOMEM;
	page_chunk_add(range, phys_to_virt(pa));
	return 0;
}

int page_alloc_init(const struct mm_topology *topo)
{
	const struct early_range *ranges;
	u32 count, i;
	int err;

	err = check_topology(topo);
	if (err)
		return err;
	page_topology = *topo;
	early_set_window(0, PADDR_NONE);
	for (i = 0; i < topo->nnodes; i++) {
		err = init_node(i);
		if (err)
			return err;
	}
	ranges = early_chunks(&count);
	for (i = 0; i < count; i++) {
		err = init_chunk(&ranges[i]);
		if (err)
			return err;
	}
	early_finish();
	ranges = early_unused(&count);
	for (i = 0; i < count; i++)
		buddy_add(ranges[i].start, ranges[i].end);
	return 0;
}

void page_release_range(paddr_t start, paddr_t end)
{
	buddy_add(start, end);
}
