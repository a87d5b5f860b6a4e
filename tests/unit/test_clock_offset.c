// SPDX-License-Identifier: GPL-2.0-only
/* Absolute times of a program in a time namespace: asked for once, and at both ends of time. */
#include "lwk/include/proc/clock.h"
#include "tests/unit/process_fixture.h"

static s64 answer; /* to OFFLOAD_NR_TIME_OFFSET */

static s64 answer_offset(struct offload_slot *slot)
{
	return slot->nr == OFFLOAD_NR_TIME_OFFSET ? answer : 0;
}

static u64 deadline(u64 ns)
{
	CHECK_EQ(clock_deadline(&ns), 0);
	return ns;
}

static void enter(s64 offset)
{
	answer = OFFLOAD_TIME_BIAS + offset;
	clock_forget_offset();
	nheard = 0;
}

static void asked_once(void)
{
	fixture_run();
	linux_answer = answer_offset;
	enter(0);
	CHECK_EQ(deadline(THREAD_NO_DEADLINE), THREAD_NO_DEADLINE);
	CHECK_EQ(nheard, 0);
	CHECK_EQ(deadline(1000), 1000);
	CHECK(nheard == 1 && heard[0].nr == OFFLOAD_NR_TIME_OFFSET);
	CHECK_EQ(deadline(2000), 2000);
	CHECK_EQ(nheard, 1);
	enter(500);
	CHECK_EQ(deadline(2000), 1500);
	CHECK_EQ(nheard, 1);
	fixture_stop();
}

static void ends_of_time(void)
{
	fixture_run();
	linux_answer = answer_offset;
	enter(500);
	CHECK_EQ(deadline(499), 0);
	CHECK_EQ(deadline(THREAD_NO_DEADLINE - 1), THREAD_NO_DEADLINE - 501);
	enter(-500);
	CHECK_EQ(deadline(0), 500);
	CHECK_EQ(deadline(THREAD_NO_DEADLINE - 1), THREAD_NO_DEADLINE);
	/* What looks like an error if it is not told apart. */
	enter(-1);
	CHECK_EQ(deadline(7), 8);
	/* As far as an answer can say. */
	enter(OFFLOAD_TIME_BIAS - 1);
	CHECK_EQ(deadline(OFFLOAD_TIME_BIAS), 1);
	enter(1 - OFFLOAD_TIME_BIAS);
	CHECK_EQ(deadline(1), OFFLOAD_TIME_BIAS);
	fixture_stop();
}

/* An error is not remembered. */
static void not_answered(void)
{
	u64 ns = 2000;

	fixture_run();
	linux_answer = answer_offset;
	enter(500);
	answer = -EIO;
	CHECK_EQ(clock_deadline(&ns), -EIO);
	CHECK_EQ(ns, 2000);
	answer = OFFLOAD_TIME_BIAS + 500;
	CHECK_EQ(deadline(2000), 1500);
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(asked_once),
	UNIT_TEST(ends_of_time),
	UNIT_TEST(not_answered),
};

UNIT_MAIN(tests)
