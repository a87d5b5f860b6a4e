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

/*
 * Another boot has a log of its own. A boot counts once it has succeeded, shortly after the status
 * became RUNNING, and one that fails never counts: so the end of a boot is watched for, too.
 */
static int follow_reboot(struct kmsg_reader *reader, kmsg_line_fn fn, void *arg)
{
	struct ihk_status_info info;
	unsigned int boot;
	int err = ihk_instance_get_status(reader->os, &info);

	if (err)
		return err;
	if (info.status == IHK_STATUS_INACTIVE) {
		reader->ended = true;
		return 0;
	}
	boot = info.boots + (info.status == IHK_STATUS_BOOTING);
	if (boot <= reader->boot && !reader->ended)
		return 0;
	kmsg_flush(reader, fn, arg);
	reader->boot = boot;
	reader->ended = false;
	reader->pos = 0;
	return 0;
}

int kmsg_drain(struct kmsg_reader *reader, kmsg_line_fn fn, void *arg, uint64_t *lost)
{
	char text[16384];
	uint64_t missed;
	long n;
	int err;

	err = follow_reboot(reader, fn, arg);
	if (err)
		return err;
	while ((n = ihk_instance_read_kmsg(reader->os, text, sizeof(text), &reader->pos,
					   &missed)) > 0) {
		*lost += missed;
		split(reader, text, n, fn, arg);
	}
	return n < 0 ? (int)n : 0;
}
