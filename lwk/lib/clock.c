// SPDX-License-Identifier: GPL-2.0-only
/*
 * A counter's value as time: see clock.h, and vdso_calc_ns() in Linux.
 */
#include "lwk/lib/clock.h"

/* Linux has the topmost bit for values that are none, so the one below is the sign. */
#define VALUE_MASK (~0ULL >> 1)
#define SIGN (1ULL << 62)

u64 clock_scale_ns(const struct clock_scale *scale, u64 cycles)
{
	u64 delta = (cycles - scale->cycle_last) & VALUE_MASK;

	if (delta & SIGN)
		delta = 0;
	return (u64)(((unsigned __int128)delta * scale->mult + scale->base) >> scale->shift);
}
