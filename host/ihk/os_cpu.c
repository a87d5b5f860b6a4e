// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs of an OS instance, and its IKC map: which Linux CPU serves the doorbells of
 * which of them.
 *
 * All functions run with ihk_lock and os->lock held. Lists are checked as a whole
 * first; what is done then cannot fail.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/cpu.h>
#include <linux/topology.h>

/* A Linux CPU near to the given node; CPU 0 is always there. Hotplug lock held. */
static u32 choose_server(int node)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (cpu_to_node(cpu) == node)
			return cpu;
	return cpumask_first(cpu_online_mask);
}

int ihk_cpu_assign(struct ihk_os *os, const u32 *cpus, u32 ncpus)
{
	struct ihk_cpu *cpu;
	cpumask_var_t seen;
	u32 i;
	int err;

	if (!zalloc_cpumask_var(&seen, GFP_KERNEL))
		return -ENOMEM;
	err = ihk_cpu_check_free(cpus, ncpus, seen);
	free_cpumask_var(seen);
	if (err)
		return err;
	cpus_read_lock();
	for (i = 0; i < ncpus; i++) {
		cpu = ihk_cpu_find(cpus[i]);
		cpu->os = os;
		cpu->ikc_linux_cpu = choose_server(cpu->node);
	}
	cpus_read_unlock();
	ihk_os_recount(os);
	return 0;
}

static int check_unassign(struct ihk_os *os, const u32 *cpus, u32 ncpus, struct cpumask *seen)
{
	struct ihk_cpu *cpu;
	u32 i;

	for (i = 0; i < ncpus; i++) {
		cpu = ihk_cpu_find(cpus[i]);
		if (!cpu || cpu->os != os)
			return ihk_report(-EINVAL, "CPU %u is not assigned to OS instance %d",
					  cpus[i], os->index);
		if (cpumask_test_and_set_cpu(cpus[i], seen))
			return ihk_report(-EINVAL, "CPU %u is named twice", cpus[i]);
	}
	return 0;
}

static void unassign_cpu(struct ihk_cpu *cpu)
{
	cpu->os = NULL;
	cpu->lwk_cpu = -1;
}

int ihk_cpu_unassign(struct ihk_os *os, const u32 *cpus, u32 ncpus)
{
	cpumask_var_t seen;
	u32 i;
	int err;

	if (!zalloc_cpumask_var(&seen, GFP_KERNEL))
		return -ENOMEM;
	err = check_unassign(os, cpus, ncpus, seen);
	free_cpumask_var(seen);
	if (err)
		return err;
	for (i = 0; i < ncpus; i++)
		unassign_cpu(ihk_cpu_find(cpus[i]));
	ihk_os_recount(os);
	return 0;
}

void ihk_cpu_unassign_all(struct ihk_os *os)
{
	u32 i;

	for (i = 0; i < os->ncpus; i++)
		unassign_cpu(os->cpus[i]);
	ihk_os_recount(os);
}

/* Hotplug lock held. */
static int check_map(struct ihk_os *os, const struct ihk_ioc_ikc *map, u32 n,
		     struct cpumask *seen)
{
	struct ihk_cpu *cpu;
	u32 i;

	for (i = 0; i < n; i++) {
		cpu = ihk_cpu_find(map[i].lwk_linux_cpu);
		if (!cpu || cpu->os != os)
			return ihk_report(-EINVAL, "CPU %u is not assigned to OS instance %d",
					  map[i].lwk_linux_cpu, os->index);
		if (cpumask_test_and_set_cpu(map[i].lwk_linux_cpu, seen))
			return ihk_report(-EINVAL, "CPU %u is named twice",
					  map[i].lwk_linux_cpu);
		if (ihk_cpu_held(map[i].linux_cpu))
			return ihk_report(-EINVAL,
					  "CPU %u is reserved: only a CPU of Linux can serve another",
					  map[i].linux_cpu);
		if (map[i].linux_cpu >= nr_cpu_ids || !cpu_online(map[i].linux_cpu))
			return ihk_report(-EINVAL, "CPU %u does not exist or is offline",
					  map[i].linux_cpu);
	}
	return 0;
}

int ihk_ikc_map_set(struct ihk_os *os, const struct ihk_ioc_ikc *map, u32 n)
{
	cpumask_var_t seen;
	u32 i;
	int err;

	if (!zalloc_cpumask_var(&seen, GFP_KERNEL))
		return -ENOMEM;
	cpus_read_lock();
	err = check_map(os, map, n, seen);
	if (err)
		goto unlock;
	for (i = 0; i < n; i++)
		ihk_cpu_find(map[i].lwk_linux_cpu)->ikc_linux_cpu = map[i].linux_cpu;
unlock:
	cpus_read_unlock();
	free_cpumask_var(seen);
	return err;
}

void ihk_ikc_map_refresh(struct ihk_os *os)
{
	struct ihk_cpu *cpu;
	u32 i;

	cpus_read_lock();
	for (i = 0; i < os->ncpus; i++) {
		cpu = os->cpus[i];
		if (!cpu_online(cpu->ikc_linux_cpu))
			cpu->ikc_linux_cpu = choose_server(cpu->node);
	}
	cpus_read_unlock();
}
