/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fork(2) of the program: the proxy forks, and its child becomes the proxy of the process that
 * the LWK has made meanwhile.
 */
#ifndef MCEXEC_FORK_H
#define MCEXEC_FORK_H

#include <sys/types.h>

#include "abi/types.h"

struct twin_setup;

/**
 * fork_perform() - OFFLOAD_NR_FORK
 * @setup:	what all twins share; in the child, which has a copy, @proxy becomes its own file
 * @args:	of the request
 * @mask:	signals that the caller blocks
 *
 * Context: a twin; no other forks. Return: in the parent, when the child runs, its id, or -errno;
 * in the child, which is a twin with nothing to answer, 0.
 */
s64 fork_perform(struct twin_setup *setup, const u64 *args, u64 mask);

/**
 * fork_wait() - OFFLOAD_NR_VFORK
 * @proxy:	the proxy's file
 * @mask:	signals that the caller blocks
 *
 * Context: a twin, which has served OFFLOAD_NR_FORK before. Return: 0.
 */
s64 fork_wait(int proxy, u64 mask);

/**
 * fork_undo() - let go of a child that has said that it cannot run, and of its pidfd
 * @pid:	its id
 * @args:	of the request
 *
 * Context: the twin that has made it.
 */
void fork_undo(pid_t pid, const u64 *args);

#endif
