// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkosctl's actions that look at an instance: what it has, how it is, what its CPUs do.
 */
#include "osctl.h"

#include <stdio.h>
#include <string.h>

#include <ihk/parse.h>

#include "json.h"
#include "lists.h"

int osctl_query_cpu(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct cpu_list list = { 0 };
	int err;

	if (!os)
		return CLI_FAILED;
	err = instance_cpus(os, &list);
	if (!err)
		print_cpus(&list, request->json);
	cpu_list_free(&list);
	return osctl_finish(os, err);
}

int osctl_query_mem(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct mem_list list = { 0 };
	int err;

	if (!os)
		return CLI_FAILED;
	err = instance_mem(os, &list);
	if (!err)
		print_mem(&list, request->json);
	mem_list_free(&list);
	return osctl_finish(os, err);
}

#define MAX_NODES 64

int osctl_query_free_mem(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct ihk_node_info nodes[MAX_NODES];
	struct json json = { 0 };
	int n;

	if (!os)
		return CLI_FAILED;
	n = ihk_instance_query_nodes(os, nodes, MAX_NODES);
	if (n > MAX_NODES)
		n = MAX_NODES;
	if (n >= 0 && request->json) {
		json_open(&json, NULL, '[');
		for (int i = 0; i < n; i++) {
			json_open(&json, NULL, '{');
			json_number(&json, "node", nodes[i].node);
			json_unsigned(&json, "total", nodes[i].total);
			json_unsigned(&json, "free", nodes[i].free);
			json_close(&json, '}');
		}
		json_close(&json, ']');
	} else if (n >= 0) {
		for (int i = 0; i < n; i++)
			printf("%s%llu@%d", i ? "," : "", (unsigned long long)nodes[i].free,
			       nodes[i].node);
		putchar('\n');
	}
	return osctl_finish(os, n);
}

static void print_monitors(const struct ihk_monitor_info *monitors, int n)
{
	printf("%3s  %-8s %9s %12s %10s %8s %6s\n", "CPU", "state", "served by", "counter", "irqs",
	       "stray", "nmis");
	for (int i = 0; i < n; i++)
		printf("%3d  %-8s %9d %12llu %10llu %8llu %6llu\n", i,
		       ihk_monitor_name(monitors[i].state), monitors[i].ikc_cpu,
		       (unsigned long long)monitors[i].counter,
		       (unsigned long long)monitors[i].irqs,
		       (unsigned long long)monitors[i].stray_irqs,
		       (unsigned long long)monitors[i].nmis);
}

static void print_monitors_json(const struct ihk_monitor_info *monitors, int n)
{
	struct json json = { 0 };

	json_open(&json, NULL, '[');
	for (int i = 0; i < n; i++) {
		json_open(&json, NULL, '{');
		json_number(&json, "lwk_cpu", i);
		json_text(&json, "state", ihk_monitor_name(monitors[i].state));
		json_number(&json, "ikc_cpu", monitors[i].ikc_cpu);
		json_unsigned(&json, "counter", monitors[i].counter);
		json_unsigned(&json, "irqs", monitors[i].irqs);
		json_unsigned(&json, "stray_irqs", monitors[i].stray_irqs);
		json_unsigned(&json, "nmis", monitors[i].nmis);
		json_close(&json, '}');
	}
	json_close(&json, ']');
}

int osctl_monitor(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct ihk_monitor_info monitors[IHK_MAX_CPUS];
	int n;

	if (!os)
		return CLI_FAILED;
	n = ihk_instance_query_monitors(os, monitors, IHK_MAX_CPUS);
	if (n >= 0 && request->json)
		print_monitors_json(monitors, n);
	else if (n >= 0)
		print_monitors(monitors, n);
	return osctl_finish(os, n);
}

int osctl_get_ikc_map(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct ihk_ikc_cpu_map map[IHK_MAX_CPUS];
	struct json json = { 0 };
	char text[16 * IHK_MAX_CPUS];
	int n;

	if (!os)
		return CLI_FAILED;
	n = ihk_instance_get_ikc_map(os, map, IHK_MAX_CPUS);
	if (n >= 0 && request->json) {
		json_open(&json, NULL, '[');
		for (int i = 0; i < n; i++) {
			json_open(&json, NULL, '{');
			json_number(&json, "lwk", map[i].src_cpu);
			json_number(&json, "linux", map[i].dst_cpu);
			json_close(&json, '}');
		}
		json_close(&json, ']');
	} else if (n >= 0) {
		n = ihk_format_ikc_map(map, n, text, sizeof(text));
		if (n >= 0)
			puts(text);
	}
	return osctl_finish(os, n);
}

/* Print one text under a name in JSON, or alone. */
static void print_text(bool as_json, const char *key, const char *text)
{
	struct json json = { 0 };

	if (!as_json) {
		puts(text);
		return;
	}
	json_open(&json, NULL, '{');
	json_text(&json, key, text);
	json_close(&json, '}');
}

int osctl_get_kargs(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	char kargs[IHK_KARGS_LEN] = "";
	int err;

	if (!os)
		return CLI_FAILED;
	err = ihk_instance_get_kargs(os, kargs, sizeof(kargs));
	if (!err)
		print_text(request->json, "kargs", kargs);
	return osctl_finish(os, err);
}

int osctl_get_buildid(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	char id[128] = "";
	int err;

	if (!os)
		return CLI_FAILED;
	err = ihk_instance_get_build_id(os, id, sizeof(id));
	if (!err)
		print_text(request->json, "module", id);
	return osctl_finish(os, err);
}

int osctl_get_status(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct ihk_status_info info;
	int err;

	if (!os)
		return CLI_FAILED;
	err = ihk_instance_get_status(os, &info);
	if (!err)
		print_text(request->json, "status", ihk_status_name(info.status));
	return osctl_finish(os, err);
}

static void print_status_json(int index, const struct ihk_status_info *info)
{
	struct json json = { 0 };

	json_open(&json, NULL, '{');
	json_number(&json, "os", index);
	json_text(&json, "status", ihk_status_name(info->status));
	json_text(&json, "reason", info->reason);
	json_number(&json, "ncpus", info->ncpus);
	json_unsigned(&json, "mem", info->mem);
	json_number(&json, "nchunks", info->nchunks);
	json_number(&json, "nnodes", info->nnodes);
	json_unsigned(&json, "boots", info->boots);
	json_unsigned(&json, "boot_ns", info->boot_ns);
	json_close(&json, '}');
}

static void print_status(int index, const struct ihk_status_info *info)
{
	printf("OS instance %d: %s\n", index, ihk_status_name(info->status));
	if (info->reason[0])
		printf("  reason: %s\n", info->reason);
	printf("  CPUs:   %d\n", info->ncpus);
	printf("  memory: %llu MiB in %d pieces\n", (unsigned long long)info->mem >> 20,
	       info->nchunks);
	printf("  nodes:  %d\n", info->nnodes);
	printf("  boots:  %u", info->boots);
	if (info->boots)
		printf(", the last in %.1f ms", info->boot_ns / 1e6);
	putchar('\n');
}

int osctl_status(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);
	struct ihk_status_info info;
	int err;

	if (!os)
		return CLI_FAILED;
	err = ihk_instance_get_status(os, &info);
	if (!err && request->json)
		print_status_json(request->number, &info);
	else if (!err)
		print_status(request->number, &info);
	return osctl_finish(os, err);
}
