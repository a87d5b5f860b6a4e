// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sensible defaults for a partition.
 */
#include "plan.h"

#include <stdbool.h>
#include <stdlib.h>

static bool same_core(const struct topo_cpu *a, const struct topo_cpu *b)
{
	return a->package == b->package && a->core == b->core;
}

/* The first thread of a core stands for it. */
static bool is_first_thread(const struct topo *topo, int i)
{
	for (int k = 0; k < i; k++)
		if (same_core(&topo->cpus[k], &topo->cpus[i]))
			return false;
	return true;
}

static int compare_cores(const void *a, const void *b)
{
	const struct topo_cpu *x = a;
	const struct topo_cpu *y = b;

	return x->node != y->node ? x->node - y->node : x->cpu - y->cpu;
}

static int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int plan_cpus(const struct topo *topo, int *cpus)
{
	struct topo_cpu cores[IHK_MAX_CPUS];
	int ncores = 0;
	int taken = 0;
	int n = 0;

	for (int i = 0; i < topo->ncpus; i++)
		if (is_first_thread(topo, i))
			cores[ncores++] = topo->cpus[i];
	qsort(cores, ncores, sizeof(*cores), compare_cores);
	for (int i = ncores - 1; i >= 0 && taken < ncores / 2; i--) {
		if (cores[i].cpu == 0)
			continue;
		taken++;
		for (int k = 0; k < topo->ncpus; k++)
			if (same_core(&topo->cpus[k], &cores[i]))
				cpus[n++] = topo->cpus[k].cpu;
	}
	qsort(cpus, n, sizeof(*cpus), compare_numbers);
	return n;
}

static bool node_has_cpu_of(const struct topo *topo, int node, const int *cpus, int ncpus)
{
	for (int i = 0; i < topo->ncpus; i++)
		for (int k = 0; k < ncpus; k++)
			if (topo->cpus[i].cpu == cpus[k] && topo->cpus[i].node == node)
				return true;
	return false;
}

int plan_mem(const struct topo *topo, const int *cpus, int ncpus, struct ihk_mem_chunk *chunks)
{
	uint64_t sum = 0;
	uint64_t size;
	int n = 0;

	for (int i = 0; i < topo->nnodes; i++) {
		if (!node_has_cpu_of(topo, topo->nodes[i].node, cpus, ncpus))
			continue;
		size = topo->nodes[i].free / 2 / PLAN_CHUNK * PLAN_CHUNK;
		if (!size)
			continue;
		chunks[n++] = (struct ihk_mem_chunk){ size, topo->nodes[i].node };
		sum += size;
	}
	return sum < PLAN_MIN_MEM ? 0 : n;
}

static int distance(const struct topo *topo, int from, int to)
{
	if (from == to)
		return 0;
	for (int i = 0; i < topo->nnodes; i++)
		if (topo->nodes[i].node == from && to >= 0 && to < PLAN_MAX_NODES &&
		    topo->nodes[i].distance[to])
			return topo->nodes[i].distance[to];
	return 255;
}

int plan_ikc_map(const struct topo *topo, const struct ihk_cpu_info *lwk, int nlwk,
		 struct ihk_ikc_cpu_map *map)
{
	int load[IHK_MAX_CPUS] = { 0 };
	int best;
	int d;
	int least;

	for (int i = 0; i < nlwk; i++) {
		best = -1;
		least = 0;
		for (int k = 0; k < topo->ncpus; k++) {
			bool taken = false;

			for (int m = 0; m < nlwk && !taken; m++)
				taken = lwk[m].linux_cpu == topo->cpus[k].cpu;
			if (taken)
				continue;
			d = distance(topo, lwk[i].node, topo->cpus[k].node);
			if (best < 0 || d < least || (d == least && load[k] < load[best])) {
				best = k;
				least = d;
			}
		}
		if (best < 0)
			return 0;
		load[best]++;
		map[i] = (struct ihk_ikc_cpu_map){ lwk[i].linux_cpu, topo->cpus[best].cpu };
	}
	return nlwk;
}
