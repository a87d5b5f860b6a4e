/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times of system calls that wait for futexes.
 */
#ifndef LWK_SYS_FUTEX_TIME_H
#define LWK_SYS_FUTEX_TIME_H

#include "lwk/include/compiler.h"

/**
 * futex_get_time() - a time of CLOCK_REALTIME or CLOCK_MONOTONIC as a deadline.
 * @at: user address of a struct timespec, or 0: none
 * @clock: which clock; not looked at without time
 * @deadline: result: time_ns(), or THREAD_NO_DEADLINE
 *
 * Context: the calling task, interrupts enabled, no lock held.
 * Return: 0; -EINVAL; -EFAULT.
 */
int futex_get_time(vaddr_t at, s32 clock, u64 *deadline) __must_check;

#endif
