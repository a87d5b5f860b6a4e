/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that share the memory of another (CLONE_VM): the proxy makes one that shares its own.
 */
#ifndef MCEXEC_CLONE_H
#define MCEXEC_CLONE_H

#include "user/mcexec/twin.h"

/**
 * clone_perform() - OFFLOAD_NR_FORK with CLONE_VM
 * @setup:	what all twins share
 * @args:	of the request
 * @mask:	signals that the caller blocks
 *
 * Context: a twin. Return: the child's id when it runs; -errno.
 */
s64 clone_perform(struct twin_setup *setup, const u64 *args, u64 mask);

/**
 * clone_wait() - OFFLOAD_NR_VFORK after such a request
 * @mask:	signals that the caller blocks
 *
 * Context: the same twin. Return: whether there was one.
 */
bool clone_wait(u64 mask);

#endif
