// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists to text: the inverse of parse.c.
 */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <ihk/parse.h>

/* Text that grows at the end of a buffer of fixed length. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static int add(struct text *text, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text->buf + text->len, text->size - text->len, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= text->size - text->len)
		return error_set(NULL, -E2BIG, "the list does not fit into %zu bytes", text->size);
	text->len += n;
	return 0;
}

static int start(struct text *text)
{
	if (!text->size)
		return error_set(NULL, -E2BIG, "the list does not fit into 0 bytes");
	text->buf[0] = '\0';
	return 0;
}

EXPORT int ihk_format_cpus(const int *cpus, int ncpus, char *buf, size_t size)
{
	struct text text = { buf, size, 0 };
	int err = start(&text);
	int end;

	for (int i = 0; !err && i < ncpus; i = end) {
		for (end = i + 1; end < ncpus && cpus[end] == cpus[end - 1] + 1; end++)
			;
		if (end - i == 1)
			err = add(&text, "%s%d", i ? "," : "", cpus[i]);
		else
			err = add(&text, "%s%d-%d", i ? "," : "", cpus[i], cpus[end - 1]);
	}
	return err ? err : (int)text.len;
}

EXPORT int ihk_format_mem(const struct ihk_mem_info *mem, int nmem, char *buf, size_t size)
{
	struct text text = { buf, size, 0 };
	int err = start(&text);
	uint64_t sum;

	for (int node = 0; !err && node < IHK_MAX_NODES; node++) {
		sum = 0;
		for (int i = 0; i < nmem; i++)
			if (mem[i].node == node)
				sum += mem[i].size;
		if (sum)
			err = add(&text, "%s%llu@%d", text.len ? "," : "",
				  (unsigned long long)sum, node);
	}
	return err ? err : (int)text.len;
}

static bool dst_came_before(const struct ihk_ikc_cpu_map *map, int i)
{
	for (int k = 0; k < i; k++)
		if (map[k].dst_cpu == map[i].dst_cpu)
			return true;
	return false;
}

EXPORT int ihk_format_ikc_map(const struct ihk_ikc_cpu_map *map, int n, char *buf, size_t size)
{
	struct text text = { buf, size, 0 };
	int cpus[IHK_MAX_CPUS];
	int err = start(&text);
	int len;
	int ncpus;

	if (n > IHK_MAX_CPUS)
		return error_set(NULL, -E2BIG, "more than %d CPUs", IHK_MAX_CPUS);
	for (int i = 0; !err && i < n; i++) {
		if (dst_came_before(map, i))
			continue;
		ncpus = 0;
		for (int k = i; k < n; k++)
			if (map[k].dst_cpu == map[i].dst_cpu)
				cpus[ncpus++] = map[k].src_cpu;
		err = add(&text, "%s", text.len ? "+" : "");
		if (err)
			break;
		len = ihk_format_cpus(cpus, ncpus, buf + text.len, size - text.len);
		if (len < 0)
			return len;
		text.len += len;
		err = add(&text, ":%d", map[i].dst_cpu);
	}
	return err ? err : (int)text.len;
}
