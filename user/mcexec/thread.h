/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of the program: for each new one mcexec makes one of its own, which becomes its twin.
 */
#ifndef MCEXEC_THREAD_H
#define MCEXEC_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "user/mcexec/twin.h"

/**
 * thread_perform() - OFFLOAD_NR_THREAD
 * @setup:	what all twins share
 * @args:	of the request
 * @mask:	signals that the caller blocks
 *
 * Context: a twin. Return: 0: the new thread answers the request; or -errno.
 */
s64 thread_perform(struct twin_setup *setup, const u64 *args, u64 mask);

/** thread_has_others() - has the program ever had several? Context: any, signal handlers too. */
bool thread_has_others(void);

/**
 * thread_spawn() - make a thread with the C library
 * @fn:		what it does
 * @arg:	passed to it
 * @stack_len:	bytes of its stack
 *
 * Context: a twin that blocks all signals. Return: 0 or -errno.
 */
int thread_spawn(void *(*fn)(void *arg), void *arg, size_t stack_len);

/**
 * thread_leave() - end the calling twin, for exit(2)
 * @proxy:	the proxy's file
 * @args:	of the request
 *
 * Context: a twin. Return: when the caller has to return from where it began; it is no twin any
 * more. The process's first thread, which the C library has not made, ends here.
 */
void thread_leave(int proxy, const u64 *args);

#endif
