// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of the boot block. The head is checked in place, so that the reason for
 * refusing the rest can be written into it; everything else is copied first.
 */
#include "lwk/include/core/boot.h"

#include "abi/ikc.h"
#include "abi/kmsg.h"
#include "abi/layout.h"
#include "abi/park.h"
#include "build_id.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/direct_map.h"
#include "lwk/lib/string.h"

static struct boot_block *shared;
static struct boot_block fixed;

const struct boot_block *boot_fixed(void)
{
	return &fixed;
}

struct boot_block *boot_shared(void)
{
	return shared;
}

void *boot_part(u64 off)
{
	return (u8 *)shared + off;
}

u32 boot_command(void)
{
	/* Acquire: partner is the host's store before its doorbell or NMI. */
	return shared ? __atomic_load_n(&shared->command, __ATOMIC_ACQUIRE) : BOOT_COMMAND_NONE;
}

void boot_set_status(u32 status)
{
	__atomic_store_n(&shared->status, status, __ATOMIC_RELEASE);
}

/* Without a sound head there is nobody to tell: the host's time-out notices. */
static void check_head(struct boot_block *block)
{
	if (block->magic != BOOT_MAGIC)
		panic("boot: boot block at %p has magic %llx, not %llx", (void *)block,
		      block->magic, BOOT_MAGIC);
	shared = block;
	if (block->version != BOOT_VERSION || block->len != sizeof(*block))
		panic("boot: boot block is version %u, %u bytes; this image knows version %u, %zu bytes",
		      block->version, block->len, BOOT_VERSION, sizeof(*block));
	fixed = *block;
	fixed.build_id[IHK_BUILD_ID_LEN - 1] = '\0';
	fixed.kargs[IHK_KARGS_LEN - 1] = '\0';
	if (strcmp(fixed.build_id, MCK_BUILD_ID))
		panic("boot: host module is build %s, image is %s", fixed.build_id, MCK_BUILD_ID);
	if (fixed.flags & ~BOOT_FLAGS_KNOWN)
		panic("boot: unknown flags %x", fixed.flags);
}

/* A physical range inside the boot area. */
static void check_range(const char *name, u64 start, u64 end)
{
	if (start >= end || start < fixed.area_start || end > fixed.area_end ||
	    !IS_ALIGNED(start, PAGE_LEN) || !IS_ALIGNED(end, PAGE_LEN))
		panic("boot: %s [%llx, %llx) is not in the boot area [%llx, %llx)", name, start,
		      end, fixed.area_start, fixed.area_end);
}

/* An array that the block names by offset. */
static void check_array(const char *name, u64 off, u64 count, u64 entry_len, u64 align)
{
	u64 room = fixed.area_end - fixed.block_paddr;

	if (!count || off < sizeof(fixed) || off > room || count > (room - off) / entry_len ||
	    !IS_ALIGNED(off, align))
		panic("boot: %s: %llu entries of %llu bytes at offset %llx exceed the boot area",
		      name, count, entry_len, off);
}

static void check_ranges(void)
{
	if (fixed.area_start >= fixed.area_end || fixed.area_end > IHK_PADDR_LIMIT ||
	    !IS_ALIGNED(fixed.area_start | fixed.area_end, PAGE_LEN))
		panic("boot: bad boot area [%llx, %llx)", fixed.area_start, fixed.area_end);
	check_range("boot block", fixed.block_paddr,
		    fixed.block_paddr + ALIGN_UP(sizeof(fixed), PAGE_LEN));
	if (phys_to_virt(fixed.block_paddr) != shared)
		panic("boot: boot block is at %p, says %llx", (void *)shared, fixed.block_paddr);
	check_range("image", fixed.image_start, fixed.image_end);
	check_range("bootstrap tables", fixed.tables_start, fixed.tables_end);
	check_range("early heap", fixed.heap_start, fixed.heap_end);
	if (fixed.heap_end - fixed.heap_start < BOOT_EARLY_HEAP_LEN)
		panic("boot: early heap has only %llu bytes", fixed.heap_end - fixed.heap_start);
}

