// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkosctl's actions on what an instance has: CPUs, memory, IKC map, kernel arguments.
 */
#include "osctl.h"

#include <string.h>
#include <strings.h>

#include <ihk/parse.h>

#include "lists.h"

static bool is_all(const char *text)
{
	return !strcasecmp(text, "all");
}

/* The reserved CPUs that no instance has: how many, or -errno. */
static int unassigned_cpus(int *cpus)
{
	struct cpu_list list;
	struct ihk_dev *dev;
	int n;

	n = ihk_dev_open(0, 0, &dev);
	if (n)
		return n;
	n = dev_cpus(dev, &list);
	if (!n) {
		keep_cpus(&list, IHK_NO_OS);
		n = cpu_numbers(&list, cpus);
		cpu_list_free(&list);
	}
	ihk_dev_close(dev);
	return n;
}

int osctl_assign_cpu(const struct cli_request *request)
{
	bool all = is_all(request->argv[0]);
	struct ihk_instance *os;
	int cpus[IHK_MAX_CPUS];
	int n = 0;

	if (!all)
		n = ihk_parse_cpus(request->argv[0], cpus, IHK_MAX_CPUS);
	if (n < 0)
		return cli_bad_text();
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	if (all)
		n = unassigned_cpus(cpus);
	return osctl_finish(os, n < 0 ? n : ihk_instance_assign_cpus(os, cpus, n));
}

int osctl_assign_mem(const struct cli_request *request)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	struct ihk_instance *os;
	int n = ihk_parse_mem(request->argv[0], 0, chunks, IHK_MAX_CHUNKS);

	if (n < 0)
		return cli_bad_text();
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_assign_mem(os, chunks, n));
}

static int own_cpus(struct ihk_instance *os, int *cpus)
{
	struct cpu_list list;
	int n = instance_cpus(os, &list);

	if (n)
		return n;
	n = cpu_numbers(&list, cpus);
	cpu_list_free(&list);
	return n;
}

int osctl_release_cpu(const struct cli_request *request)
{
	bool all = is_all(request->argv[0]);
	struct ihk_instance *os;
	int cpus[IHK_MAX_CPUS];
	int n = 0;

	if (!all)
		n = ihk_parse_cpus(request->argv[0], cpus, IHK_MAX_CPUS);
	if (n < 0)
		return cli_bad_text();
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	if (all)
		n = own_cpus(os, cpus);
	return osctl_finish(os, n > 0 ? ihk_instance_release_cpus(os, cpus, n) : n);
}

int osctl_release_mem(const struct cli_request *request)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	struct ihk_instance *os;
	int n = ihk_parse_mem(request->argv[0], IHK_ANY_NODE, chunks, IHK_MAX_CHUNKS);

	if (n < 0)
		return cli_bad_text();
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_release_mem(os, chunks, n));
}

int osctl_set_ikc_map(const struct cli_request *request)
{
	struct ihk_ikc_cpu_map map[IHK_MAX_CPUS];
	struct ihk_instance *os;
	int n = ihk_parse_ikc_map(request->argv[0], map, IHK_MAX_CPUS);

	if (n < 0)
		return cli_bad_text();
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_set_ikc_map(os, map, n));
}

int osctl_kargs(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);

	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_set_kargs(os, request->argv[0]));
}
