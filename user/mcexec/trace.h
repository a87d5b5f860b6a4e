/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --trace: each call that Linux makes for the program, on a line as strace(1) has it. Calls
 * that the LWK makes itself do not come by here.
 */
#ifndef MCEXEC_TRACE_H
#define MCEXEC_TRACE_H

#include "abi/mcctrl_ioctl.h"

/**
 * trace_start() - trace from now on
 * @fd:		where to, hidden
 * @executed:	an execve() was traced, which has led here
 *
 * Context: main thread, before the program runs.
 */
void trace_start(int fd, _Bool executed);

/**
 * trace_call() - a call is about to be made
 * @nr:		system call or OFFLOAD_NR_*
 * @args:	its arguments
 *
 * Context: a twin.
 */
void trace_call(u64 nr, const u64 *args);

/**
 * trace_result() - it has been made
 * @wait:	the request, with its answer
 * @data:	small arguments
 *
 * Context: a twin.
 */
void trace_result(const struct mcctrl_wait *wait, const u8 *data);

#endif
