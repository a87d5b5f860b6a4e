// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of CPUs and memory: from the module into arrays of the right length, and
 * to stdout.
 */
#include "lists.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <ihk/parse.h>

#include "json.h"

typedef int (*fetch_fn)(void *handle, void *entries, int max);

static int fetch_dev_cpus(void *dev, void *entries, int max)
{
	return ihk_dev_query_cpus(dev, entries, max);
}

static int fetch_instance_cpus(void *os, void *entries, int max)
{
	return ihk_instance_query_cpus(os, entries, max);
}

static int fetch_dev_mem(void *dev, void *entries, int max)
{
	return ihk_dev_query_mem(dev, entries, max);
}

static int fetch_instance_mem(void *os, void *entries, int max)
{
	return ihk_instance_query_mem(os, entries, max);
}

/* Ask how many there are until that many fit: another process may add some meanwhile. */
static int fetch_all(fetch_fn fetch, void *handle, size_t size, void **entries)
{
	void *room;
	int max = 0;
	int n;

	*entries = NULL;
	while ((n = fetch(handle, *entries, max)) > max) {
		room = reallocarray(*entries, n, size);
		if (!room) {
			free(*entries);
			*entries = NULL;
			return -ENOMEM;
		}
		*entries = room;
		max = n;
	}
	return n;
}

static int fetch_cpus(fetch_fn fetch, void *handle, struct cpu_list *list)
{
	void *entries;

	list->n = fetch_all(fetch, handle, sizeof(*list->cpus), &entries);
	list->cpus = entries;
	return list->n < 0 ? list->n : 0;
}

static int fetch_mem(fetch_fn fetch, void *handle, struct mem_list *list)
{
	void *entries;

	list->n = fetch_all(fetch, handle, sizeof(*list->mem), &entries);
	list->mem = entries;
	return list->n < 0 ? list->n : 0;
}

int dev_cpus(struct ihk_dev *dev, struct cpu_list *list)
{
	return fetch_cpus(fetch_dev_cpus, dev, list);
}

int instance_cpus(struct ihk_instance *os, struct cpu_list *list)
{
	return fetch_cpus(fetch_instance_cpus, os, list);
}

int dev_mem(struct ihk_dev *dev, struct mem_list *list)
{
	return fetch_mem(fetch_dev_mem, dev, list);
}

int instance_mem(struct ihk_instance *os, struct mem_list *list)
{
	return fetch_mem(fetch_instance_mem, os, list);
}

void keep_cpus(struct cpu_list *list, int os)
{
	int n = 0;

	for (int i = 0; i < list->n; i++)
		if (list->cpus[i].os == os)
			list->cpus[n++] = list->cpus[i];
	list->n = n;
}

void keep_mem(struct mem_list *list, int os)
{
	int n = 0;

	for (int i = 0; i < list->n; i++)
		if (list->mem[i].os == os)
			list->mem[n++] = list->mem[i];
	list->n = n;
}

static int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int cpu_numbers(const struct cpu_list *list, int *cpus)
{
	int n = list->n < IHK_MAX_CPUS ? list->n : IHK_MAX_CPUS;

	for (int i = 0; i < n; i++)
		cpus[i] = list->cpus[i].linux_cpu;
	qsort(cpus, n, sizeof(*cpus), compare_numbers);
	return n;
}

int mem_nodes(const struct mem_list *list, struct ihk_mem_chunk *chunks)
{
	int n = 0;
	int k;

	for (int i = 0; i < list->n && n < IHK_MAX_CHUNKS; i++) {
		for (k = 0; k < n; k++)
			if (chunks[k].numa_node_number == list->mem[i].node)
				break;
		if (k == n)
			chunks[n++] = (struct ihk_mem_chunk){ IHK_MEM_ALL, list->mem[i].node };
	}
	return n;
}

void cpu_list_free(struct cpu_list *list)
{
	free(list->cpus);
	*list = (struct cpu_list){ 0 };
}

void mem_list_free(struct mem_list *list)
{
	free(list->mem);
	*list = (struct mem_list){ 0 };
}

int print_cpus(const struct cpu_list *list, bool as_json)
{
	struct json json = { 0 };
	int cpus[IHK_MAX_CPUS];
	char text[8 * IHK_MAX_CPUS];
	int n;

	if (!as_json) {
		n = cpu_numbers(list, cpus);
		if (ihk_format_cpus(cpus, n, text, sizeof(text)) < 0)
			return cli_library_failed();
		puts(text);
		return CLI_OK;
	}
	json_open(&json, NULL, '[');
	for (int i = 0; i < list->n; i++) {
		json_open(&json, NULL, '{');
		json_number(&json, "cpu", list->cpus[i].linux_cpu);
		json_number(&json, "apic_id", list->cpus[i].apic_id);
		json_number(&json, "node", list->cpus[i].node);
		json_number(&json, "core", list->cpus[i].core_id);
		json_number(&json, "package", list->cpus[i].package_id);
		json_number(&json, "os", list->cpus[i].os);
		json_number(&json, "lwk_cpu", list->cpus[i].lwk_cpu);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	return CLI_OK;
}

int print_mem(const struct mem_list *list, bool as_json)
{
	struct json json = { 0 };
	char text[32 * 64];

	if (!as_json) {
		if (ihk_format_mem(list->mem, list->n, text, sizeof(text)) < 0)
			return cli_library_failed();
		puts(text);
		return CLI_OK;
	}
	json_open(&json, NULL, '[');
	for (int i = 0; i < list->n; i++) {
		json_open(&json, NULL, '{');
		json_unsigned(&json, "size", list->mem[i].size);
		json_number(&json, "node", list->mem[i].node);
		json_number(&json, "os", list->mem[i].os);
		json_unsigned(&json, "start", list->mem[i].start);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	return CLI_OK;
}
