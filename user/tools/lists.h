/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of CPUs and memory as the tools fetch, read and print them.
 *
 * A struct cpu_list or mem_list owns its array; list_free() gives it back. Functions
 * that return an int return 0, or a negative errno with the sentence in ihk_error().
 */
#ifndef TOOLS_LISTS_H
#define TOOLS_LISTS_H

#include <stdbool.h>

#include <ihk/ihk.h>

#include "cli.h"

/** struct cpu_list - CPUs as the module lists them */
struct cpu_list {
	struct ihk_cpu_info *cpus;
	int n;
};

/** struct mem_list - memory as the module lists it */
struct mem_list {
	struct ihk_mem_info *mem;
	int n;
};

/** dev_cpus() - all reserved CPUs. Return: 0 or -errno. */
int dev_cpus(struct ihk_dev *dev, struct cpu_list *list);
/** instance_cpus() - the CPUs of an instance. Return: 0 or -errno. */
int instance_cpus(struct ihk_instance *os, struct cpu_list *list);
/** dev_mem() - all reserved memory. Return: 0 or -errno. */
int dev_mem(struct ihk_dev *dev, struct mem_list *list);
/** instance_mem() - the memory of an instance. Return: 0 or -errno. */
int instance_mem(struct ihk_instance *os, struct mem_list *list);

/** keep_cpus() - drop the CPUs of other instances; IHK_NO_OS keeps the unassigned. */
void keep_cpus(struct cpu_list *list, int os);
/** keep_mem() - drop the memory of other instances; IHK_NO_OS keeps the unassigned. */
void keep_mem(struct mem_list *list, int os);
/** cpu_numbers() - their Linux numbers, at most IHK_MAX_CPUS. Return: how many. */
int cpu_numbers(const struct cpu_list *list, int *cpus);
/** mem_nodes() - ALL of each node that occurs, at most IHK_MAX_CHUNKS. Return: how many. */
int mem_nodes(const struct mem_list *list, struct ihk_mem_chunk *chunks);

/** cpu_list_free() - free the array. */
void cpu_list_free(struct cpu_list *list);
/** mem_list_free() - free the array. */
void mem_list_free(struct mem_list *list);

/** print_cpus() - as text, or as JSON with all details. Return: exit status. */
int print_cpus(const struct cpu_list *list, bool json);
/** print_mem() - the sum of each node, or as JSON each piece. Return: exit status. */
int print_mem(const struct mem_list *list, bool json);

#endif
