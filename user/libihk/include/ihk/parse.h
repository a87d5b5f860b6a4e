/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libihk: lists of CPUs and memory as text, the way the tools take and print them.
 *
 *   CPUs		1,3-5
 *   memory		512M@0,1G@1	SIZE[K|M|G|T][@NODE]; ALL or ALL@NODE
 *   IKC map		2-3:0+4:1	LWK CPUs:Linux CPU, by Linux's numbers
 *
 * The parsers take nothing else: no blanks, signs, empty items, duplicates, or
 * numbers out of range. They return -EINVAL, or -E2BIG when the result does not fit,
 * and ihk_error() then quotes the offending part. They are pure and thread-safe.
 */
#ifndef IHK_PARSE_H
#define IHK_PARSE_H

#include <ihk/ihk.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * ihk_parse_number() - a decimal number and nothing else
 * @text:	digits
 * @max:	largest number allowed
 * @what:	what it is, for the message
 * @value:	the number
 *
 * Return: 0 or -EINVAL.
 */
int ihk_parse_number(const char *text, uint64_t max, const char *what, uint64_t *value);

/**
 * ihk_parse_cpus() - a list of CPUs
 * @text:	"1,3-5"
 * @cpus:	the numbers, in the order of @text
 * @max:	length of @cpus
 *
 * Return: how many, at least 1; -EINVAL; -E2BIG.
 */
int ihk_parse_cpus(const char *text, int *cpus, int max);

/**
 * ihk_parse_size() - an amount of memory
 * @text:	digits, then nothing or one of K M G T, in any case
 * @size:	bytes, more than 0, a multiple of 4096, less than 2^63
 *
 * Return: 0 or -EINVAL.
 */
int ihk_parse_size(const char *text, uint64_t *size);

/**
 * ihk_parse_mem() - a list of amounts of memory
 * @text:	"512M@0,1G@1", "ALL", "ALL@1"
 * @default_node: node of a SIZE without @NODE; ALL without @NODE is of IHK_ANY_NODE
 * @chunks:	the amounts
 * @max:	length of @chunks
 *
 * Return: how many, at least 1; -EINVAL; -E2BIG.
 */
int ihk_parse_mem(const char *text, int default_node, struct ihk_mem_chunk *chunks, int max);

/**
 * ihk_parse_ikc_map() - which Linux CPU serves which LWK CPUs
 * @text:	"2-3:0+4:1"
 * @map:	one entry for each LWK CPU
 * @max:	length of @map
 *
 * Return: how many, at least 1; -EINVAL; -E2BIG.
 */
int ihk_parse_ikc_map(const char *text, struct ihk_ikc_cpu_map *map, int max);

/**
 * ihk_format_cpus() - the shortest list for a set of CPUs
 * @cpus:	numbers, ascending
 * @ncpus:	how many; 0 gives ""
 * @buf:	filled, NUL-terminated
 * @size:	length of @buf
 *
 * Return: length of the text; -E2BIG.
 */
int ihk_format_cpus(const int *cpus, int ncpus, char *buf, size_t size);

/**
 * ihk_format_mem() - the sum on each node, "BYTES@NODE,BYTES@NODE"
 * @mem:	pieces of memory
 * @nmem:	how many; 0 gives ""
 * @buf:	filled, NUL-terminated
 * @size:	length of @buf
 *
 * Return: length of the text; -E2BIG.
 */
int ihk_format_mem(const struct ihk_mem_info *mem, int nmem, char *buf, size_t size);

/**
 * ihk_format_ikc_map() - the inverse of ihk_parse_ikc_map()
 * @map:	entries; those with the same Linux CPU are put together
 * @n:		how many; 0 gives ""
 * @buf:	filled, NUL-terminated
 * @size:	length of @buf
 *
 * Return: length of the text; -E2BIG.
 */
int ihk_format_ikc_map(const struct ihk_ikc_cpu_map *map, int n, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
