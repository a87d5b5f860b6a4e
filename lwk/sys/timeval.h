/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times as system calls pass them.
 */
#ifndef LWK_SYS_TIMEVAL_H
#define LWK_SYS_TIMEVAL_H

#include "lwk/include/core/time.h"
#include "lwk/include/sched/thread.h"

/** struct timespec - seconds and nanoseconds */
struct timespec {
	s64 sec;
	s64 nsec;
};

/** struct timeval - seconds and microseconds */
struct timeval {
	s64 sec;
	s64 usec;
};

/**
 * timespec_to_ns() - read a time of the program's.
 * @ts: unchecked
 * @ns: result; the far future is the end of time
 *
 * Context: any.
 * Return: false for what Linux calls no time.
 */
static inline bool timespec_to_ns(const struct timespec *ts, u64 *ns)
{
	if (ts->sec < 0 || (u64)ts->nsec >= NSEC_PER_SEC)
		return false;
	if ((u64)ts->sec >= THREAD_NO_DEADLINE / NSEC_PER_SEC)
		*ns = THREAD_NO_DEADLINE;
	else
		*ns = (u64)ts->sec * NSEC_PER_SEC + (u64)ts->nsec;
	return true;
}

/** timespec_of() - nanoseconds for the program. Context: any. */
static inline struct timespec timespec_of(u64 ns)
{
	return (struct timespec){ (s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC) };
}

/** timeval_of() - nanoseconds for the program, in microseconds. Context: any. */
static inline struct timeval timeval_of(u64 ns)
{
	return (struct timeval){ (s64)(ns / NSEC_PER_SEC),
				 (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
}

#endif