static void check_counts(void)
{
	if (!fixed.ncpus || fixed.ncpus > IHK_MAX_CPUS)
		panic("boot: %u CPUs, this image takes 1 to %u", fixed.ncpus, IHK_MAX_CPUS);
	if (!fixed.nnodes || fixed.nnodes > IHK_MAX_NODES)
		panic("boot: %u nodes, this image takes 1 to %u", fixed.nnodes, IHK_MAX_NODES);
	if (!fixed.nchunks || fixed.nchunks > IHK_MAX_CHUNKS)
		panic("boot: %u chunks, this image takes 1 to %u", fixed.nchunks,
		      IHK_MAX_CHUNKS);
	if (fixed.boot_cpu >= fixed.ncpus)
		panic("boot: first CPU %u of %u", fixed.boot_cpu, fixed.ncpus);
	if (!fixed.linux_ncpus || fixed.linux_ncpus > IHK_MAX_LINUX_CPUS || !fixed.linux_node_ids ||
	    fixed.linux_node_ids > fixed.linux_nnodes || fixed.linux_nnodes > IHK_MAX_LINUX_NODES)
		panic("boot: Linux has numbers for %u CPUs and %u nodes, this image knows %u and %u",
		      fixed.linux_ncpus, fixed.linux_nnodes, IHK_MAX_LINUX_CPUS,
		      IHK_MAX_LINUX_NODES);
	if (!fixed.linux_present_cpus || fixed.linux_present_cpus > fixed.linux_ncpus)
		panic("boot: %u of %u CPUs are present", fixed.linux_present_cpus,
		      fixed.linux_ncpus);
	if (!fixed.tsc_khz || fixed.tsc_khz > (u32)-1)
		panic("boot: TSC frequency is %llu kHz", fixed.tsc_khz);
}

static void check_arrays(void)
{
	u64 ring_len = ikc_ring_len(IKC_MASTER_PACKETS);

	check_array("cpus", fixed.cpus_off, fixed.ncpus, sizeof(struct boot_cpu), 64);
	check_array("monitors", fixed.monitors_off, fixed.ncpus, sizeof(struct boot_monitor), 64);
	check_array("nodes", fixed.nodes_off, fixed.nnodes, sizeof(struct boot_node), 64);
	check_array("distances", fixed.distances_off, (u64)fixed.nnodes * fixed.nnodes,
		    sizeof(u32), sizeof(u32));
	check_array("chunks", fixed.chunks_off, fixed.nchunks, sizeof(struct boot_chunk), 8);
	check_array("kmsg", fixed.kmsg_off, 1, sizeof(struct kmsg_ring) + KMSG_DATA_LEN, 64);
	check_array("to_lwk ring", fixed.to_lwk_off, 1, ring_len, 64);
	check_array("to_host ring", fixed.to_host_off, 1, ring_len, 64);
}

static bool is_speed_msr(u32 msr)
{
	return msr == BOOT_SPEED_NONE || msr == BOOT_SPEED_PERF_CTL ||
	       msr == BOOT_SPEED_HWP_REQUEST || msr == BOOT_SPEED_AMD_PERF_CTL ||
	       msr == BOOT_SPEED_AMD_CPPC_REQ;
}

static void check_cpus(void)
{
	const struct boot_cpu *cpus = boot_part(fixed.cpus_off);

	for (u32 i = 0; i < fixed.ncpus; i++) {
		if (cpus[i].node >= fixed.nnodes)
			panic("boot: CPU %u is on node %u of %u", i, cpus[i].node, fixed.nnodes);
		if (cpus[i].linux_cpu >= PARK_MAX_LINUX_CPU ||
		    cpus[i].linux_cpu >= fixed.linux_ncpus)
			panic("boot: CPU %u is Linux CPU %u, which has no park slot", i,
			      cpus[i].linux_cpu);
		if (!is_speed_msr(cpus[i].speed_msr))
			panic("boot: CPU %u is asked for its frequency by MSR %#x", i,
			      cpus[i].speed_msr);
	}
}

static void check_nodes(void)
{
	const struct boot_node *nodes = boot_part(fixed.nodes_off);

	for (u32 i = 0; i < fixed.nnodes; i++) {
		if (nodes[i].linux_node >= fixed.linux_nnodes)
			panic("boot: node %u is Linux node %u of %u", i, nodes[i].linux_node,
			      fixed.linux_nnodes);
	}
}

static void check_chunks(void)
{
	const struct boot_chunk *chunks = boot_part(fixed.chunks_off);
	u64 last = 0;
	bool has_area = false;

	for (u32 i = 0; i < fixed.nchunks; i++) {
		struct boot_chunk c = chunks[i];

		if (c.start >= c.end || c.start < last || c.end > IHK_PADDR_LIMIT ||
		    !IS_ALIGNED(c.start | c.end, PAGE_LEN) || c.node >= fixed.nnodes)
			panic("boot: bad chunk %u [%llx, %llx) on node %u", i, c.start, c.end,
			      c.node);
		if (c.start <= fixed.area_start && fixed.area_end <= c.end)
			has_area = true;
		last = c.end;
	}
	if (!has_area)
		panic("boot: boot area [%llx, %llx) is in no chunk", fixed.area_start,
		      fixed.area_end);
}

void boot_init(struct boot_block *block)
{
	check_head(block);
	check_ranges();
	check_counts();
	check_arrays();
	check_cpus();
	check_nodes();
	check_chunks();
	boot_set_status(BOOT_STATUS_EARLY);
}
