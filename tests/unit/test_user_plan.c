// SPDX-License-Identifier: GPL-2.0-only
/* What mcreboot takes when it is not told, on machines of several shapes. */
#include "user/tools/plan.c"

#include <string.h>

#include "tests/unit/unit.h"

static struct topo topo;

/* A machine whose CPU numbers run over threads last, as Linux has it. */
static void make_topo(int nodes, int cores_per_node, int threads, uint64_t free_per_node)
{
	int ncores = nodes * cores_per_node;

	memset(&topo, 0, sizeof(topo));
	topo.nnodes = nodes;
	for (int i = 0; i < nodes; i++) {
		topo.nodes[i].node = i;
		topo.nodes[i].free = free_per_node;
		for (int k = 0; k < nodes; k++)
			topo.nodes[i].distance[k] = 10 + 11 * abs(i - k);
	}
	topo.ncpus = ncores * threads;
	for (int cpu = 0; cpu < topo.ncpus; cpu++) {
		int core = cpu % ncores;

		topo.cpus[cpu] = (struct topo_cpu){ cpu, core / cores_per_node,
						    core / cores_per_node,
						    core % cores_per_node };
	}
}

static void expect_cpus(const int *wanted, int n)
{
	int cpus[IHK_MAX_CPUS];

	CHECK_EQ(plan_cpus(&topo, cpus), n);
	for (int i = 0; i < n; i++)
		CHECK_EQ(cpus[i], wanted[i]);
}

static void two_nodes(void)
{
	make_topo(2, 2, 1, 1ULL << 30);
	expect_cpus((const int[]){ 2, 3 }, 2);
}

static void one_node(void)
{
	make_topo(1, 4, 1, 1ULL << 30);
	expect_cpus((const int[]){ 2, 3 }, 2);
	make_topo(1, 3, 1, 1ULL << 30);
	expect_cpus((const int[]){ 2 }, 1);
}

/* All threads of a core go together: Linux numbers them 0-3 and 4-7. */
static void whole_cores(void)
{
	make_topo(2, 2, 2, 1ULL << 30);
	expect_cpus((const int[]){ 2, 3, 6, 7 }, 4);
}

static void never_cpu_0(void)
{
	int cpus[IHK_MAX_CPUS];

	make_topo(1, 1, 2, 1ULL << 30);
	CHECK_EQ(plan_cpus(&topo, cpus), 0);
	make_topo(1, 1, 1, 1ULL << 30);
	CHECK_EQ(plan_cpus(&topo, cpus), 0);
	/* CPU 0 on the last node. */
	make_topo(2, 1, 2, 1ULL << 30);
	for (int i = 0; i < topo.ncpus; i++)
		topo.cpus[i].node = 1 - topo.cpus[i].node;
	expect_cpus((const int[]){ 1, 3 }, 2);
}

static void memory_of_nodes(void)
{
	static const int cpus[] = { 2, 3 };
	struct ihk_mem_chunk chunks[PLAN_MAX_NODES];

	make_topo(2, 2, 1, (1ULL << 30) + 12345);
	CHECK_EQ(plan_mem(&topo, cpus, 2, chunks), 1);
	CHECK_EQ(chunks[0].size, 512ULL << 20);
	CHECK_EQ(chunks[0].numa_node_number, 1);
	CHECK_EQ(plan_mem(&topo, (const int[]){ 1, 2 }, 2, chunks), 2);
	make_topo(2, 2, 1, 60ULL << 20);
	CHECK_EQ(plan_mem(&topo, cpus, 2, chunks), 0);
	make_topo(2, 2, 1, 64ULL << 20);
	CHECK_EQ(plan_mem(&topo, cpus, 2, chunks), 1);
}

static struct ihk_cpu_info lwk_cpu(int cpu, int node)
{
	return (struct ihk_cpu_info){ .linux_cpu = cpu, .node = node };
}

static void nearest_server(void)
{
	struct ihk_cpu_info lwk[4];
	struct ihk_ikc_cpu_map map[4];

	make_topo(2, 4, 1, 1ULL << 30);
	for (int i = 0; i < 4; i++)
		lwk[i] = lwk_cpu(4 + i, 1);
	CHECK_EQ(plan_ikc_map(&topo, lwk, 4, map), 4);
	/* Node 1 is all taken: node 0's CPUs in turn. */
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(map[i].src_cpu, 4 + i);
		CHECK_EQ(map[i].dst_cpu, i);
	}
	/* CPU 4 stays with Linux and is the nearest of all. */
	lwk[0] = lwk_cpu(1, 0);
	CHECK_EQ(plan_ikc_map(&topo, lwk, 4, map), 4);
	CHECK_EQ(map[0].dst_cpu, 0);
	for (int i = 1; i < 4; i++)
		CHECK_EQ(map[i].dst_cpu, 4);
}

static void no_server(void)
{
	struct ihk_cpu_info lwk[1] = { lwk_cpu(0, 0) };
	struct ihk_ikc_cpu_map map[1];

	make_topo(1, 1, 1, 1ULL << 30);
	CHECK_EQ(plan_ikc_map(&topo, lwk, 1, map), 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(two_nodes),
	UNIT_TEST(one_node),
	UNIT_TEST(whole_cores),
	UNIT_TEST(never_cpu_0),
	UNIT_TEST(memory_of_nodes),
	UNIT_TEST(nearest_server),
	UNIT_TEST(no_server),
};

UNIT_MAIN(tests)
