/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A counter's value as time, as Linux's vDSO computes it.
 */
#ifndef LWK_LIB_CLOCK_H
#define LWK_LIB_CLOCK_H

#include "abi/types.h"

/**
 * struct clock_scale - a clock that was last adjusted at some value of the counter
 * @cycle_last:	that value
 * @base:	nanoseconds then, shifted left by @shift
 * @mult:	nanoseconds for a tick, likewise
 * @shift:	less than 64
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
u64 clock_scale_ns(const struct clock_scale *scale, u64 cycles);

#endif
