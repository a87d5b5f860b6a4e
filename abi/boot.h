/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host hands an LWK when it boots it, and what both watch afterwards.
 *
 * The host takes a boot area from the start of the largest chunk on the lowest
 * node of the partition and lays out in it, each part page-aligned:
 *
 *   image | bootstrap page tables | boot block and its arrays | kmsg | master rings | early heap
 *
 * The bootstrap tables map the image (permissions of its segments), the whole
 * boot area in the direct map (read-write, no execute), the park page and the
 * slots of the partition's CPUs: enough for the LWK to build its own tables out
 * of the early heap. It may reuse bootstrap tables and early heap afterwards.
 *
 * The first CPU enters the image with the direct-map address of the boot block
 * in RDI (abi/park.h). Arrays are named by their byte offset from the boot
 * block and lie inside the boot area. Each field has one writer: "host", fixed before boot
 * unless marked live, or "LWK", live. Readers copy, then check, then use.
 */
#ifndef ABI_BOOT_H
#define ABI_BOOT_H

#include "abi/limits.h"
#include "abi/types.h"

#define BOOT_MAGIC 0x544f4f424b4c4b4dULL
#define BOOT_VERSION 1
#define BOOT_EARLY_HEAP_LEN (2U << 20)	/* least length of the early heap, bytes */

/* boot_block.flags */
#define BOOT_FLAG_X2APIC (1U << 0)	/* local APICs are in x2APIC mode */
#define BOOT_FLAG_SPLIT_LOCK (1U << 1)	/* MSR_TEST_CTRL has locked accesses to two lines fault */
#define BOOT_FLAG_KERNEL_IBRS (1U << 2)	/* Linux has IBRS on in its kernel, off in programs */
#define BOOT_FLAG_TSC_DEADLINE (1U << 3) /* the timer's deadline mode is there, and works */
#define BOOT_FLAGS_KNOWN                                                                 \
	(BOOT_FLAG_X2APIC | BOOT_FLAG_SPLIT_LOCK | BOOT_FLAG_KERNEL_IBRS |               \
	 BOOT_FLAG_TSC_DEADLINE)

/* boot_block.status, written by the LWK; it only grows during one boot */
#define BOOT_STATUS_NONE 0	/* host: nothing has run yet */
#define BOOT_STATUS_EARLY 1	/* the first CPU is in the image */
#define BOOT_STATUS_MAPPED 2	/* own page tables, memory and traps are up */
#define BOOT_STATUS_RUNNING 3	/* all CPUs and IKC are up */
#define BOOT_STATUS_STOPPED 4	/* all CPUs but the last have parked, it parks now */
#define BOOT_STATUS_PANIC 5	/* panicked; @reason says why */

/* boot_block.command, written by the host, followed by doorbell or NMI */
#define BOOT_COMMAND_NONE 0
#define BOOT_COMMAND_STOP 1	/* park all CPUs in good order */
#define BOOT_COMMAND_HALT 2	/* each CPU parks at once, also from its NMI handler */
#define BOOT_COMMAND_FREEZE 3	/* each CPU waits in its doorbell handler for another command */

/* boot_monitor.state, written by the CPU itself */
#define MONITOR_OFFLINE 0	/* not started */
#define MONITOR_KERNEL 1	/* in the LWK; @counter moves */
#define MONITOR_IDLE 2		/* halted, interrupts on */
#define MONITOR_USER 3		/* in a program */
#define MONITOR_FROZEN 4	/* waits for the end of BOOT_COMMAND_FREEZE */
#define MONITOR_PANIC 5		/* stopped after a panic */
#define MONITOR_PARKED 6	/* gone back to its park slot */

/*
 * boot_cpu.speed_msr: by which a processor is asked for its frequency. SDM 4, 2.1 and 2.17; the AMD
 * ones are in the processors' programming references, "Core::X86::Msr::PStateCtl" and
 * "Core::X86::Msr::CPPC_REQUEST".
 */
