// SPDX-License-Identifier: GPL-2.0-only
/* Small arguments: what goes into the slot, what comes out of it, and what does not. */
#include <errno.h>

#include "lwk/include/config.h"
#include "lwk/sys/small.h"
#include "tests/unit/process_fixture.h"

#define LEN (4 * PAGE_LEN)

static vaddr_t area; /* pages: written, written, read-only, gone */
static struct small small;

static void init(void)
{
	const struct vm_map_args map = {
		.len = LEN, .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE | MAP_ANONYMOUS,
	};

	fixture_run();
	CHECK_EQ(vm_map(task_current()->process->vm, &map, &area), 0);
	for (u64 at = 0; at < LEN; at += 8)
		CHECK_EQ(copy_to_user(area + at, "abcdefg", 8), 0);
	CHECK_EQ(vm_protect(task_current()->process->vm, area + 2 * PAGE_LEN, PAGE_LEN,
			    PROT_READ), 0);
	CHECK_EQ(vm_unmap(task_current()->process->vm, area + 3 * PAGE_LEN, PAGE_LEN), 0);
}

static u64 mark_of(u64 nr, u64 arg0, u64 arg1, u64 arg2)
{
	const u64 args[6] = { arg0, arg1, arg2 };

	if (!small_is_due(nr))
		return 0;
	small_pack(nr, args, &small);
	return small.mark;
}

static u64 mark(u64 arg, u64 place, u64 in, u64 all)
{
	return (1 + place) << 8 * arg | in << 8 * OFFLOAD_SMALL_IN | all << 8 * OFFLOAD_SMALL_ALL;
}

static void what_is_read_goes_along(void)
{
	const u8 *data;

	init();
	data = task_current()->slot->data;
	CHECK_EQ(mark_of(SYSCALL_write, 1, area + 8, 11), mark(1, 0, 1, 1));
	CHECK(!memcmp(data, "abcdefg\0abc", 11));
	CHECK_EQ(mark_of(SYSCALL_write, 1, area, 0), 0);
	CHECK_EQ(mark_of(SYSCALL_write, 1, area, OFFLOAD_DATA_LEN + 1), 0);
	CHECK_EQ(mark_of(SYSCALL_write, 1, area, ~0ULL), 0);
	/* As O_DIRECT may have it. */
	CHECK_EQ(mark_of(SYSCALL_write, 1, area, 512), 0);
	/* Not there, or not all of it. */
	CHECK_EQ(mark_of(SYSCALL_write, 1, area + 3 * PAGE_LEN - 1, 2), 0);
	CHECK_EQ(mark_of(SYSCALL_write, 1, area + 3 * PAGE_LEN - 1, 1), mark(1, 0, 1, 1));
	CHECK_EQ(mark_of(SYSCALL_write, 1, 0, 1), 0);
	CHECK_EQ(mark_of(SYSCALL_getpid, 1, area, 1), 0);
	fixture_stop();
}

static void paths(void)
{
	char path[OFFLOAD_SMALL_ROOM];

	init();
	CHECK_EQ(mark_of(SYSCALL_open, area, 0, 0), mark(0, 0, 1, 1));
	/* The longest, one that is longer, one that goes on in the next page. */
	memset(path, 'x', sizeof(path));
	CHECK_EQ(copy_to_user(area + 7, path, 249), 0);
	CHECK_EQ(mark_of(SYSCALL_open, area + 8, 0, 0), mark(0, 0, 16, 16));
	CHECK_EQ(mark_of(SYSCALL_open, area + 7, 0, 0), 0);
	CHECK_EQ(copy_to_user(area + PAGE_LEN - 8, path, 8), 0);
	CHECK_EQ(mark_of(SYSCALL_open, area + PAGE_LEN - 8, 0, 0), 0);
	CHECK_EQ(mark_of(SYSCALL_open, area + 3 * PAGE_LEN, 0, 0), 0);
	/* Two of them, of which one cannot be had. */
	CHECK_EQ(mark_of(SYSCALL_rename, area + 3 * PAGE_LEN, area + 3 * PAGE_LEN - 8, 0),
		 mark(1, 0, 1, 1));
	fixture_stop();
}

