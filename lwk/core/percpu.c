// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation and look-up of per-CPU data.
 */
#include "lwk/include/core/percpu.h"

#include "abi/errno.h"
#include "abi/park.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/sched/sched.h"
#include "lwk/lib/string.h"

/* The entry code loads its address into GS before any C runs. */
struct percpu percpu_first = { .self = &percpu_first };

static struct percpu *table[IHK_MAX_CPUS];

struct percpu *percpu_of(u32 id)
{
	/* Acquire: partner of the store in register_cpu(). */
	return __atomic_load_n(&table[id], __ATOMIC_ACQUIRE);
}

u32 percpu_count(void)
{
	return boot_fixed()->ncpus;
}

bool percpu_online(u32 id)
{
	struct percpu *cpu = percpu_of(id);

	/* Acquire: partner of the CPU's own store. */
	return cpu && __atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE);
}

static void register_cpu(struct percpu *cpu, u32 id)
{
	struct boot_cpu *cpus = boot_part(boot_fixed()->cpus_off);
	struct boot_monitor *monitors = boot_part(boot_fixed()->monitors_off);
	const struct boot_node *nodes = boot_part(boot_fixed()->nodes_off);

	cpu->self = cpu;
	cpu->id = id;
	cpu->slot_va = PARK_SLOT_VA((u64)cpus[id].linux_cpu);
	cpu->apic_id = cpus[id].apic_id;
	cpu->node = cpus[id].node;
	cpu->linux_cpu = cpus[id].linux_cpu;
	cpu->linux_node = nodes[cpu->node].linux_node;
	cpu->shared = &cpus[id];
	cpu->monitor = &monitors[id];
	spin_lock_init(&cpu->work_lock, LOCK_RANK_WORK, "work queue");
	cpu->work_tail = &cpu->work_head;
	sched_init_cpu(&cpu->runq);
	__atomic_store_n(&table[id], cpu, __ATOMIC_RELEASE);
}

void percpu_init_first(void)
{
	register_cpu(&percpu_first, boot_fixed()->boot_cpu);
}

int percpu_create(u32 id)
{
	struct boot_cpu *cpus = boot_part(boot_fixed()->cpus_off);
	struct percpu *cpu = kmalloc_node(sizeof(*cpu), cpus[id].node);

	if (!cpu)
		return -ENOMEM;
	memset(cpu, 0, sizeof(*cpu));
	register_cpu(cpu, id);
	return 0;
}
