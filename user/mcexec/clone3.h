/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clone3(2) for the proxy: for what clone(2) cannot say, and for nothing else, since containers may
 * forbid it.
 */
#ifndef MCEXEC_CLONE3_H
#define MCEXEC_CLONE3_H

#include <linux/sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include "abi/types.h"

/**
 * clone3_wanted() - is there anything that clone(2) cannot do?
 * @args:	of OFFLOAD_NR_FORK
 *
 * Context: any. Return: true if so.
 */
bool clone3_wanted(const u64 *args);

/**
 * clone3_args() - what a request says, for Linux
 * @args:	of OFFLOAD_NR_FORK
 * @clone:	result
 *
 * Context: any. Return: false: the control group's descriptor is none of the program's.
 */
bool clone3_args(const u64 *args, struct clone_args *clone);

/**
 * clone3_run() - have a process that shares the memory run a function on a stack of its own
 * @clone:	all arguments
 * @fn:		does not return
 * @arg:	its argument
 *
 * Context: any. Return: its id; -1 and errno.
 */
pid_t clone3_run(struct clone_args *clone, int (*fn)(void *arg), void *arg);

#endif
