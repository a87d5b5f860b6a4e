// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory at boot. In the boot area, image, boot block, log and master rings stay
 * where they are; bootstrap tables and early heap belong to the allocators once the
 * LWK's own tables are in use.
 */
#include "lwk/include/core/memory.h"

#include "lwk/include/arch_core.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/mm/early.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_ledger.h"
#include "lwk/include/mm/vmap.h"

static void must(int err, const char *what)
{
	if (err)
		panic("memory: %s: error %d", what, err);
}

static void register_chunks(void)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_chunk *chunks = boot_part(boot->chunks_off);

	for (u32 i = 0; i < boot->nchunks; i++)
		must(early_add_chunk(chunks[i].start, chunks[i].end, chunks[i].node),
		     "registering a chunk");
}

static void reserve_unless_empty(u64 start, u64 end)
{
	if (start < end)
		must(early_reserve(start, end), "reserving the boot area");
}

/* Everything in the boot area stays but two parts, in whichever order they lie. */
static void reserve_boot_area(void)
{
	const struct boot_block *boot = boot_fixed();
	bool tables_first = boot->tables_start < boot->heap_start;

	reserve_unless_empty(boot->area_start,
			     tables_first ? boot->tables_start : boot->heap_start);
	reserve_unless_empty(tables_first ? boot->tables_end : boot->heap_end,
			     tables_first ? boot->heap_start : boot->tables_start);
	reserve_unless_empty(tables_first ? boot->heap_end : boot->tables_end, boot->area_end);
	early_set_window(boot->heap_start, boot->heap_end);
}

static void fill_topology(struct mm_topology *topo)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_cpu *cpus = boot_part(boot->cpus_off);
	const u32 *distances = boot_part(boot->distances_off);

	topo->ncpus = boot->ncpus;
	topo->nnodes = boot->nnodes;
	for (u32 i = 0; i < boot->ncpus; i++)
		topo->cpu_node[i] = (u8)cpus[i].node;
	for (u32 from = 0; from < boot->nnodes; from++) {
		for (u32 to = 0; to < boot->nnodes; to++) {
			u32 distance = distances[from * boot->nnodes + to];

			/* ACPI's are bytes; 255 is unreachable. */
			topo->distance[from][to] = (u8)MIN(distance, 255U);
		}
	}
}

static void publish_node(u32 node, const struct page_stats *stats)
{
	struct boot_node *nodes = boot_part(boot_fixed()->nodes_off);

	WRITE_ONCE(nodes[node].total_pages, stats->total);
	WRITE_ONCE(nodes[node].free_pages, stats->free);
}

void memory_init(void)
{
	static struct mm_topology topo; /* too large for a stack */

	register_chunks();
	reserve_boot_area();
	arch_mm_init();
	fill_topology(&topo);
	must(page_alloc_init(&topo), "page allocator");
	must(kmalloc_init(), "object allocator");
	must(vmap_init(arch_kernel_tables()), "vmap window");
	vm_ledger_init();
	mm_stats_set_hook(publish_node);
	mm_stats_publish();
}

static void log_chunks(u32 node)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_chunk *chunks = boot_part(boot->chunks_off);

	for (u32 i = 0; i < boot->nchunks; i++) {
		if (chunks[i].node == node)
			log_debug("memory: node %u: [%012llx, %012llx)", node, chunks[i].start,
				  chunks[i].end);
	}
}

void memory_log(void)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_chunk *chunks = boot_part(boot->chunks_off);
	const struct boot_node *nodes = boot_part(boot->nodes_off);

	for (u32 node = 0; node < boot->nnodes; node++) {
		struct page_stats stats;
		u64 granted = 0;
		u32 count = 0;

		for (u32 i = 0; i < boot->nchunks; i++) {
			if (chunks[i].node != node)
				continue;
			granted += chunks[i].end - chunks[i].start;
			count++;
		}
		page_node_stats(node, &stats);
		log_info("memory: node %u (Linux node %u): %llu MiB granted in %u chunks, %llu MiB free",
			 node, nodes[node].linux_node, granted >> 20, count,
			 stats.free * PAGE_LEN >> 20);
		log_chunks(node);
	}
}