#define BOOT_SPEED_NONE 0
#define BOOT_SPEED_PERF_CTL 0x199		/* IA32_PERF_CTL */
#define BOOT_SPEED_HWP_REQUEST 0x774		/* IA32_HWP_REQUEST */
#define BOOT_SPEED_AMD_PERF_CTL 0xc0010062
#define BOOT_SPEED_AMD_CPPC_REQ 0xc00102b3

/**
 * struct boot_cpu - one CPU of the partition, index = LWK CPU number
 * @linux_cpu:	number that Linux gives it, host
 * @apic_id:	physical APIC id, host
 * @node:	index into the node array, host
 * @core_id:	physical core within the package, host
 * @package_id:	package, host
 * @ikc_linux_cpu: Linux CPU that serves this CPU's doorbells, host, live
 * @doorbell:	host, live: physical APIC id << 32 | vector to send to Linux; read with
 *		one load before every doorbell, since Linux may move it
 * @die_id:	die within the package, host
 * @speed_msr:	BOOT_SPEED_*, host
 * @speed_value: for this register, host: the highest frequency that Linux lets the CPU have
 */
struct boot_cpu {
	u32 linux_cpu;
	u32 apic_id;
	u32 node;
	u32 core_id;
	u32 package_id;
	u32 ikc_linux_cpu;
	u64 doorbell;
	u32 die_id;
	u32 speed_msr;
	u64 speed_value;
	u64 reserved[2];
};

ABI_ASSERT_SIZE(struct boot_cpu, 64);

/**
 * struct boot_node - one NUMA node of the partition
 * @linux_node:	number that Linux gives it, host
 * @total_pages: 4 KiB pages that the LWK's allocator manages there, LWK
 * @free_pages:	of these, free now, LWK, updated at least when CPUs go idle
 */
struct boot_node {
	u32 linux_node;
	u32 reserved0;
	u64 total_pages;
	u64 free_pages;
	u64 reserved[5];
};

ABI_ASSERT_SIZE(struct boot_node, 64);

/**
 * struct boot_chunk - one granted piece of physical memory, sorted by address
 * @start:	first physical address, page-aligned
 * @end:	first physical address behind it, page-aligned
 * @node:	index into the node array
 */
struct boot_chunk {
	u64 start;
	u64 end;
	u32 node;
	u32 reserved0;
	u64 reserved[1];
};

ABI_ASSERT_SIZE(struct boot_chunk, 32);

/**
 * struct boot_monitor - what one CPU does, for the host's watchdog
 * @state:	MONITOR_*
 * @counter:	grows with every change of @state and inside long kernel work;
 *		a CPU in MONITOR_KERNEL whose counter stands still hangs
 * @irqs:	interrupts taken
 * @stray_irqs:	of these, vectors that are not the LWK's (Linux's broadcasts)
 * @nmis:	NMIs taken
 */
struct boot_monitor {
	u32 state;
	u32 reserved0;
	u64 counter;
	u64 irqs;
	u64 stray_irqs;
	u64 nmis;
	u64 reserved[3];
};

ABI_ASSERT_SIZE(struct boot_monitor, 64);

