/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Data that each CPU of the LWK has for itself.
 *
 * The first CPU's is static, the others' are allocated on their nodes. this_cpu()
 * is right while the caller cannot move to another CPU.
 */
#ifndef LWK_CORE_PERCPU_H
#define LWK_CORE_PERCPU_H

#include <arch_cpu.h>

#include "abi/boot.h"
#include "lwk/include/core/cpumask.h"
#include "lwk/include/core/percpu_offsets.h"
#include "lwk/include/sched/runq.h"
#include "lwk/include/spinlock.h"

struct ikc_channel;
struct work;

/** enum cpu_cache_type - as the processor has it */
enum cpu_cache_type { CPU_CACHE_DATA = 1, CPU_CACHE_INSTRUCTION, CPU_CACHE_UNIFIED };

/**
 * struct cpu_cache - a cache of a CPU
 * @type:	enum cpu_cache_type
 * @level:	from 1
 * @by_package:	all CPUs of the package share it
 * @id_shift:	else those whose APIC ids are the same but for so many of the lowest bits
 * @line_len:	bytes of a line
 * @npartitions: lines of one tag
 * @nways:	associativity
 * @nsets:	sets
 */
struct cpu_cache {
	u32 type;
	u32 level;
	bool by_package;
	u32 id_shift;
	u32 line_len;
	u32 npartitions;
	u32 nways;
	u32 nsets;
};

/**
 * struct percpu - one CPU
 * @self:	address of this struct
 * @id:		LWK CPU number
 * @stack:	top of the kernel stack that it starts on
 * @slot_va:	virtual address of its park slot
 * @entry_stack: top of the current user thread's kernel stack; own CPU
 * @user_sp:	for the entry code, between two instructions; own CPU
 * @apic_id:	physical APIC id
 * @node:	NUMA node, index into the boot block's node array
 * @linux_cpu:	number of the CPU that programs see: Linux's
 * @linux_node:	likewise of the node
 * @shared:	its entry in the boot block, for the live fields
 * @monitor:	what it shows to the host; written by this CPU only
 * @arch:	descriptor tables
 *
 * Set at creation: the fields above.
 *
 * @llc_id:	CPUs that have the same one share the last cache before memory; set by itself before
 *		it is @online
 * @ncaches:	entries of @caches, likewise
 * @caches:	its caches in the processor's order, likewise
 * @online:	runs and takes interrupts; set by itself, read by all
 * @stats_dirty: memory was allocated or freed since the statistics were
 *		published; own CPU
 * @nmi_depth:	inside the handler of an NMI or a machine check; own CPU
 *
 * @work_lock:	protects @work_head, @work_tail
 * @work_head:	deferred work, first in first out
 * @work_tail:	the link to store the next item into
 *
 * @runq:	its threads
 *
 * @call_fn:	function that this CPU asks others to run; constant while @call_left
 * @call_arg:	its argument
 * @call_left:	CPUs that have not acknowledged yet
 * @call_from:	CPUs that ask this CPU for a call
 *
 * @channels:	IKC channels of this CPU; own CPU, interrupts off
 * @adopt:	channels on their way into @channels; pushed by any CPU
 */
struct percpu {
	struct percpu *self;
	u32 id;
	u64 stack;
	u64 slot_va;
	u64 entry_stack;
	u64 user_sp;
	u32 apic_id;
	u32 node;
	u32 linux_cpu;
	u32 linux_node;
	struct boot_cpu *shared;
	struct boot_monitor *monitor;
	struct arch_cpu arch;

	u32 llc_id;
	u32 ncaches;
	struct cpu_cache caches[IHK_MAX_CACHES];
	u32 online;
	bool stats_dirty;
	u32 nmi_depth;

	struct spinlock work_lock;
	struct work *work_head;
	struct work **work_tail;

	struct runq runq;

	void (*call_fn)(void *arg);
	void *call_arg;
	u32 call_left;
	struct cpumask call_from;

	struct ikc_channel *channels;
	struct ikc_channel *adopt;
};

ABI_ASSERT_OFFSET(struct percpu, self, PERCPU_SELF);
ABI_ASSERT_OFFSET(struct percpu, id, PERCPU_ID);
ABI_ASSERT_OFFSET(struct percpu, stack, PERCPU_STACK);
ABI_ASSERT_OFFSET(struct percpu, slot_va, PERCPU_SLOT_VA);
ABI_ASSERT_OFFSET(struct percpu, entry_stack, PERCPU_ENTRY_STACK);
ABI_ASSERT_OFFSET(struct percpu, user_sp, PERCPU_USER_SP);

/**
 * this_cpu() - data of the calling CPU.
 *
 * Context: any.
 * Return: its struct percpu.
 */
static inline struct percpu *this_cpu(void)
{
	return arch_this_cpu();
}

/**
 * percpu_of() - data of a CPU by number.
 * @id: below percpu_count()
 *
 * Context: any.
 * Return: its struct percpu, or NULL before it was created.
 */
struct percpu *percpu_of(u32 id);

/**
 * percpu_count() - how many CPUs this LWK has.
 *
 * Context: any, after boot_init(); 0 before.
 * Return: the count.
 */
u32 percpu_count(void);

/**
 * percpu_online() - does a CPU run and take interrupts?
 * @id: below percpu_count()
 *
 * Context: any.
 * Return: true if so.
 */
bool percpu_online(u32 id);

/**
 * percpu_init_first() - complete the calling CPU's data from the boot block.
 *
 * Context: first CPU, once, after boot_init().
 */
void percpu_init_first(void);

/**
 * percpu_create() - make the data of a CPU that does not run yet.
 * @id: LWK CPU number, not the first CPU's
 *
 * Context: first CPU, after the allocators are up.
 * Return: 0 or -ENOMEM.
 */
int percpu_create(u32 id) __must_check;

#endif
