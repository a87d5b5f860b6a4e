// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits: other processes may look at them and change them at any time, also while Linux does its
 * half of a memory call and does not come back.
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

static const struct unit_test tests[] = {
	UNIT_TEST(are_free_while_linux_maps),
};

UNIT_MAIN(tests)
