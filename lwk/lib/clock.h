/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A counter's value as time, as Linux's vDSO computes it: vdso_calc_ns() there.
 */
#ifndef LWK_LIB_CLOCK_H
#define LWK_LIB_CLOCK_H

#include "abi/types.h"

/* Linux has the topmost bit for values that are none, so the one below is the sign. */
#define CLOCK_VALUE_MASK (~0ULL >> 1)
#define CLOCK_SIGN (1ULL << 62)

/**
 * struct clock_scale - a clock that was last adjusted at some value of the counter
 * @cycle_last:	that value
 * @base:	nanoseconds then, shifted left by @shift
 * @mult:	nanoseconds for a tick, likewise
 * @shift:	modulo 64
 */
struct clock_scale {
	u64 cycle_last;
	u64 base;
	u32 mult;
	u32 shift;
};

/**
 * clock_scale_ns() - nanoseconds at a value of the counter
 * @scale: the clock
 * @cycles: the value; one before the last adjustment, by a CPU that lags behind, counts as that
 *
 * Context: any. Return: nanoseconds.
 */
static inline u64 clock_scale_ns(const struct clock_scale *scale, u64 cycles)
{
	u64 delta = (cycles - scale->cycle_last) & CLOCK_VALUE_MASK;

	if (delta & CLOCK_SIGN)
		delta = 0;
	return (u64)(((unsigned __int128)delta * scale->mult + scale->base) >>
		     scale->shift % 64);
}

#endif
