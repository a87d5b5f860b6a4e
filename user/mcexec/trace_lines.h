/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines of a trace that several threads and processes write: a line begins with a call, and goes on
 * with its result. If another one comes between, it is cut and taken up again as by strace(1).
 *
 * What all have to know, who writes and whose line is open, is in memory that children share, and
 * that programs which are executed get as a file.
 */
#ifndef MCEXEC_TRACE_LINES_H
#define MCEXEC_TRACE_LINES_H

#include <stddef.h>

/**
 * trace_lines_create() - make that memory
 *
 * Context: main thread. Return: its file, hidden, or -errno.
 */
int trace_lines_create(void);

/**
 * trace_lines_use() - write from now on
 * @lines:	of trace_lines_create()
 * @out:	where to
 *
 * Context: main thread, before the program runs. Return: 0 or -errno.
 */
int trace_lines_use(int lines, int out);

/**
 * trace_lines_begin() - a line of the calling thread's begins
 * @text:	of it
 * @len:	bytes
 *
 * Context: a twin.
 */
void trace_lines_begin(const char *text, size_t len);

/**
 * trace_lines_end() - the rest of the line
 * @head:	in front, if the line was cut meanwhile
 * @head_len:	bytes
 * @text:	the rest, with a newline
 * @len:	bytes
 *
 * Context: a twin.
 */
void trace_lines_end(const char *head, size_t head_len, const char *text, size_t len);

/**
 * trace_lines_put() - a whole line
 * @text:	with a newline
 * @len:	bytes
 *
 * Context: a twin.
 */
void trace_lines_put(const char *text, size_t len);

#endif
