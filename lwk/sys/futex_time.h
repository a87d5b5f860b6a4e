/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times of system calls that wait for futexes.
 */
#ifndef LWK_SYS_FUTEX_TIME_H
#define LWK_SYS_FUTEX_TIME_H

#include "lwk/include/compiler.h"

/**
 * futex_get_time() - a time of CLOCK_REALTIME or CLOCK_MONOTONIC, in ns.
 * @at: user address of a struct timespec, or 0: none
 * @clock: which clock; not looked at without time
 * @time: result: by that clock, or THREAD_NO_DEADLINE
 *
 * Context: the calling task, interrupts enabled, no lock held.
 * Return: 0; -EINVAL; -EFAULT.
 */
int futex_get_time(vaddr_t at, s32 clock, u64 *time) __must_check;

/**
 * futex_deadline() - turn such a time into a deadline.
 * @clock: which clock
 * @time: in: by that clock; out: by time_ns(), or THREAD_NO_DEADLINE
 *
 * Asks Linux for CLOCK_REALTIME, and once for the time namespace. What was held back from the twin
 * comes then, so the call is not to be made on Linux afterwards: it would be begun anew before
 * that. Context: the calling task, interrupts enabled, no lock held. Return: 0; -errno.
 */
int futex_deadline(s32 clock, u64 *time) __must_check;

#endif
