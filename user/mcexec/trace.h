/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --trace: each call that the program makes, on a line as strace(1) has it: those that Linux makes
 * for it as they are made, others when the LWK has made them. With OFFLOAD_NR_* in parentheses
 * what the LWK asks mcexec for.
 */
#ifndef MCEXEC_TRACE_H
#define MCEXEC_TRACE_H

#include "abi/mcctrl_ioctl.h"

/**
 * struct trace_setup - how to trace
 * @lines:	file of trace_lines_create()
 * @out:	where to, hidden
 * @exec_ns:	an execve() was traced, which has led here: when it began; else 0
 */
struct trace_setup {
	int lines;
	int out;
	u64 exec_ns;
};

/**
 * trace_start() - trace from now on
 * @setup: how
 *
 * Context: main thread, before the program runs. Return: 0 or -errno.
 */
int trace_start(const struct trace_setup *setup);

/** trace_began_ns() - when the calling twin's call began, or 0. Context: a twin. */
u64 trace_began_ns(void);

/** trace_on - is there a trace? Set by trace_start(). */
extern _Bool trace_on;

/** trace_put_call() - what trace_call() does if there is a trace. */
void trace_put_call(const struct mcctrl_request *request);

/** trace_put_result() - what trace_result() does then. */
void trace_put_result(const struct mcctrl_request *request);

/**
 * trace_call() - a call is about to be made
 * @request:	it
 *
 * Inline, as all calls come here: a line is long, and cleared first.
 *
 * Context: a twin.
 */
static inline void trace_call(const struct mcctrl_request *request)
{
	if (trace_on)
		trace_put_call(request);
}

/**
 * trace_result() - it has been made
 * @request:	the same, with its result
 *
 * Context: a twin.
 */
static inline void trace_result(const struct mcctrl_request *request)
{
	if (trace_on)
		trace_put_result(request);
}

/**
 * trace_made() - OFFLOAD_NR_MADE
 * @args: of the request
 *
 * Context: a twin.
 */
void trace_made(const u64 *args);

#endif
