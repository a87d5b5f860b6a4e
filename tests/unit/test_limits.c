// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits: other processes may look at them and change them at any time, also while Linux does its
 * half of a memory call and does not come back, while they end, or when their first thread has.
 */
#include <errno.h>

#include "lwk/include/mm/vm_mman.h"
#include "tests/unit/process_fixture.h"

#define RLIMIT_AS 9
#define RW (PROT_READ | PROT_WRITE)

static vaddr_t at;
static u32 looks;

/* What another process does, it has to find the same locks free for. */
static s64 answer(struct offload_slot *slot)
{
	const u64 args[6] = { RLIMIT_AS, at };

	if (slot->nr != SYSCALL_mmap)
		return 0;
	CHECK_EQ(sys_getrlimit(args), 0);
	looks++;
	return (s64)slot->args[0];
}

static vaddr_t map(u64 flags, u64 fd)
{
	const struct memory_map_args args = { 0, PAGE_LEN, RW, MAP_PRIVATE | flags, fd, 0 };
	s64 ret = memory_map(&args);

	CHECK(ret > 0);
	return (vaddr_t)ret;
}

static void are_free_while_linux_maps(void)
{
	struct program_rlimit seen;
	struct process *process;
	struct vm *vm;

	vm = fixture_run()->vm;
	process = task_current()->process;
	at = map(MAP_ANONYMOUS, ~0ULL);
	linux_answer = answer;
	looks = 0;
	map(0, 5);
	CHECK_EQ(looks, 1);
	CHECK_EQ(copy_from_user(&seen, at, sizeof(seen)), 0);
	CHECK_EQ(seen.cur, process->rlimits[RLIMIT_AS].cur);
	CHECK_EQ(seen.max, process->rlimits[RLIMIT_AS].max);
	vm_check(vm);
	fixture_stop();
}

#define OTHER 2000

static struct thread *other;

static void begin_other(void)
{
	other = fixture_other(OTHER);
}

static void end_other(void)
{
	const struct msg_process msg = { .pid = OTHER };
	struct ikc_channel chan = { .cpu = 0 };
	struct thread *self = current_thread;

	CHECK_EQ(process_cleanup(&msg, &chan, 1), 0);
	current_thread = NULL;
	other->ended(other);
	current_thread = self;
}

/* Linux, who is asked whether it may be, and then for all of it. */
static s64 answer_after_end(struct offload_slot *slot)
{
	if (slot->nr != SYSCALL_prlimit64)
		return 0;
	CHECK_EQ(slot->args[0], OTHER);
	CHECK_EQ(slot->args[3], looks ? at : 0);
	if (!looks++)
		end_other();
	return 0;
}

static void of_one_that_has_ended_are_linuxs(void)
{
	u64 args[6] = { OTHER, RLIMIT_AS };

	fixture_run();
	task_current()->process->vpid = 1000;
	begin_other();
	at = map(MAP_ANONYMOUS, ~0ULL);
	linux_answer = answer_after_end;
	looks = 0;
	args[3] = at;
	CHECK_EQ(sys_prlimit64(args), 0);
	CHECK_EQ(looks, 2);
	fixture_stop();
}

/* Linux, who is asked whether it may be, and for no more. */
static s64 answer_permit(struct offload_slot *slot)
{
	if (slot->nr != SYSCALL_prlimit64)
		return 0;
	CHECK(!slot->args[2] && !slot->args[3]);
	looks++;
	return 0;
}

static void of_one_without_first_thread(void)
{
	const struct program_rlimit limit = { 1ULL << 32, 1ULL << 33 };
	u64 args[6] = { OTHER, RLIMIT_AS };
	struct program_rlimit seen;

	fixture_run();
	task_current()->process->vpid = 1000;
	begin_other();
	/* The one that is left. */
	fixture_task(OTHER)->vtid = OTHER + 1;
	at = map(MAP_ANONYMOUS, ~0ULL);
	linux_answer = answer_permit;
	looks = 0;
	CHECK_EQ(copy_to_user(at, &limit, sizeof(limit)), 0);
	args[2] = at;
	CHECK_EQ(sys_prlimit64(args), 0);
	args[2] = 0;
	args[3] = at;
	CHECK_EQ(copy_to_user(at, &(struct program_rlimit){ 0 }, sizeof(limit)), 0);
	CHECK_EQ(sys_prlimit64(args), 0);
	CHECK_EQ(copy_from_user(&seen, at, sizeof(seen)), 0);
	CHECK(seen.cur == limit.cur && seen.max == limit.max);
	CHECK_EQ(looks, 2);
	end_other();
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(are_free_while_linux_maps),
	UNIT_TEST(of_one_that_has_ended_are_linuxs),
	UNIT_TEST(of_one_without_first_thread),
};

UNIT_MAIN(tests)
