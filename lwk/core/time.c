// SPDX-License-Identifier: GPL-2.0-only
/*
 * TSC to nanoseconds by one multiplication with a 32.32 fixed-point factor, whose
 * error (below 2^-32 per tick's worth) is less than a microsecond an hour.
 */
#include "lwk/include/core/time.h"

#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"

#define TSC_MAX (~0ULL)

static u64 base_tsc;
static u64 base_ns;
static u64 ns_per_tick; /* 32.32 fixed point; 0 until known */
static u64 ticks_per_ns; /* likewise */

void time_init(void)
{
	const struct boot_block *boot = boot_fixed();

	base_tsc = boot->tsc_base;
	base_ns = boot->mono_base_ns;
	ticks_per_ns = (boot->tsc_khz << 32) / 1000000;
	ns_per_tick = (1000000ULL << 32) / boot->tsc_khz;
}

u64 time_ns(void)
{
	s64 delta = (s64)(arch_tsc() - base_tsc);

	/* A TSC that lags behind the one the host read shows the base. */
	if (!ns_per_tick)
		return 0;
	if (delta < 0)
		return base_ns;
	return base_ns + time_tsc_to_ns((u64)delta);
}

u64 time_tsc_to_ns(u64 ticks)
{
	return (u64)(((unsigned __int128)ticks * ns_per_tick) >> 32);
}

u64 time_to_tsc(u64 ns)
{
	unsigned __int128 ticks;

	if (ns < base_ns)
		return base_tsc;
	ticks = ((unsigned __int128)(ns - base_ns) * ticks_per_ns >> 32) + 1;
	/* A deadline beyond what the counter counts never comes; it is not to come at once. */
	return ticks < TSC_MAX - base_tsc ? base_tsc + (u64)ticks : TSC_MAX;
}
