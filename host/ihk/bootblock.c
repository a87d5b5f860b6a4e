// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot area: choosing it, dividing it, and what the LWK reads in it first.
 *
 * The layout is in abi/boot.h. Lengths and offsets are computed here and kept
 * in struct ihk_boot; the copies in the boot block are for the LWK alone.
 */
#include "boot.h"

#include <linux/align.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>

#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "abi/ikc.h"
#include "apic.h"
#include "build_id.h"

/* Arrays begin at cache lines. */
#define ARRAY_ALIGN 64

/* Byte offsets from the boot block, and the length of all. */
struct block_offsets {
	u64 cpus;
	u64 monitors;
	u64 nodes;
	u64 distances;
	u64 chunks;
	u64 len;
};

static void block_offsets_get(const struct ihk_boot *boot, struct block_offsets *off)
{
	u64 at = ALIGN(sizeof(struct boot_block), ARRAY_ALIGN);

	off->cpus = at;
	at += ALIGN(boot->ncpus * sizeof(struct boot_cpu), ARRAY_ALIGN);
	off->monitors = at;
	at += ALIGN(boot->ncpus * sizeof(struct boot_monitor), ARRAY_ALIGN);
	off->nodes = at;
	at += ALIGN(boot->nnodes * sizeof(struct boot_node), ARRAY_ALIGN);
	off->distances = at;
	at += ALIGN(boot->nnodes * boot->nnodes * sizeof(u32), ARRAY_ALIGN);
	off->chunks = at;
	at += boot->os->nchunks * sizeof(struct boot_chunk);
	off->len = PAGE_ALIGN(at);
}

static void nodes_collect(struct ihk_boot *boot)
{
	const struct ihk_chunk *chunk;
	nodemask_t nodes = NODE_MASK_NONE;
	u32 i;
	int nid;

	for (i = 0; i < boot->ncpus; i++)
		node_set(boot->os->cpus[i]->node, nodes);
	list_for_each_entry(chunk, &boot->os->chunks, link)
		node_set(chunk->node, nodes);
	boot->nnodes = 0;
	for_each_node_mask(nid, nodes)
		boot->linux_nodes[boot->nnodes++] = nid;
}

static u32 node_index(const struct ihk_boot *boot, int nid)
{
	u32 i = 0;

	while (boot->linux_nodes[i] != nid)
		i++;
	return i;
}

/* Largest chunk on the lowest node that has memory. */
static const struct ihk_chunk *boot_chunk_choose(const struct ihk_os *os)
{
	const struct ihk_chunk *chunk, *best = NULL;

	list_for_each_entry(chunk, &os->chunks, link)
		if (!best || chunk->node < best->node ||
		    (chunk->node == best->node &&
		     chunk->end - chunk->start > best->end - best->start))
			best = chunk;
	return best;
}

static u64 range_take(struct boot_range *range, u64 at, u64 len)
{
	range->start = at;
	range->end = at + PAGE_ALIGN(len);
	return range->end;
}

int ihk_bootblock_layout(struct ihk_boot *boot)
{
	struct boot_layout *layout = &boot->layout;
	u64 image_len = boot->image.va_end - boot->image.va_start;
	u64 ring_len = ikc_ring_len(IKC_MASTER_PACKETS);
	const struct ihk_chunk *chunk;
	struct block_offsets off;
	u64 at;

	boot->ncpus = boot->os->ncpus;
	nodes_collect(boot);
	block_offsets_get(boot, &off);
	chunk = boot_chunk_choose(boot->os);
	at = ALIGN(chunk->start, PMD_SIZE);
	layout->area.start = at;
	at = range_take(&layout->image, at, image_len);
	at = range_take(&layout->tables, at, ihk_bootpt_len(image_len));
	at = range_take(&layout->block, at, off.len);
	at = range_take(&layout->kmsg, at, sizeof(struct kmsg_ring) + KMSG_DATA_LEN);
	at = range_take(&layout->to_lwk, at, ring_len);
	at = range_take(&layout->to_host, at, ring_len);
	at = range_take(&layout->heap, at, BOOT_EARLY_HEAP_LEN);
	layout->area.end = at;
	if (at > chunk->end)
		return ihk_report(-ENOMEM,
				  "The boot area needs %llu KiB in one piece, the largest piece on node %d has %llu KiB from a 2 MiB boundary on",
				  (at - layout->area.start) >> 10, chunk->node,
				  chunk->end > layout->area.start ?
				  (chunk->end - layout->area.start) >> 10 : 0);
	return 0;
}

static void fill_ranges(struct boot_block *block, const struct boot_layout *layout)
{
	block->block_paddr = layout->block.start;
	block->area_start = layout->area.start;
	block->area_end = layout->area.end;
	block->image_start = layout->image.start;
	block->image_end = layout->image.end;
	block->tables_start = layout->tables.start;
	block->tables_end = layout->tables.end;
	block->heap_start = layout->heap.start;
	block->heap_end = layout->heap.end;
	block->kmsg_off = layout->kmsg.start - layout->block.start;
	block->to_lwk_off = layout->to_lwk.start - layout->block.start;
	block->to_host_off = layout->to_host.start - layout->block.start;
}

