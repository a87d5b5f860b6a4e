// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading Linux's clocks: from time pages as they are, while they are changed, in a time namespace,
 * without TSC, and from pages that are none.
 */
#include "lwk/proc/clock.c"

#include <string.h>

#include "tests/unit/unit.h"

#define PAGES 0x7ffff7fc0000ULL
#define PAGES_LEN 0x1000
#define SECOND 1000000000ULL
#define SHIFT 8
#define LOADS 8 /* of a try */

enum { REALTIME, MONOTONIC, COARSE_REALTIME = 5, COARSE_MONOTONIC, BOOTTIME, ALARM, TAI = 11 };

/* A layout of our own: nothing but the descriptor says where the fields are. */
static struct process process = {
	.clocks = {
		.data = 64, .len = 240, .seq = 4, .mode = 0, .cycle_last = 8, .mult = 20,
		.shift = 16, .base = 24, .res = 220, .tsc_mode = 3, .coarse_ns = 4000000,
	},
	.clocks_at = PAGES + 64,
};
static struct task task = { .process = &process, .thread.ended = task_ended };
static u8 pages[PAGES_LEN];
static u32 copies;
/* At each copy of a sequence count, if there is any. */
static void (*on_seq)(void);

u64 shim_tsc;

struct thread *thread_current(void)
{
	return &task.thread;
}

void task_ended(struct thread *thread)
{
	CHECK_EQ((u64)thread, 0);
}

int copy_from_user(void *dst, vaddr_t src, u64 len)
{
	copies++;
	if (src < PAGES || src + len > PAGES + PAGES_LEN)
		return -EFAULT;
	if (on_seq && (src - process.clocks_at) % process.clocks.len == process.clocks.seq)
		on_seq();
	memcpy(dst, pages + (src - PAGES), len);
	return 0;
}

bool shim_user_load(void *word, vaddr_t addr, u64 len)
{
	return !copy_from_user(word, addr, len);
}

static u8 *field(u32 set, u32 at)
{
	return pages + process.clocks.data + set * process.clocks.len + at;
}

static void put32(u32 set, u32 at, u32 value)
{
	memcpy(field(set, at), &value, sizeof(value));
}

static void put64(u32 set, u32 at, u64 value)
{
	memcpy(field(set, at), &value, sizeof(value));
}

static void put_base(u32 set, s32 id, u64 sec, u64 nsec)
{
	const struct clock_time base = { sec, nsec };

	memcpy(field(set, process.clocks.base + (u32)id * sizeof(base)), &base, sizeof(base));
}

/* The TSC is 1000 ticks of 2 ns after the first set, 10 after the second. */
static void setup(void)
{
	memset(pages, 0xee, sizeof(pages));
	for (u32 set = 0; set < 2; set++) {
		put32(set, process.clocks.seq, 6);
		put32(set, process.clocks.mode, (u32)process.clocks.tsc_mode);
		put32(set, process.clocks.mult, 2 << SHIFT);
		put32(set, process.clocks.shift, SHIFT);
		put64(set, process.clocks.cycle_last, set ? 5990 : 5000);
	}
	shim_tsc = 6000;
	for (s32 id = 0; id < PROGRAM_NCLOCKS; id++) {
		put_base(0, id, 100 + (u64)id, (u64)id << SHIFT);
		put_base(1, id, 200 + (u64)id, (u64)id << SHIFT);
	}
	put_base(0, COARSE_REALTIME, 105, 55);
	put_base(0, COARSE_MONOTONIC, 106, 66);
	put32(0, process.clocks.res, 1);
	copies = 0;
	on_seq = NULL;
}

static void check_time(s32 id, u64 sec, u64 nsec)
{
	struct clock_time time;

	CHECK(clock_read(id, &time));
	CHECK_EQ(time.sec, sec);
	CHECK_EQ(time.nsec, nsec);
}

static void each_clock(void)
{
	setup();
	check_time(REALTIME, 100, 2000);
	check_time(MONOTONIC, 101, 2001);
	check_time(BOOTTIME, 107, 2007);
	check_time(TAI, 111, 2011);
	check_time(CLOCK_MONOTONIC_RAW, 204, 24);
	check_time(COARSE_REALTIME, 105, 55);
	check_time(COARSE_MONOTONIC, 106, 66);
}

