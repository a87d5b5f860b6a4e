/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mappings that a program's core file shows. The proxy has one over all of the LWK's memory:
 * instead it gets one for each of the program's ranges, of the file that the program was read
 * from where there is one, and none in between.
 */
#ifndef MCEXEC_CORE_MAP_H
#define MCEXEC_CORE_MAP_H

#include "abi/core.h"
#include "user/mcexec/proc_text.h"

/**
 * struct core_map - what is to be mapped
 * @proxy:	the proxy's file
 * @filter:	core(5), coredump_filter
 * @names:	program and interpreter
 */
struct core_map {
	int proxy;
	u64 filter;
	const struct proc_file_name *names;
};

/**
 * core_map_ranges() - map a program's ranges
 * @map:	how
 * @ranges:	ascending
 * @n:		how many
 *
 * Context: a twin; no other thread of the program runs. Return: 0 or -errno.
 */
int core_map_ranges(const struct core_map *map, const struct core_range *ranges, size_t n);

#endif
