// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between the LWK's numbers of CPUs and nodes and Linux's.
 */
#include "lwk/include/core/topology.h"

#include "lwk/include/core/boot.h"
#include "lwk/include/core/percpu.h"

u32 topology_linux_ncpus(void)
{
	return boot_fixed()->linux_ncpus;
}

u32 topology_linux_present_cpus(void)
{
	return boot_fixed()->linux_present_cpus;
}

u32 topology_linux_nnodes(void)
{
	return boot_fixed()->linux_nnodes;
}

u32 topology_linux_node_ids(void)
{
	return boot_fixed()->linux_node_ids;
}

void topology_to_linux(const struct cpumask *cpus, struct linux_cpus *out)
{
	*out = (struct linux_cpus){ 0 };
	for (u32 id = 0; id < percpu_count(); id++) {
		if (cpumask_test(cpus, id))
			bitmap_set(out->words, percpu_of(id)->linux_cpu);
	}
}

void topology_from_linux(const struct linux_cpus *cpus, struct cpumask *out)
{
	*out = (struct cpumask){ 0 };
	for (u32 id = 0; id < percpu_count(); id++) {
		if (bitmap_test(cpus->words, percpu_of(id)->linux_cpu))
			cpumask_set(out, id);
	}
}

u32 topology_nnodes(void)
{
	return boot_fixed()->nnodes;
}

u32 topology_node_to_linux(u32 node)
{
	const struct boot_node *nodes = boot_part(boot_fixed()->nodes_off);

	return READ_ONCE(nodes[node].linux_node);
}

s32 topology_node_from_linux(u32 linux_node)
{
	for (u32 i = 0; i < topology_nnodes(); i++) {
		if (topology_node_to_linux(i) == linux_node)
			return (s32)i;
	}
	return -1;
}

void topology_nodes(struct linux_nodes *out)
{
	const struct boot_node *nodes = boot_part(boot_fixed()->nodes_off);

	*out = (struct linux_nodes){ 0 };
	for (u32 i = 0; i < boot_fixed()->nnodes; i++) {
		u32 node = READ_ONCE(nodes[i].linux_node);

		/* Checked at boot; but it is the host's memory. */
		if (node < topology_linux_nnodes())
			bitmap_set(out->words, node);
	}
}
