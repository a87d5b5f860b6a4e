/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs and how much memory mcreboot takes when it is not told, and which Linux CPU
 * serves which of them. Pure functions of the machine's topology, which topo.c reads.
 */
#ifndef TOOLS_PLAN_H
#define TOOLS_PLAN_H

#include <stdint.h>

#include <ihk/ihk.h>

#define PLAN_MAX_NODES 64
/* Of the memory that is planned; the module takes none smaller by default. */
#define PLAN_CHUNK (4ULL << 20)
/* Least memory that an LWK boots with. */
#define PLAN_MIN_MEM (32ULL << 20)

/**
 * struct topo_cpu - a CPU that Linux runs on
 * @cpu:	number
 * @node:	NUMA node
 * @package:	package
 * @core:	physical core within the package
 */
struct topo_cpu {
	int cpu;
	int node;
	int package;
	int core;
};

/**
 * struct topo_node - a NUMA node
 * @node:	number
 * @free:	bytes free
 * @distance:	to each node by number, 0 where unknown
 */
struct topo_node {
	int node;
	uint64_t free;
	int distance[PLAN_MAX_NODES];
};

/**
 * struct topo - the machine
 * @ncpus:	entries of @cpus
 * @cpus:	online CPUs, ascending
 * @nnodes:	entries of @nodes
 * @nodes:	nodes, ascending
 */
struct topo {
	int ncpus;
	struct topo_cpu cpus[IHK_MAX_CPUS];
	int nnodes;
	struct topo_node nodes[PLAN_MAX_NODES];
};

/**
 * topo_read() - read the topology
 * @topo: filled
 * @sys: where sysfs is, "/sys"
 * Context: any. Return: 0, or -errno.
 */
int topo_read(struct topo *topo, const char *sys);

/**
 * plan_cpus() - half of the physical cores, of the last nodes, with all their threads
 * @topo: machine
 * @cpus: filled, ascending; never a thread of CPU 0's core
 * Context: any. Return: how many; 0 on a machine with one core.
 */
int plan_cpus(const struct topo *topo, int *cpus);

/**
 * plan_mem() - half of the free memory of the nodes of some CPUs
 * @topo: machine
 * @cpus: the CPUs
 * @ncpus: how many
 * @chunks: filled, one for each node that has enough
 * Context: any. Return: how many; 0 if there is less than an LWK needs.
 */
int plan_mem(const struct topo *topo, const int *cpus, int ncpus, struct ihk_mem_chunk *chunks);

/**
 * plan_ikc_map() - for each CPU the nearest that Linux keeps, in turn
 * @topo: machine, as it was with these CPUs still in Linux, or without them
 * @lwk: CPUs of the LWK
 * @nlwk: how many
 * @map: filled with @nlwk entries
 * Context: any. Return: @nlwk; 0 if Linux keeps none.
 */
int plan_ikc_map(const struct topo *topo, const struct ihk_cpu_info *lwk, int nlwk,
		 struct ihk_ikc_cpu_map *map);

#endif
