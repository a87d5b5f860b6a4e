/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Back-traces by frame pointers.
 */
#ifndef X86_BACKTRACE_H
#define X86_BACKTRACE_H

#include "lwk/include/types.h"

/**
 * backtrace_log() - log a chain of calls, innermost first.
 * @rip: where the innermost function stands
 * @rbp: its frame pointer
 *
 * Reads only memory that the kernel's tables map, so it survives any garbage.
 *
 * Context: any, also NMI.
 */
void backtrace_log(u64 rip, u64 rbp);

#endif
