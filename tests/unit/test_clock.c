// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time from a counter, against sums that go tick by tick and against numbers done by hand.
 */
#include "lwk/lib/clock.h"

#include "tests/unit/unit.h"

/* A tick for tick reference that needs no wide product. */
static u64 count(const struct clock_scale *scale, u64 ticks)
{
	u64 whole = scale->base >> scale->shift;
	u64 part = scale->base & ((1ULL << scale->shift) - 1);

	for (u64 i = 0; i < ticks; i++) {
		part += scale->mult;
		whole += part >> scale->shift;
		part &= (1ULL << scale->shift) - 1;
	}
	return whole;
}

static void as_counted(void)
{
	static const struct clock_scale scales[] = {
		{ 1000, 0, 1, 0 },
		{ 1000, 7, 3, 1 },
		{ 0, 123456789, 4194304, 22 },
		{ 1ULL << 40, 999999999ULL << 24, 5592405, 24 },
		{ 12345678901234ULL, 0xffffffffULL, ~0U, 32 },
	};

	for (u32 i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		for (u64 ticks = 0; ticks < 20000; ticks += 617)
			CHECK_EQ(clock_scale_ns(&scales[i], scales[i].cycle_last + ticks),
				 count(&scales[i], ticks));
	}
}

/* Where 64 bits do not hold the product: a year at 3 GHz, with Linux's factor for it. */
static void no_overflow(void)
{
	const struct clock_scale scale = { 5, 0, 5592405, 24 };
	const u64 year = 365ULL * 86400 * 3000000000;

	CHECK_EQ(clock_scale_ns(&scale, 5 + year), 31535998120307922ULL);
}

static void never_before_the_base(void)
{
	const struct clock_scale scale = { 1000, 77ULL << 10, 1024, 10 };

	CHECK_EQ(clock_scale_ns(&scale, 1000), 77);
	CHECK_EQ(clock_scale_ns(&scale, 999), 77);
	CHECK_EQ(clock_scale_ns(&scale, 0), 77);
	CHECK_EQ(clock_scale_ns(&scale, 1001), 78);
	/* Around the bit that Linux leaves out. */
	CHECK_EQ(clock_scale_ns(&scale, (1ULL << 63) + 1001), 78);
	CHECK_EQ(clock_scale_ns(&scale, (1ULL << 63) + 999), 77);
}

static const struct unit_test tests[] = {
	UNIT_TEST(as_counted),
	UNIT_TEST(no_overflow),
	UNIT_TEST(never_before_the_base),
};

UNIT_MAIN(tests)
