// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of CPUs and memory that both kinds of handles send and fetch: from the
 * public structures to the module's and back.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes.h"

static int no_memory(struct ihk_handle *handle, const char *what)
{
	return error_set(handle, -ENOMEM, "cannot %s: out of memory", what);
}

int handle_send_cpus(struct ihk_handle *handle, unsigned int request, const int *cpus, int n,
		     const char *what)
{
	u32 *wire;
	int err;

	err = check_list(handle, cpus, n, IHK_MAX_CPUS, what);
	if (err)
		return err;
	wire = calloc(n, sizeof(*wire));
	if (!wire)
		return no_memory(handle, what);
	for (int i = 0; i < n; i++) {
		if (cpus[i] < 0) {
			err = error_set(handle, -EINVAL, "cannot %s: there is no CPU %d", what,
					cpus[i]);
			goto free_wire;
		}
		wire[i] = cpus[i];
	}
	err = handle_send(handle, request, wire, n, what);
free_wire:
	free(wire);
	return err;
}

int handle_fetch_cpus(struct ihk_handle *handle, unsigned int request,
		      struct ihk_cpu_info *cpus, int max)
{
	static const char what[] = "list CPUs";
	struct ihk_ioc_cpu *wire = NULL;
	int n;

	if (max > IHK_MAX_CPUS)
		max = IHK_MAX_CPUS;
	if (max > 0 && cpus) {
		wire = calloc(max, sizeof(*wire));
		if (!wire)
			return no_memory(handle, what);
	}
	n = handle_fetch(handle, request, wire, max, what);
	for (int i = 0; wire && i < n && i < max; i++)
		cpus[i] = (struct ihk_cpu_info){
			.linux_cpu = wire[i].linux_cpu,
			.apic_id = wire[i].apic_id,
			.node = wire[i].node,
			.core_id = wire[i].core_id,
			.package_id = wire[i].package_id,
			.os = wire[i].os,
			.lwk_cpu = wire[i].lwk_cpu,
		};
	free(wire);
	return n;
}

/* An entry for each node of the machine: how many, or -errno. */
static int add_every_node(struct ihk_handle *handle, struct ihk_ioc_mem *wire, const char *what)
{
	int nodes[IHK_MAX_NODES];
	int n = nodes_with_memory(nodes, IHK_MAX_NODES);

	if (n < 0)
		return error_set(handle, n, "cannot %s: cannot find out which nodes there are",
				 what);
	for (int i = 0; i < n; i++) {
		wire[i].size = IHK_MEM_ALL;
		wire[i].node = nodes[i];
	}
	return n;
}

int wire_mem(struct ihk_handle *handle, const struct ihk_mem_chunk *chunks, int n, bool expand,
	     struct ihk_ioc_mem **result, const char *what)
{
	struct ihk_ioc_mem *wire;
	int ret;

	*result = NULL;
	ret = check_list(handle, chunks, n, IHK_MAX_CHUNKS, what);
	if (ret)
		return ret;
	wire = calloc(n + IHK_MAX_NODES, sizeof(*wire));
	if (!wire)
		return no_memory(handle, what);
	*result = wire;
	if (expand && n == 1 && chunks[0].size == IHK_MEM_ALL &&
	    chunks[0].numa_node_number == IHK_ANY_NODE) {
		ret = add_every_node(handle, wire, what);
		if (ret < 0)
			goto free_wire;
		return ret;
	}
	for (int i = 0; i < n; i++) {
		wire[i].size = chunks[i].size;
		wire[i].node = chunks[i].numa_node_number;
		if (expand && wire[i].node == IHK_ANY_NODE) {
			ret = error_set(handle, -EINVAL, "cannot %s: only ALL, alone, may leave "
					"out the node", what);
			goto free_wire;
		}
	}
	return n;

free_wire:
	free(wire);
	*result = NULL;
	return ret;
}

int handle_send_mem(struct ihk_handle *handle, unsigned int request,
		    const struct ihk_mem_chunk *chunks, int n, bool expand, const char *what)
{
	struct ihk_ioc_mem *wire;
	int ret = wire_mem(handle, chunks, n, expand, &wire, what);

	if (ret >= 0)
		ret = handle_send(handle, request, wire, ret, what);
	free(wire);
	return ret;
}

int handle_fetch_mem(struct ihk_handle *handle, unsigned int request, struct ihk_mem_info *mem,
		     int max)
{
	static const char what[] = "list memory";
	struct ihk_ioc_mem *wire = NULL;
	int n;

	if (max > 0 && mem) {
		wire = calloc(max, sizeof(*wire));
		if (!wire)
			return no_memory(handle, what);
	}
	n = handle_fetch(handle, request, wire, max, what);
	for (int i = 0; wire && i < n && i < max; i++)
		mem[i] = (struct ihk_mem_info){
			.size = wire[i].size,
			.node = wire[i].node,
			.os = wire[i].os,
			.start = wire[i].start,
		};
	free(wire);
	return n;
}
