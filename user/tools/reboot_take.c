// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcreboot's steps that take CPUs and memory. What is reserved already and has no
 * instance is used first; only what was taken here is given back by the undo.
 */
#include "reboot.h"

#include <stdio.h>
#include <string.h>

#include <ihk/parse.h>

#include "cli.h"
#include "lists.h"
#include "plan.h"

static int library_failed(void)
{
	cli_library_failed();
	return -1;
}

static int reserved_cpus(struct reboot *reboot, int *cpus)
{
	struct cpu_list list;
	int n;

	if (dev_cpus(reboot->dev, &list))
		return library_failed();
	keep_cpus(&list, IHK_NO_OS);
	n = cpu_numbers(&list, cpus);
	cpu_list_free(&list);
	return n;
}

static bool contains(const int *numbers, int n, int number)
{
	for (int i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static int read_topology(struct topo *topo)
{
	int err = topo_read(topo, "/sys");

	if (err)
		cli_fail("cannot read the machine's topology: %s", strerror(-err));
	return err;
}

int reboot_choose_cpus(struct reboot *reboot)
{
	struct topo topo;
	int n;

	if (reboot->ncpus)
		return 0;
	n = reserved_cpus(reboot, reboot->cpus);
	if (n < 0 || read_topology(&topo))
		return -1;
	if (!n)
		n = plan_cpus(&topo, reboot->cpus);
	reboot->ncpus = n;
	if (n)
		return 0;
	cli_fail("no CPU can be chosen: Linux needs CPU 0's core and runs on no other");
	return -1;
}

/* The sum of what is reserved on each node and has no instance. */
static int reserved_mem(struct reboot *reboot, struct ihk_mem_chunk *sums)
{
	struct mem_list list;
	int n;

	if (dev_mem(reboot->dev, &list))
		return library_failed();
	keep_mem(&list, IHK_NO_OS);
	n = mem_nodes(&list, sums);
	for (int k = 0; k < n; k++) {
		sums[k].size = 0;
		for (int i = 0; i < list.n; i++)
			if (list.mem[i].node == sums[k].numa_node_number)
				sums[k].size += list.mem[i].size;
	}
	mem_list_free(&list);
	return n;
}

/* Reserved CPUs are not in Linux's topology any more: look up their nodes. */
static int add_reserved_cpus(struct reboot *reboot, struct topo *topo)
{
	struct cpu_list list;

	if (dev_cpus(reboot->dev, &list))
		return library_failed();
	for (int i = 0; i < list.n && topo->ncpus < IHK_MAX_CPUS; i++)
		topo->cpus[topo->ncpus++] = (struct topo_cpu){
			.cpu = list.cpus[i].linux_cpu,
			.node = list.cpus[i].node,
			.package = list.cpus[i].package_id,
			.core = list.cpus[i].core_id,
		};
	cpu_list_free(&list);
	return 0;
}

int reboot_choose_mem(struct reboot *reboot)
{
	struct topo topo;
	int n;

	if (reboot->nmem)
		return 0;
	n = reserved_mem(reboot, reboot->mem);
	if (n < 0 || read_topology(&topo) || add_reserved_cpus(reboot, &topo))
		return -1;
	if (!n)
		n = plan_mem(&topo, reboot->cpus, reboot->ncpus, reboot->mem);
	reboot->nmem = n;
	if (n)
		return 0;
	cli_fail("no memory can be chosen: half of what is free on the CPUs' nodes is less than "
		 "%llu MiB", PLAN_MIN_MEM >> 20);
	return -1;
}

int reboot_reserve_cpus(struct reboot *reboot)
{
	int have[IHK_MAX_CPUS];
	char text[8 * IHK_MAX_CPUS];
	int nhave = reserved_cpus(reboot, have);

	if (nhave < 0)
		return -1;
	for (int i = 0; i < reboot->ncpus; i++)
		if (!contains(have, nhave, reboot->cpus[i]))
			reboot->taken_cpus[reboot->ntaken_cpus++] = reboot->cpus[i];
	if (!reboot->ntaken_cpus)
		return 0;
	if (ihk_format_cpus(reboot->taken_cpus, reboot->ntaken_cpus, text, sizeof(text)) < 0)
		return library_failed();
	reboot_say(reboot, "taking CPUs %s from Linux", text);
	if (!ihk_dev_reserve_cpus(reboot->dev, reboot->taken_cpus, reboot->ntaken_cpus))
		return 0;
	reboot->ntaken_cpus = 0;
	return library_failed();
}

void reboot_release_cpus(struct reboot *reboot)
{
	if (reboot->ntaken_cpus &&
	    ihk_dev_release_cpus(reboot->dev, reboot->taken_cpus, reboot->ntaken_cpus))
		cli_library_failed();
	reboot->ntaken_cpus = 0;
}

/* What is wanted beyond what is reserved: entries for each node, or all of it. */
static int missing_mem(struct reboot *reboot, struct ihk_mem_chunk *missing)
{
	struct ihk_mem_chunk have[IHK_MAX_CHUNKS];
	struct ihk_mem_chunk wanted;
	int nhave = reserved_mem(reboot, have);
	int n = 0;

	for (int i = 0; i < reboot->nmem && nhave >= 0; i++) {
		wanted = reboot->mem[i];
		for (int k = 0; k < nhave && wanted.size != IHK_MEM_ALL; k++) {
			uint64_t use = wanted.size < have[k].size ? wanted.size : have[k].size;

			if (have[k].numa_node_number != wanted.numa_node_number)
				continue;
			wanted.size -= use;
			have[k].size -= use;
		}
		if (wanted.size)
			missing[n++] = wanted;
	}
	return nhave < 0 ? nhave : n;
}

/* How much of each node is there now that was not before. */
static int note_taken_mem(struct reboot *reboot, const struct ihk_mem_chunk *before, int nbefore)
{
	struct ihk_mem_chunk *taken = reboot->taken_mem;
	int n = reserved_mem(reboot, taken);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < nbefore; k++)
			if (before[k].numa_node_number == taken[i].numa_node_number)
				taken[i].size -= before[k].size;
	reboot->ntaken_mem = 0;
	for (int i = 0; i < n; i++)
		if (taken[i].size)
			taken[reboot->ntaken_mem++] = taken[i];
	return n < 0 ? -1 : 0;
}

int reboot_reserve_mem(struct reboot *reboot)
{
	struct ihk_mem_chunk before[IHK_MAX_CHUNKS];
	struct ihk_mem_chunk missing[IHK_MAX_CHUNKS];
	int nbefore = reserved_mem(reboot, before);
	int n = missing_mem(reboot, missing);

	if (nbefore < 0 || n < 0)
		return -1;
	if (!n)
		return 0;
	for (int i = 0; i < n; i++) {
		if (missing[i].size == IHK_MEM_ALL)
			reboot_say(reboot, "taking all memory that can be had from Linux");
		else
			reboot_say(reboot, "taking %llu MiB of node %d from Linux",
				   (unsigned long long)missing[i].size >> 20,
				   missing[i].numa_node_number);
	}
	if (ihk_dev_reserve_mem(reboot->dev, missing, n, NULL))
		return library_failed();
	return note_taken_mem(reboot, before, nbefore);
}

void reboot_release_mem(struct reboot *reboot)
{
	if (reboot->ntaken_mem &&
	    ihk_dev_release_mem(reboot->dev, reboot->taken_mem, reboot->ntaken_mem))
		cli_library_failed();
	reboot->ntaken_mem = 0;
}
