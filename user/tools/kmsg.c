// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading an LWK's log line by line.
 */
#include "kmsg.h"

#include <string.h>

void kmsg_start(struct kmsg_reader *reader, struct ihk_instance *os)
{
	memset(reader, 0, sizeof(*reader));
	reader->os = os;
}

void kmsg_flush(struct kmsg_reader *reader, kmsg_line_fn fn, void *arg)
{
	if (reader->len)
		fn(arg, reader->line, reader->len);
	reader->len = 0;
}

/* What the LWK writes may not drive the terminal or the system log. */
static char printable(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f ? '?' : c;
}

static void split(struct kmsg_reader *reader, const char *text, size_t len, kmsg_line_fn fn,
		  void *arg)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			fn(arg, reader->line, reader->len);
			reader->len = 0;
			continue;
		}
		if (reader->len == sizeof(reader->line))
			kmsg_flush(reader, fn, arg);
		reader->line[reader->len++] = printable(text[i]);
	}
}

int kmsg_drain(struct kmsg_reader *reader, kmsg_line_fn fn, void *arg, uint64_t *lost)
{
	char text[16384];
	uint64_t missed;
	long n;

	while ((n = ihk_instance_read_kmsg(reader->os, text, sizeof(text), &reader->pos,
					   &missed)) > 0) {
		*lost += missed;
		split(reader, text, n, fn, arg);
	}
	return n < 0 ? (int)n : 0;
}
