/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace(2) between programs of an LWK: Linux decides who may trace, or stop, whom.
 *
 * Nothing of that goes by mcexec, which is its user's own program. The caller names a thread in its
 * own pid namespace; it is looked up there once, and the LWK is told its id in the initial one.
 */
#ifndef MCCTRL_TRACE_H
#define MCCTRL_TRACE_H

#include <linux/types.h>

struct peer;
struct proxy;

/** trace_init() - for the module. Context: process. Return: 0 or -errno. */
int trace_init(void);

/** trace_exit() - undo it. Context: process. */
void trace_exit(void);

/**
 * trace_may() - OFFLOAD_NR_TRACE_MAY of the calling twin
 * @peer: its LWK
 * @args: OFFLOAD_MAY_*, thread
 *
 * Context: the twin. Return: id of the thread that may be, a twin of the same LWK; -errno.
 */
s64 trace_may(struct peer *peer, const u64 *args);

/**
 * trace_may_read() - may the caller read maps of a process, and its like?
 * @proxy: of the process
 *
 * Context: process, sleeps. Return: 0; -EACCES, or what else Linux says; -ESRCH: it is ending.
 */
int trace_may_read(const struct proxy *proxy);

#endif
