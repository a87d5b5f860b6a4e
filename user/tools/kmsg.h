/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading an LWK's log line by line.
 *
 * A reader keeps its position and the beginning of a line whose end has not been written
 * yet. After a reboot of the LWK it goes on with the new log.
 */
#ifndef TOOLS_KMSG_H
#define TOOLS_KMSG_H

#include <stddef.h>
#include <stdint.h>

#include <ihk/ihk.h>

#define KMSG_LINE_LEN 1024

/**
 * struct kmsg_reader - a place in the log
 * @os:		its instance
 * @pos:	position of the next read
 * @len:	bytes in @line
 * @line:	begun line
 */
struct kmsg_reader {
	struct ihk_instance *os;
	uint64_t pos;
	size_t len;
	char line[KMSG_LINE_LEN];
};

/**
 * kmsg_line_fn - takes one line
 * @arg: the caller's
 * @line: text without newline and NUL; longer lines come in parts
 * @len: its length
 */
typedef void (*kmsg_line_fn)(void *arg, const char *line, size_t len);

/** kmsg_start() - begin at the oldest text. */
void kmsg_start(struct kmsg_reader *reader, struct ihk_instance *os);

/**
 * kmsg_drain() - pass all lines that are there
 * @reader: position, moved
 * @fn: called for each line
 * @arg: passed on
 * @lost: bytes that were overwritten before they could be read are added to it
 *
 * Return: 0; -ENODATA when the LWK has never booted; another -errno.
 */
int kmsg_drain(struct kmsg_reader *reader, kmsg_line_fn fn, void *arg, uint64_t *lost);

/** kmsg_flush() - pass a begun line as if it were whole. */
void kmsg_flush(struct kmsg_reader *reader, kmsg_line_fn fn, void *arg);

#endif
