// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying between two processes: what is the LWK's to do and what Linux's, how far a copy comes,
 * and how long Linux's permission lasts.
 */
#include "lwk/sys/process_vm.h"

#include <errno.h>

#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/reach.h"
#include "lwk/proc/internal.h"
#include "lwk/sys/iovec.h"
#include "tests/unit/process_fixture.h"

#define CALLER 1000
#define OTHER 2000
#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)

static struct thread *caller, *other;
static s64 judgement;
static vaddr_t vectors, buffer, theirs;

static s64 answer(struct offload_slot *slot)
{
	if (slot->nr != OFFLOAD_NR_TRACE_MAY)
		return 0;
	CHECK_EQ(slot->args[0], OFFLOAD_MAY_ATTACH);
	return judgement ? judgement : (s64)slot->args[1];
}

static vaddr_t map(struct vm *vm, u64 len)
{
	const struct vm_map_args args = {
		.len = len, .prot = RW, .flags = MAP_PRIVATE | MAP_ANONYMOUS,
	};
	vaddr_t addr;

	CHECK_EQ(vm_map(vm, &args, &addr), 0);
	return addr;
}

static struct vm *vm_of(struct thread *thread)
{
	return container_of(thread, struct task, thread)->process->vm;
}

static void make_other(void)
{
	other = fixture_other(OTHER);
	theirs = map(vm_of(other), P(8));
}

/* It is in user mode for the first time. */
static void begins(struct thread *thread)
{
	struct process *process = container_of(thread, struct task, thread)->process;

	kfree(process->start);
	process->start = NULL;
}

static void begin_other(void)
{
	make_other();
	begins(other);
}

static void begin(void)
{
	fixture_run();
	caller = current_thread;
	task_current()->vtid = CALLER;
	task_current()->process->vpid = CALLER;
	begins(caller);
	begin_other();
	vectors = map(vm_of(caller), P(8));
	buffer = map(vm_of(caller), P(8));
	linux_answer = answer;
	judgement = 0;
	nheard = 0;
}

static void end_process(struct thread *thread, u32 pid)
{
	const struct msg_process msg = { .pid = pid };
	struct ikc_channel chan = { .cpu = 0 };

	CHECK_EQ(process_cleanup(&msg, &chan, 1), 0);
	current_thread = NULL;
	thread->ended(thread);
	current_thread = caller;
}

static void end(void)
{
	end_process(other, OTHER);
	end_process(caller, CALLER);
	current_thread = NULL;
	linux_answer = NULL;
	fixture_end();
}

/* The call's arguments, with vectors in the caller's memory. */
struct call {
	u32 pid;
	struct iovec local[IOVEC_MAX];
	u64 nlocal;
	struct iovec remote[IOVEC_MAX];
	u64 nremote;
	u64 flags;
};

static struct call call;

static void prepare(vaddr_t local, u64 local_len, vaddr_t remote, u64 remote_len)
{
	call = (struct call){ .pid = OTHER, .nlocal = 1, .nremote = 1 };
	call.local[0] = (struct iovec){ local, local_len };
	call.remote[0] = (struct iovec){ remote, remote_len };
}

/* Return: its result; -EXDEV: it is Linux's. */
static s64 make(bool write)
{
	const u64 args[6] = {
		call.pid, vectors, call.nlocal, vectors + P(4), call.nremote, call.flags,
	};
	s64 ret = 0;

	if (call.nlocal <= IOVEC_MAX)
		CHECK_EQ(copy_to_user(vectors, call.local, call.nlocal * sizeof(call.local[0])), 0);
	if (call.nremote <= IOVEC_MAX)
		CHECK_EQ(copy_to_user(vectors + P(4), call.remote,
				      call.nremote * sizeof(call.remote[0])), 0);
	return process_vm_copy(args, write, &ret) ? ret : -EXDEV;
}

/* Memory of one of the two. */
static void put(struct thread *whose, vaddr_t addr, const char *text)
{
	current_thread = whose;
	CHECK_EQ(copy_to_user(addr, text, strlen(text) + 1), 0);
	current_thread = caller;
}

static bool has(struct thread *whose, vaddr_t addr, const char *text)
{
	char found[32];

	current_thread = whose;
	CHECK_EQ(copy_from_user(found, addr, strlen(text) + 1), 0);
	current_thread = caller;
	return !strcmp(found, text);
}

static void reads_and_writes(void)
{
	begin();
	put(other, theirs + P(1) - 2, "theirs");
	prepare(buffer + P(2) - 3, 7, theirs + P(1) - 2, 100);
	CHECK_EQ(make(false), 7);
	CHECK(has(caller, buffer + P(2) - 3, "theirs"));
	put(caller, buffer, "mine");
	prepare(buffer, 5, theirs + P(3) - 1, 100);
	CHECK_EQ(make(true), 5);
	CHECK(has(other, theirs + P(3) - 1, "mine"));
	/* Its own process, and Linux is not asked. */
	nheard = 0;
	prepare(buffer + P(5), 5, buffer, 5);
	call.pid = CALLER;
	CHECK_EQ(make(false), 5);
	CHECK(has(caller, buffer + P(5), "mine"));
	CHECK_EQ(nheard, 0);
	end();
}

static void vectors_need_not_match(void)
{
	begin();
	put(other, theirs, "abcdefghij");
	prepare(0, 0, 0, 0);
	for (u64 i = 0; i < 10; i++)
		call.local[2 * i + 1] = (struct iovec){ buffer + 9 - i, 1 };
	call.nlocal = 20;
	call.remote[1] = (struct iovec){ theirs, 4 };
	call.remote[2] = (struct iovec){ theirs + 4, 7 };
	call.nremote = IOVEC_MAX;
	CHECK_EQ(make(false), 10);
	put(caller, buffer + 10, "");
	CHECK(has(caller, buffer, "jihgfedcba"));
	end();
}