/* TSC and clock of one moment, as near as it gets. */
static void fill_time(struct boot_block *block)
{
	unsigned long flags;

	block->tsc_khz = tsc_khz;
	local_irq_save(flags);
	block->mono_base_ns = ktime_get_ns();
	block->tsc_base = rdtsc_ordered();
	local_irq_restore(flags);
}

static void fill_cpus(struct ihk_boot *boot)
{
	u32 i;

	for (i = 0; i < boot->ncpus; i++) {
		const struct ihk_cpu *cpu = boot->watch[i].cpu;

		boot->cpus[i].linux_cpu = cpu->linux_cpu;
		boot->cpus[i].apic_id = cpu->apic_id;
		boot->cpus[i].node = node_index(boot, cpu->node);
		boot->cpus[i].core_id = cpu->core_id;
		boot->cpus[i].package_id = cpu->package_id;
		boot->cpus[i].die_id = cpu->die_id;
		boot->cpus[i].speed_msr = cpu->speed_msr;
		boot->cpus[i].speed_value = cpu->speed_value;
	}
}

static void fill_nodes(struct ihk_boot *boot, u32 *distances)
{
	u32 i, j;

	for (i = 0; i < boot->nnodes; i++) {
		boot->nodes[i].linux_node = boot->linux_nodes[i];
		for (j = 0; j < boot->nnodes; j++)
			distances[i * boot->nnodes + j] = node_distance(boot->linux_nodes[i],
									boot->linux_nodes[j]);
	}
}

static void fill_chunks(struct ihk_boot *boot, struct boot_chunk *out)
{
	const struct ihk_chunk *chunk;

	list_for_each_entry(chunk, &boot->os->chunks, link) {
		out->start = chunk->start;
		out->end = chunk->end;
		out->node = node_index(boot, chunk->node);
		out++;
	}
}

static void fill_master_ring(const struct boot_range *range)
{
	void *ring = phys_to_virt(range->start);

	memset(ring, 0, range->end - range->start);
	ikc_ring_init(ring, IKC_MASTER_PACKETS);
}

/* Not what CPUID says, but what Linux made of it: it knows of errata. */
static u32 boot_flags(void)
{
	u32 flags = 0;

	if (ihk_apic_x2apic())
		flags |= BOOT_FLAG_X2APIC;
	if (boot_cpu_has(X86_FEATURE_SPLIT_LOCK_DETECT))
		flags |= BOOT_FLAG_SPLIT_LOCK;
	if (boot_cpu_has(X86_FEATURE_KERNEL_IBRS))
		flags |= BOOT_FLAG_KERNEL_IBRS;
	if (boot_cpu_has(X86_FEATURE_TSC_DEADLINE_TIMER))
		flags |= BOOT_FLAG_TSC_DEADLINE;
	return flags;
}

void ihk_bootblock_fill(struct ihk_boot *boot)
{
	const struct boot_layout *layout = &boot->layout;
	struct block_offsets off;
	struct boot_block *block;
	void *base;

	block_offsets_get(boot, &off);
	base = phys_to_virt(layout->block.start);
	memset(base, 0, layout->block.end - layout->block.start);
	block = base;
	boot->block = block;
	boot->cpus = base + off.cpus;
	boot->monitors = base + off.monitors;
	boot->nodes = base + off.nodes;

	block->magic = BOOT_MAGIC;
	block->version = BOOT_VERSION;
	block->len = sizeof(*block);
	block->flags = boot_flags();
	block->os_index = boot->os->index;
	strscpy(block->build_id, MCK_BUILD_ID, sizeof(block->build_id));
	strscpy(block->kargs, boot->os->kargs, sizeof(block->kargs));
	block->xcr0 = boot_cpu_has(X86_FEATURE_OSXSAVE) ? xgetbv(XCR_XFEATURE_ENABLED_MASK) : 0;
	rdmsrl(MSR_IA32_CR_PAT, block->pat);
	block->linux_ncpus = nr_cpu_ids;
	block->linux_nnodes = MAX_NUMNODES;
	block->linux_node_ids = nr_node_ids;
	block->linux_present_cpus = cpumask_last(cpu_present_mask) + 1;
	block->ncpus = boot->ncpus;
	block->nnodes = boot->nnodes;
	block->nchunks = boot->os->nchunks;
	block->cpus_off = off.cpus;
	block->monitors_off = off.monitors;
	block->nodes_off = off.nodes;
	block->distances_off = off.distances;
	block->chunks_off = off.chunks;
	fill_ranges(block, layout);
	fill_time(block);
	fill_cpus(boot);
	fill_nodes(boot, base + off.distances);
	fill_chunks(boot, base + off.chunks);
	fill_master_ring(&layout->to_lwk);
	fill_master_ring(&layout->to_host);
	ihk_kmsg_setup(boot);
}
