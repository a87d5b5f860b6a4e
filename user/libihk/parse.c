// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text to lists: CPUs, memory, IKC maps. A cursor walks over the text; each take_*
 * function consumes one element or says what it found instead. Numbers are bounded
 * while they are read, so nothing overflows.
 */
#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <ihk/parse.h>

#define PAGE_SIZE 4096
#define MAX_CPU_NUMBER 65535
#define MAX_NODE_NUMBER 1023

/* The whole text, for messages, and the rest of it. */
struct cursor {
	const char *what;
	const char *text;
	const char *at;
};

static int bad(const struct cursor *cur, const char *why)
{
	if (!*cur->at)
		return error_set(NULL, -EINVAL, "bad %s \"%.100s\": %s at its end", cur->what,
				 cur->text, why);
	return error_set(NULL, -EINVAL, "bad %s \"%.100s\": %s at \"%.20s\"", cur->what, cur->text,
			 why, cur->at);
}

static int take_number(struct cursor *cur, uint64_t max, uint64_t *value)
{
	const char *start = cur->at;
	uint64_t n = 0;

	if (!isdigit((unsigned char)*cur->at))
		return bad(cur, "expected a number");
	while (isdigit((unsigned char)*cur->at)) {
		unsigned int digit = *cur->at - '0';

		if (digit > max || n > (max - digit) / 10) {
			cur->at = start;
			return bad(cur, "number too large");
		}
		n = n * 10 + digit;
		cur->at++;
	}
	*value = n;
	return 0;
}

static bool take_char(struct cursor *cur, char c)
{
	if (*cur->at != c)
		return false;
	cur->at++;
	return true;
}

static int take_cpu(struct cursor *cur, int *cpu)
{
	uint64_t value;
	int err = take_number(cur, MAX_CPU_NUMBER, &value);

	if (!err)
		*cpu = value;
	return err;
}

/* "a" or "a-b" */
static int take_range(struct cursor *cur, int *first, int *last)
{
	const char *start = cur->at;
	int err = take_cpu(cur, first);

	if (err)
		return err;
	*last = *first;
	if (!take_char(cur, '-'))
		return 0;
	err = take_cpu(cur, last);
	if (err)
		return err;
	if (*last < *first) {
		cur->at = start;
		return bad(cur, "range runs backwards");
	}
	return 0;
}

/* Ranges, up to the first character that is neither digit, '-' nor ','. */
static int take_cpus(struct cursor *cur, int *cpus, int max)
{
	unsigned char seen[(MAX_CPU_NUMBER + 1) / 8] = { 0 };
	const char *start;
	int first;
	int last;
	int n = 0;
	int err;

	do {
		start = cur->at;
		err = take_range(cur, &first, &last);
		if (err)
			return err;
		for (int cpu = first; cpu <= last; cpu++) {
			if (seen[cpu / 8] & 1U << cpu % 8) {
				cur->at = start;
				return bad(cur, "CPU named twice");
			}
			seen[cpu / 8] |= 1U << cpu % 8;
			if (n == max)
				return error_set(NULL, -E2BIG, "bad %s \"%.100s\": "
						 "more than %d CPUs", cur->what, cur->text, max);
			cpus[n++] = cpu;
		}
	} while (take_char(cur, ','));
	return n;
}

EXPORT int ihk_parse_number(const char *text, uint64_t max, const char *what, uint64_t *value)
{
	struct cursor cur = { what, text, text };
	int err = take_number(&cur, max, value);

	if (err)
		return err;
	return *cur.at ? bad(&cur, "unexpected text") : 0;
}

EXPORT int ihk_parse_cpus(const char *text, int *cpus, int max)
{
	struct cursor cur = { "CPU list", text, text };
	int n = take_cpus(&cur, cpus, max);

	if (n < 0)
		return n;
	return *cur.at ? bad(&cur, "unexpected text") : n;
}