static void comes_as_far_as_it_can(void)
{
	begin();
	CHECK_EQ(vm_unmap(vm_of(other), theirs + P(2), P(1)), 0);
	CHECK_EQ(vm_protect(vm_of(other), theirs + P(4), P(1), PROT_READ), 0);
	CHECK_EQ(vm_unmap(vm_of(caller), buffer + P(5), P(1)), 0);
	prepare(buffer, P(4), theirs + 1, P(4));
	CHECK_EQ(make(false), P(2) - 1);
	prepare(buffer, P(4), theirs + P(2), P(4));
	CHECK_EQ(make(false), -EFAULT);
	prepare(buffer, P(4), theirs + P(3), P(4));
	CHECK_EQ(make(true), P(1));
	CHECK_EQ(make(false), P(4));
	/* The caller's own end. */
	prepare(buffer + P(5) - 10, P(1), theirs, P(2));
	CHECK_EQ(make(false), 10);
	CHECK_EQ(make(true), 10);
	prepare(buffer + P(5), P(1), theirs, P(2));
	CHECK_EQ(make(false), -EFAULT);
	CHECK_EQ(make(true), -EFAULT);
	end();
}

static void what_is_not_plain_is_linuxs(void)
{
	begin();
	prepare(buffer, 8, theirs, 8);
	call.flags = 1;
	CHECK_EQ(make(false), -EXDEV);
	prepare(buffer, 8, theirs, 8);
	call.nlocal = IOVEC_MAX + 1;
	CHECK_EQ(make(false), -EXDEV);
	prepare(buffer, 8, theirs, 8);
	call.nremote = 0;
	CHECK_EQ(make(false), -EXDEV);
	prepare(buffer, 0, theirs, 8);
	CHECK_EQ(make(false), -EXDEV);
	prepare(buffer, 8, theirs, ~0ULL);
	CHECK_EQ(make(false), -EXDEV);
	prepare(buffer, 8, LWK_USER_END - 4, 8);
	CHECK_EQ(make(false), -EXDEV);
	for (u32 i = 0; i < 2; i++) {
		prepare(buffer, 8, theirs, 8);
		call.pid = i ? 4711 : 0;
		CHECK_EQ(make(false), -EXDEV);
	}
	CHECK_EQ(nheard, 0);
	end();
}

/* Make the call; @asked: is Linux asked who may? */
static void expect_asked(s64 result, bool asked)
{
	nheard = 0;
	prepare(buffer, 8, theirs, 8);
	CHECK_EQ(make(false), result);
	CHECK_EQ(nheard > 0, asked);
}

static void permission_lasts(void)
{
	begin();
	expect_asked(8, true);
	expect_asked(8, false);
	process_new_standing(container_of(other, struct task, thread)->process);
	expect_asked(8, true);
	expect_asked(8, false);
	process_new_standing(container_of(caller, struct task, thread)->process);
	judgement = -EPERM;
	expect_asked(-EXDEV, true);
	/* A no is not remembered. */
	judgement = 0;
	expect_asked(8, true);
	expect_asked(8, false);
	/* Another program of the same id. */
	end_process(other, OTHER);
	expect_asked(-EXDEV, false);
	begin_other();
	expect_asked(8, true);
	end();
}

/* What one process does to memory that it has in common, it does for all. */
static void permission_is_for_the_space(void)
{
	struct process *sharer;

	begin();
	expect_asked(8, true);
	sharer = process_alloc(container_of(other, struct task, thread)->process->space, NULL);
	CHECK(sharer);
	expect_asked(8, true);
	expect_asked(8, false);
	process_new_standing(sharer);
	expect_asked(8, true);
	expect_asked(8, false);
	process_put(sharer);
	expect_asked(8, false);
	end();
}

static void what_executes_is_linuxs(void)
{
	struct process *process;

	begin();
	expect_asked(8, true);
	process = container_of(other, struct task, thread)->process;
	process->nexecuting = 1;
	expect_asked(-EXDEV, false);
	process->nexecuting = 0;
	expect_asked(8, false);
	process->exiting = true;
	expect_asked(-EXDEV, false);
	end();
}

/* What others left may be in its memory still. */
static void what_has_not_begun_is_linuxs(void)
{
	begin();
	end_process(other, OTHER);
	make_other();
	expect_asked(-EXDEV, false);
	begins(other);
	expect_asked(8, true);
	end();
}

/* Between Linux's answers the process becomes another. */
static s64 replace(struct offload_slot *slot)
{
	process_new_standing(container_of(other, struct task, thread)->process);
	return answer(slot);
}

static void whom_linux_has_not_judged_it_does_not_reach(void)
{
	begin();
	linux_answer = replace;
	expect_asked(-EXDEV, true);
	linux_answer = answer;
	expect_asked(8, true);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(reads_and_writes),
	UNIT_TEST(vectors_need_not_match),
	UNIT_TEST(comes_as_far_as_it_can),
	UNIT_TEST(what_is_not_plain_is_linuxs),
	UNIT_TEST(permission_lasts),
	UNIT_TEST(permission_is_for_the_space),
	UNIT_TEST(what_executes_is_linuxs),
	UNIT_TEST(what_has_not_begun_is_linuxs),
	UNIT_TEST(whom_linux_has_not_judged_it_does_not_reach),
};

UNIT_MAIN(tests)
