/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling policies of the program. The LWK heeds them, the proxy does not, which would
 * take Linux's few CPUs from others; but only Linux knows who may have which.
 */
#ifndef MCEXEC_POLICY_H
#define MCEXEC_POLICY_H

#include "abi/types.h"

/**
 * policy_perform() - OFFLOAD_NR_SCHED
 * @args:	of the request
 *
 * Context: a twin. Return: 0, -errno.
 */
s64 policy_perform(const u64 args[6]);

/**
 * policy_drop() - leave a real-time policy to the program
 *
 * Context: when mcctrl has seen which one mcexec was called with.
 */
void policy_drop(void);

#endif