/**
 * struct boot_block - root of everything that host and LWK share
 * @magic:	BOOT_MAGIC, host
 * @version:	BOOT_VERSION, host
 * @len:	sizeof(struct boot_block), host
 * @flags:	BOOT_FLAG_*, host
 * @os_index:	N of /dev/mcosN, host
 * @build_id:	build id of the host module, host; equal to the image's
 * @block_paddr: physical address of this block, host
 * @area_start:	boot area [start, end), physical, host
 * @area_end:	see @area_start
 * @image_start: image inside the boot area [start, end), physical, host
 * @image_end:	see @image_start
 * @tables_start: bootstrap page tables [start, end), physical, host
 * @tables_end:	see @tables_start
 * @heap_start:	early heap [start, end), physical, host
 * @heap_end:	see @heap_start
 * @tsc_khz:	TSC frequency as Linux calibrated it, host
 * @tsc_base:	TSC at the moment @mono_base_ns was read, host
 * @mono_base_ns: Linux's CLOCK_MONOTONIC, so that both logs have one time, host
 * @ncpus:	entries of the CPU and monitor arrays, at least 1, host
 * @nnodes:	entries of the node array, at least 1, host
 * @nchunks:	entries of the chunk array, at least 1, host
 * @boot_cpu:	LWK CPU number of the first CPU, host
 * @cpus_off:	struct boot_cpu[ncpus], host
 * @monitors_off: struct boot_monitor[ncpus], LWK
 * @nodes_off:	struct boot_node[nnodes]
 * @distances_off: u32[nnodes * nnodes], ACPI SLIT values (10 = local), row by row, host
 * @chunks_off:	struct boot_chunk[nchunks], host
 * @kmsg_off:	struct kmsg_ring
 * @to_lwk_off:	master ring Linux to LWK (abi/ikc_ring.h)
 * @to_host_off: master ring LWK to Linux
 * @xcr0:	processor state components that Linux has enabled (XCR0), host
 * @pat:	memory types that Linux's page table entries name (MSR IA32_PAT), host
 * @linux_ncpus: Linux's numbers of CPUs are below it, host; its sets of CPUs have so many bits
 * @linux_nnodes: likewise of NUMA nodes, host
 * @linux_node_ids: nodes that this machine may have are below it, at most @linux_nnodes, host
 * @linux_present_cpus: CPUs that are plugged in are below it, at most @linux_ncpus, host
 * @command:	BOOT_COMMAND_*, host, live
 * @status:	BOOT_STATUS_*, LWK, live
 * @panic_cpu:	LWK CPU number that panicked, LWK
 * @reason:	why it panicked, NUL-terminated, LWK
 * @kargs:	kernel arguments, NUL-terminated, host
 */
struct boot_block {
	u64 magic;
	u32 version;
	u32 len;
	u32 flags;
	u32 os_index;
	char build_id[IHK_BUILD_ID_LEN];
	u64 block_paddr;
	u64 area_start;
	u64 area_end;
	u64 image_start;
	u64 image_end;
	u64 tables_start;
	u64 tables_end;
	u64 heap_start;
	u64 heap_end;
	u64 tsc_khz;
	u64 tsc_base;
	u64 mono_base_ns;
	u32 ncpus;
	u32 nnodes;
	u32 nchunks;
	u32 boot_cpu;
	u64 cpus_off;
	u64 monitors_off;
	u64 nodes_off;
	u64 distances_off;
	u64 chunks_off;
	u64 kmsg_off;
	u64 to_lwk_off;
	u64 to_host_off;
	u64 xcr0;
	u32 linux_ncpus;
	u32 linux_nnodes;
	u32 linux_node_ids;
	u32 linux_present_cpus;
	u64 pat;
	u64 reserved0[3];
	u32 command;
	u32 reserved1[15];
	u32 status;
	u32 panic_cpu;
	u64 reserved2[7];
	char reason[IHK_REASON_LEN];
	char kargs[IHK_KARGS_LEN];
};

ABI_ASSERT_OFFSET(struct boot_block, block_paddr, 88);
ABI_ASSERT_OFFSET(struct boot_block, ncpus, 184);
ABI_ASSERT_OFFSET(struct boot_block, command, 320);
ABI_ASSERT_OFFSET(struct boot_block, status, 384);
ABI_ASSERT_SIZE(struct boot_block, 448 + IHK_REASON_LEN + IHK_KARGS_LEN);

/* The image carries one ELF note, owner IMAGE_NOTE_OWNER, type IMAGE_NOTE_TYPE. */
#define IMAGE_NOTE_OWNER "McKernel"
#define IMAGE_NOTE_TYPE 1

/**
 * struct image_note - identity of an LWK image
 * @abi_version: BOOT_VERSION that it was built with
 * @build_id:	build id, NUL-terminated; the host refuses another than its own
 */
struct image_note {
	u32 abi_version;
	u32 reserved;
	char build_id[IHK_BUILD_ID_LEN];
};

ABI_ASSERT_SIZE(struct image_note, 8 + IHK_BUILD_ID_LEN);

#endif
