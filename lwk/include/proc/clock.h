/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux's clocks, read where the program's vDSO reads them, so that neither source is ever behind
 * the other.
 */
#ifndef LWK_PROC_CLOCK_H
#define LWK_PROC_CLOCK_H

#include "lwk/include/compiler.h"

/* clockid_t: clock_gettime(2). Those below zero are in cputime.c. */
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define CLOCK_TAI 11

/** struct clock_time - what time it is */
struct clock_time {
	u64 sec;
	u64 nsec;
};

/**
 * clock_read() - read a clock for the calling thread.
 * @id: CLOCK_*
 * @time: result
 *
 * Context: as copy_from_user().
 * Return: true; false: Linux has to be asked. It is none of the vDSO's clocks, the counter is not
 * the TSC, the program is in a time namespace, or has no time pages (any more).
 */
bool clock_read(s32 id, struct clock_time *time);

/**
 * clock_resolution() - of such a clock.
 * @id: CLOCK_*
 * @ns: result
 *
 * Context: as copy_from_user(). Return: as clock_read().
 */
bool clock_resolution(s32 id, u64 *ns);

/**
 * clock_deadline() - turn a time of CLOCK_MONOTONIC into one of time_ns().
 * @ns: in: as the calling process sees that clock in its time namespace; out: by time_ns(), or
 *	THREAD_NO_DEADLINE as it was
 *
 * The first time it asks Linux, and what was held back from the twin comes then: the call is not to
 * be made on Linux afterwards.
 *
 * Context: the calling task, interrupts enabled, no lock held. Return: 0; -errno.
 */
int clock_deadline(u64 *ns) __must_check;

/**
 * clock_forget_offset() - the calling process is in another time namespace now.
 *
 * Context: the calling task.
 */
void clock_forget_offset(void);

#endif
