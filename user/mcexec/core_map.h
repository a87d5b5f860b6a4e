/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mappings that a program's core file shows. The proxy has one over all of the LWK's memory:
 * instead it gets one for each of the program's ranges, of the file that the program was read
 * from where there is one, and none in between.
 */
#ifndef MCEXEC_CORE_MAP_H
#define MCEXEC_CORE_MAP_H

#include <limits.h>
#include <stddef.h>

#include "abi/core.h"
#include "abi/process.h"

/**
 * struct core_file - a file whose contents were read into the program's memory
 * @path:	as Linux would show it; empty: none
 * @dev:	its device
 * @inode:	its inode
 * @bias:	to add to the addresses of @sections
 * @nsections:	entries of @sections
 * @sections:	where which part of it is
 */
struct core_file {
	char path[PATH_MAX];
	u64 dev;
	u64 inode;
	u64 bias;
	u32 nsections;
	struct program_section sections[PROGRAM_MAX_SECTIONS];
};

/**
 * struct core_map - what is to be mapped
 * @proxy:	the proxy's file
 * @filter:	core(5), coredump_filter
 * @files:	program and interpreter
 */
struct core_map {
	int proxy;
	u64 filter;
	const struct core_file *files;
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