static int take_size(struct cursor *cur, uint64_t *size)
{
	static const char units[] = "KMGT";
	const char *start = cur->at;
	const char *unit;
	unsigned int shift = 0;
	int err;

	err = take_number(cur, INT64_MAX, size);
	if (err)
		return err;
	unit = *cur->at ? strchr(units, toupper((unsigned char)*cur->at)) : NULL;
	if (!unit && isalpha((unsigned char)*cur->at))
		return bad(cur, "expected one of K, M, G, T");
	if (unit) {
		shift = 10 * (unit - units + 1);
		cur->at++;
	}
	if (*size > (uint64_t)INT64_MAX >> shift) {
		cur->at = start;
		return bad(cur, "size too large");
	}
	*size <<= shift;
	if (!*size || *size % PAGE_SIZE) {
		cur->at = start;
		return bad(cur, *size ? "size is no multiple of 4K" : "size is 0");
	}
	return 0;
}

EXPORT int ihk_parse_size(const char *text, uint64_t *size)
{
	struct cursor cur = { "size", text, text };
	int err = take_size(&cur, size);

	if (err)
		return err;
	return *cur.at ? bad(&cur, "unexpected text") : 0;
}

/* SIZE[@NODE] or ALL[@NODE] */
static int take_chunk(struct cursor *cur, int default_node, struct ihk_mem_chunk *chunk)
{
	uint64_t value;
	int err;

	if (!strncmp(cur->at, "ALL", 3) || !strncmp(cur->at, "all", 3)) {
		cur->at += 3;
		chunk->size = IHK_MEM_ALL;
		chunk->numa_node_number = IHK_ANY_NODE;
	} else {
		err = take_size(cur, &value);
		if (err)
			return err;
		chunk->size = value;
		chunk->numa_node_number = default_node;
	}
	if (!take_char(cur, '@'))
		return 0;
	err = take_number(cur, MAX_NODE_NUMBER, &value);
	if (!err)
		chunk->numa_node_number = value;
	return err;
}

EXPORT int ihk_parse_mem(const char *text, int default_node, struct ihk_mem_chunk *chunks, int max)
{
	struct cursor cur = { "memory list", text, text };
	struct ihk_mem_chunk chunk;
	int n = 0;
	int err;

	do {
		err = take_chunk(&cur, default_node, &chunk);
		if (err)
			return err;
		if (n == max)
			return error_set(NULL, -E2BIG, "bad %s \"%.100s\": more than %d items",
					 cur.what, cur.text, max);
		chunks[n++] = chunk;
	} while (take_char(&cur, ','));
	return *cur.at ? bad(&cur, "unexpected text") : n;
}

/* "2-3:0": entries behind the first @n of the map. */
static int take_group(struct cursor *cur, struct ihk_ikc_cpu_map *map, int n, int max)
{
	const char *start = cur->at;
	int cpus[IHK_MAX_CPUS] = { 0 };
	int ncpus;
	int dst;
	int err;

	ncpus = take_cpus(cur, cpus, IHK_MAX_CPUS);
	if (ncpus < 0)
		return ncpus;
	if (!take_char(cur, ':'))
		return bad(cur, "expected ':' and a Linux CPU");
	err = take_cpu(cur, &dst);
	if (err)
		return err;
	if (ncpus > max - n)
		return error_set(NULL, -E2BIG, "bad %s \"%.100s\": more than %d CPUs", cur->what,
				 cur->text, max);
	for (int i = 0; i < ncpus; i++) {
		for (int k = 0; k < n; k++) {
			if (map[k].src_cpu == cpus[i]) {
				cur->at = start;
				return bad(cur, "CPU named twice");
			}
		}
	}
	for (int i = 0; i < ncpus; i++)
		map[n + i] = (struct ihk_ikc_cpu_map){ cpus[i], dst };
	return n + ncpus;
}

EXPORT int ihk_parse_ikc_map(const char *text, struct ihk_ikc_cpu_map *map, int max)
{
	struct cursor cur = { "IKC map", text, text };
	int n = 0;

	do {
		n = take_group(&cur, map, n, max);
		if (n < 0)
			return n;
	} while (take_char(&cur, '+'));
	return *cur.at ? bad(&cur, "unexpected text") : n;
}