static void what_is_written_comes_back(void)
{
	char got[16];
	u8 *data;

	init();
	data = task_current()->slot->data;
	CHECK_EQ(mark_of(SYSCALL_read, 0, area + 4, 9), mark(1, 0, 0, 1));
	memset(data, 'z', OFFLOAD_DATA_LEN);
	/* Only so much as the result says, and only so much as there is room. */
	CHECK_EQ(small_unpack(&small, 2), 2);
	CHECK_EQ(copy_from_user(got, area, sizeof(got)), 0);
	CHECK(!memcmp(got, "abcdzzg\0abcdefg\0", sizeof(got)));
	CHECK_EQ(small_unpack(&small, 1LL << 62), 1LL << 62);
	CHECK_EQ(copy_from_user(got, area, sizeof(got)), 0);
	CHECK(!memcmp(got, "abcdzzzzzzzzzfg\0", sizeof(got)));
	CHECK_EQ(mark_of(SYSCALL_pipe, area, 0, 0), mark(0, 0, 0, 1));
	memset(data, 'y', OFFLOAD_DATA_LEN);
	CHECK_EQ(small_unpack(&small, -EMFILE), -EMFILE);
	CHECK_EQ(copy_from_user(got, area, sizeof(got)), 0);
	CHECK(!memcmp(got, "abcd", 4));
	CHECK_EQ(small_unpack(&small, 0), 0);
	CHECK_EQ(copy_from_user(got, area, sizeof(got)), 0);
	CHECK(!memcmp(got, "yyyyyyyyzz", 10));
	fixture_stop();
}

static void what_cannot_be_written_is_left(void)
{
	init();
	CHECK_EQ(mark_of(SYSCALL_read, 0, area + 2 * PAGE_LEN, 8), 0);
	CHECK_EQ(mark_of(SYSCALL_read, 0, area + 2 * PAGE_LEN - 4, 8), 0);
	CHECK_EQ(mark_of(SYSCALL_read, 0, area + 3 * PAGE_LEN, 8), 0);
	CHECK_EQ(mark_of(SYSCALL_pipe, 0, 0, 0), 0);
	CHECK_EQ(small_unpack(&small, 5), 5);
	/* The path goes along all the same. */
	CHECK_EQ(mark_of(SYSCALL_stat, area, area + 2 * PAGE_LEN, 0), mark(0, 0, 1, 1));
	/* It was unmapped while the call was made. */
	CHECK_EQ(mark_of(SYSCALL_read, 0, area, 8), mark(1, 0, 0, 1));
	CHECK_EQ(vm_unmap(task_current()->process->vm, area, PAGE_LEN), 0);
	CHECK_EQ(small_unpack(&small, 8), -EFAULT);
	fixture_stop();
}

static void less_room_than_given(void)
{
	init();
	CHECK_EQ(mark_of(SYSCALL_getcwd, area, PAGE_LEN, 0), mark(0, 0, 0, 16));
	CHECK(small_is_short(&small, -ERANGE));
	CHECK(small_is_short(&small, OFFLOAD_SMALL_ROOM));
	CHECK(!small_is_short(&small, OFFLOAD_SMALL_ROOM - 1));
	CHECK(!small_is_short(&small, -ENOENT));
	CHECK_EQ(mark_of(SYSCALL_getcwd, area, OFFLOAD_SMALL_ROOM, 0), mark(0, 0, 0, 16));
	CHECK(!small_is_short(&small, -ERANGE));
	/* What Linux takes for another number goes there as it is. */
	CHECK_EQ(mark_of(SYSCALL_readlink, area, area + PAGE_LEN, 0x7fffffff), mark(0, 0, 1, 17) |
		 mark(1, 1, 0, 0));
	CHECK_EQ(mark_of(SYSCALL_readlink, area, area + PAGE_LEN, 0x80000000), mark(0, 0, 1, 1));
	CHECK_EQ(mark_of(SYSCALL_readlink, area, area + PAGE_LEN, ~0ULL), mark(0, 0, 1, 1));
	CHECK(!small_is_short(&small, -ERANGE));
	fixture_stop();
}

static void only_the_first_calls(void)
{
	init();
	for (u32 i = 0; i < SMALL_CALLS; i++)
		CHECK_EQ(mark_of(SYSCALL_write, 1, area, 1), mark(1, 0, 1, 1));
	CHECK_EQ(mark_of(SYSCALL_write, 1, area, 1), 0);
	fixture_stop();
}

static void calls_without_count(void)
{
	init();
	for (u32 i = 0; i < SMALL_CALLS; i++)
		CHECK_EQ(mark_of(SYSCALL_write, 1, area, PAGE_LEN), 0);
	CHECK(!small_is_due(SYSCALL_write));
	CHECK_EQ(mark_of(SYSCALL_write, 1, area, 1), 0);
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(what_is_read_goes_along),
	UNIT_TEST(paths),
	UNIT_TEST(what_is_written_comes_back),
	UNIT_TEST(what_cannot_be_written_is_left),
	UNIT_TEST(less_room_than_given),
	UNIT_TEST(only_the_first_calls),
	UNIT_TEST(calls_without_count),
};

UNIT_MAIN(tests)
