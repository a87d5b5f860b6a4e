// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times as the processor's timer counts them.
 */
#include "lwk/core/time.c"

#include "tests/unit/unit.h"

static struct boot_block boot;

u64 arch_tsc(void)
{
	return boot.tsc_base;
}

const struct boot_block *boot_fixed(void)
{
	return &boot;
}

static void start(u64 khz)
{
	boot.tsc_khz = khz;
	boot.tsc_base = 1000000;
	boot.mono_base_ns = 5000;
	time_init();
}

static void near_times(void)
{
	start(2000000);
	CHECK_EQ(time_to_tsc(0), 1000000);
	CHECK_EQ(time_to_tsc(5000), 1000001);
	CHECK_EQ(time_to_tsc(6000), 1002001);
	CHECK_EQ(time_tsc_to_ns(2000), 1000);
	CHECK_EQ(time_ns(), 5000);
}

/* At two ticks for a nanosecond and more, such a time would come round to one that has been. */
static void times_that_never_come(void)
{
	static const u64 rates[] = { 1000000, 2000000, 2500000, 4000000, 5000000 };
	u64 last, tsc;

	for (u32 i = 0; i < ARRAY_SIZE(rates); i++) {
		start(rates[i]);
		last = 0;
		for (u32 bit = 20; bit < 64; bit++) {
			tsc = time_to_tsc(1ULL << bit);
			CHECK(tsc > last || tsc == ~0ULL);
			last = tsc;
		}
		CHECK(time_to_tsc(~0ULL - 1) >= last);
	}
}

static const struct unit_test tests[] = {
	UNIT_TEST(near_times),
	UNIT_TEST(times_that_never_come),
};

UNIT_MAIN(tests)
