/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execve(2) of the program. The proxy executes mcexec anew, for the new program: so all that
 * Linux does with a process at execve() it does, and closing the proxy's file ends the process on
 * the LWK, whose successor has the same id. What mcexec cannot run, set-user-ID programs among
 * others, Linux runs.
 */
#ifndef MCEXEC_EXEC_H
#define MCEXEC_EXEC_H

#include <stdbool.h>

#include "user/mcexec/options.h"

/**
 * exec_setup() - remember what the next mcexec has to be told
 * @options:	how this one was called; lives as long as mcexec
 *
 * Context: main thread, once.
 */
void exec_setup(const struct options *options);

/**
 * exec_keep_limit() - the program has changed one of the limits that the LWK heeds
 * @resource:	RLIMIT_*
 * @cur:	soft limit
 * @max:	hard limit
 *
 * Context: a twin. Return: 0 or -EINVAL.
 */
s64 exec_keep_limit(u64 resource, u64 cur, u64 max);

/**
 * struct exec_signals - signals of the thread that executes a program
 * @interrupted: not 0: one has come
 * @mask:	those that the program blocks, bit n - 1 for signal n
 * @held:	all are blocked, until the program is executed or cannot be
 */
struct exec_signals {
	const u32 *interrupted;
	u64 mask;
	bool held;
};

/**
 * exec_perform() - execve(2), unless a signal comes before it
 * @args:	its arguments, and OFFLOAD_EXEC_* as the last
 * @signals:	what becomes of those that come
 *
 * The thread on the LWK is to take the signal first: with its program it would be gone.
 * Context: a twin. Return: -errno, OFFLOAD_RET_RESTART (not made), or not at all.
 */
s64 exec_perform(const u64 *args, struct exec_signals signals);

/**
 * exec_keep_cpus() - OFFLOAD_NR_CPUS: what the program may run on is for the next one, too
 * @args:	of the request
 *
 * Context: a twin. Return: 0, -EINVAL.
 */
s64 exec_keep_cpus(const u64 args[6]);

/**
 * exec_perform_at() - execveat(2), likewise
 * @args:	likewise
 * @signals:	likewise
 *
 * Context, return: likewise.
 */
s64 exec_perform_at(const u64 *args, struct exec_signals signals);

#endif
