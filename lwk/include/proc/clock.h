/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux's clocks, read where the program's vDSO reads them, so that neither source is ever behind
 * the other.
 */
#ifndef LWK_PROC_CLOCK_H
#define LWK_PROC_CLOCK_H

#include "lwk/include/compiler.h"

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

#endif
