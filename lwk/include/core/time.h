/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time: nanoseconds on Linux's CLOCK_MONOTONIC scale, from the TSC.
 */
#ifndef LWK_CORE_TIME_H
#define LWK_CORE_TIME_H

#include "lwk/include/types.h"

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL

/**
 * time_init() - take frequency and origin from the boot block.
 *
 * Context: first CPU, once, after boot_init().
 */
void time_init(void);

/**
 * time_ns() - what time it is.
 *
 * Context: any.
 * Return: nanoseconds, as Linux's CLOCK_MONOTONIC; 0 before time_init().
 */
u64 time_ns(void);

/**
 * time_to_tsc() - the TSC value at a time.
 * @ns: nanoseconds, as time_ns()
 *
 * Context: any, after time_init().
 * Return: the TSC value, not before the time.
 */
u64 time_to_tsc(u64 ns);

/**
 * time_tsc_to_ns() - a duration.
 * @ticks: of the TSC
 *
 * Context: any, after time_init().
 * Return: nanoseconds.
 */
u64 time_tsc_to_ns(u64 ticks);

#endif