static void whole_seconds(void)
{
	setup();
	put_base(0, MONOTONIC, 101, (SECOND - 2000) << SHIFT);
	check_time(MONOTONIC, 102, 0);
	shim_tsc--;
	check_time(MONOTONIC, 101, SECOND - 2);
	shim_tsc += 5 * SECOND / 2 + 1;
	check_time(MONOTONIC, 107, 0);
}

static void other_clocks(void)
{
	static const s32 others[] = { -1, -6, 2, 3, ALARM, 9, 10, PROGRAM_NCLOCKS, 31, 32, 33,
				      0x7fffffff, (s32)0x80000000 };
	struct clock_time time;
	u64 ns;

	setup();
	for (u32 i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(!clock_read(others[i], &time));
		CHECK(!clock_resolution(others[i], &ns));
	}
	CHECK_EQ(copies, 0);
}

/* Linux comes in between the two looks at the count, once. */
static void change_once(void)
{
	if (copies < 2)
		return;
	on_seq = NULL;
	put32(0, process.clocks.seq, 8);
	put64(0, process.clocks.cycle_last, 6000);
	put_base(0, MONOTONIC, 101, 3000ULL << SHIFT);
}

static void is_changed(void)
{
	setup();
	on_seq = change_once;
	check_time(MONOTONIC, 101, 3000);
	CHECK(!on_seq);
}

static void change_always(void)
{
	u32 seq;

	memcpy(&seq, field(0, process.clocks.seq), sizeof(seq));
	put32(0, process.clocks.seq, seq + 2);
}

/* Neither is waited for without end. */
static void never_at_rest(void)
{
	struct clock_time time;

	setup();
	put32(0, process.clocks.seq, 7);
	CHECK(!clock_read(MONOTONIC, &time));
	CHECK(!clock_read(COARSE_MONOTONIC, &time));
	setup();
	on_seq = change_always;
	CHECK(!clock_read(MONOTONIC, &time));
	CHECK(copies <= LOADS * TRIES);
}

/* In a time namespace the first page has a count of 1, for good, and a mode of its own. */
static void not_the_tsc(void)
{
	struct clock_time time;
	u64 ns;

	for (u32 mode = 0; mode < 6; mode++) {
		bool is_tsc = mode == (u32)process.clocks.tsc_mode;

		setup();
		put32(0, process.clocks.mode, mode);
		CHECK_EQ(clock_read(MONOTONIC, &time), is_tsc);
		CHECK_EQ(clock_read(COARSE_MONOTONIC, &time), is_tsc);
		CHECK_EQ(clock_resolution(MONOTONIC, &ns), is_tsc);
		put32(0, process.clocks.seq, 1);
		copies = 0;
		CHECK(!clock_read(MONOTONIC, &time));
		CHECK(is_tsc || copies <= LOADS);
	}
}

/* Shifts that C does not know, pages that are not there, and a program without any. */
static void no_pages(void)
{
	const struct process whole = process;
	struct clock_time time;
	u64 ns;

	setup();
	put32(0, process.clocks.shift, 64);
	CHECK(clock_read(MONOTONIC, &time));
	put32(0, process.clocks.shift, ~0U);
	CHECK(clock_read(MONOTONIC, &time));
	process.clocks_at = PAGES + PAGES_LEN;
	CHECK(!clock_read(MONOTONIC, &time));
	CHECK(!clock_resolution(MONOTONIC, &ns));
	process.clocks = (struct program_clocks){ .len = 0 };
	copies = 0;
	CHECK(!clock_read(MONOTONIC, &time));
	CHECK(!clock_resolution(MONOTONIC, &ns));
	CHECK_EQ(copies, 0);
	process = whole;
}

static void resolutions(void)
{
	u64 ns;

	setup();
	CHECK(clock_resolution(CLOCK_MONOTONIC_RAW, &ns));
	CHECK_EQ(ns, 1);
	CHECK(clock_resolution(TAI, &ns));
	CHECK_EQ(ns, 1);
	CHECK(clock_resolution(COARSE_REALTIME, &ns));
	CHECK_EQ(ns, 4000000);
}

static const struct unit_test tests[] = {
	UNIT_TEST(each_clock),
	UNIT_TEST(whole_seconds),
	UNIT_TEST(other_clocks),
	UNIT_TEST(is_changed),
	UNIT_TEST(never_at_rest),
	UNIT_TEST(not_the_tsc),
	UNIT_TEST(no_pages),
	UNIT_TEST(resolutions),
};

UNIT_MAIN(tests)
