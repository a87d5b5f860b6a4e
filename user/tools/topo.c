// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's topology, from sysfs. A kernel without NUMA has node 0 with all memory.
 */
#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ihk/parse.h>

__attribute__((format(printf, 3, 4)))
static int read_line(char *line, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	FILE *file;
	int err = 0;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (!fgets(line, size, file))
		err = -EIO;
	fclose(file);
	if (!err)
		line[strcspn(line, "\n")] = '\0';
	return err;
}

static int read_list(const char *sys, const char *name, int *numbers, int max)
{
	char line[4096];
	int err = read_line(line, sizeof(line), "%s/devices/system/%s", sys, name);

	return err ? err : ihk_parse_cpus(line, numbers, max);
}

static int cpu_number(const char *sys, int cpu, const char *name)
{
	char line[32];

	if (read_line(line, sizeof(line), "%s/devices/system/cpu/cpu%d/topology/%s", sys, cpu,
		      name))
		return 0;
	return atoi(line);
}

static int cpu_node(const struct topo *topo, const char *sys, int cpu)
{
	char path[PATH_MAX];

	for (int i = 0; i < topo->nnodes; i++) {
		snprintf(path, sizeof(path), "%s/devices/system/cpu/cpu%d/node%d", sys, cpu,
			 topo->nodes[i].node);
		if (!access(path, F_OK))
			return topo->nodes[i].node;
	}
	return 0;
}

/* "Node 0 MemFree:  123456 kB", or the same without the node in /proc/meminfo. */
static uint64_t free_memory(const char *path)
{
	unsigned long long kib = 0;
	char line[256];
	char *field;
	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		field = strstr(line, "MemFree:");
		if (field && sscanf(field, "MemFree: %llu kB", &kib) == 1)
			break;
	}
	fclose(file);
	return kib * 1024;
}

/* The distances are in the order of the nodes, whose @numbers may have gaps. */
static void read_node(struct topo_node *node, const char *sys, const int *numbers, int n)
{
	char path[PATH_MAX];
	char line[1024];
	char *next = line;

	snprintf(path, sizeof(path), "%s/devices/system/node/node%d/meminfo", sys, node->node);
	node->free = free_memory(path);
	if (read_line(line, sizeof(line), "%s/devices/system/node/node%d/distance", sys,
		      node->node))
		return;
	for (int i = 0; i < n && *next; i++)
		if (numbers[i] < PLAN_MAX_NODES)
			node->distance[numbers[i]] = strtol(next, &next, 10);
}

static int read_nodes(struct topo *topo, const char *sys)
{
	int numbers[PLAN_MAX_NODES] = { 0 };
	int n = read_list(sys, "node/online", numbers, PLAN_MAX_NODES);

	if (n == -ENOENT) {
		topo->nnodes = 1;
		topo->nodes[0] = (struct topo_node){ .free = free_memory("/proc/meminfo") };
		return 0;
	}
	if (n < 0)
		return n;
	topo->nnodes = n;
	for (int i = 0; i < n; i++) {
		topo->nodes[i] = (struct topo_node){ .node = numbers[i] };
		read_node(&topo->nodes[i], sys, numbers, n);
	}
	return 0;
}

int topo_read(struct topo *topo, const char *sys)
{
	int numbers[IHK_MAX_CPUS] = { 0 };
	int err;

	err = read_nodes(topo, sys);
	if (err)
		return err;
	topo->ncpus = read_list(sys, "cpu/online", numbers, IHK_MAX_CPUS);
	if (topo->ncpus < 0)
		return topo->ncpus;
	for (int i = 0; i < topo->ncpus; i++)
		topo->cpus[i] = (struct topo_cpu){
			.cpu = numbers[i],
			.node = cpu_node(topo, sys, numbers[i]),
			.package = cpu_number(sys, numbers[i], "physical_package_id"),
			.core = cpu_number(sys, numbers[i], "core_id"),
		};
	return 0;
}
