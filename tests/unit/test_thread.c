// SPDX-License-Identifier: GPL-2.0-only
/* Threads: made, not made, ended; flags of clone(2); robust lists. */
#include <errno.h>

#include "lwk/proc/futex_internal.h"
#include "lwk/proc/internal.h"
#include "tests/unit/process_fixture.h"

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

#define TID 1001
#define VTID 51

static s64 answer; /* to OFFLOAD_NR_THREAD */
static paddr_t slot_asked;

static s64 make_twin(struct offload_slot *slot)
{
	if (slot->nr != OFFLOAD_NR_THREAD)
		return 0;
	slot_asked = slot->args[0];
	return answer;
}

static s64 clone_thread(u64 flags)
{
	const struct process_fork_args args = { .flags = flags };

	nheard = 0;
	linux_answer = make_twin;
	return process_clone(&args);
}

static struct task *last_task(const struct process *process)
{
	return list_entry(process->tasks.prev, struct task, link);
}

static int found(struct task *task, void *ctx)
{
	*(struct task **)ctx = task;
	return 0;
}

static void made(void)
{
	struct process *process = fixture_run();
	u32 started = starts;
	struct task *task = NULL;

	answer = (s64)VTID << 32 | TID;
	CHECK_EQ(clone_thread(THREAD), VTID);
	CHECK_EQ(starts, started + 1);
	CHECK_EQ(process->ntasks, 2);
	CHECK_EQ(task_with(process->pid, TID, found, &task), 0);
	CHECK(task == last_task(process) && task->fresh && task->thread.attention);
	CHECK_EQ(task->vtid, VTID);
	CHECK_EQ(slot_asked, page_paddr(task->slot_page));
	CHECK_EQ(heard[0].args[1], CLONE_FS | CLONE_FILES | CLONE_SYSVSEM);
	/* Its end. */
	task->thread.ended(&task->thread);
	CHECK_EQ(process->ntasks, 1);
	CHECK_EQ(process->nlive, 1);
	CHECK_EQ(task_with(process->pid, TID, found, &task), -ESRCH);
	fixture_stop();
}

/* What of the flags is for Linux, with what belongs to them. */
static void asked_of_linux(void)
{
	const u64 wanted = CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_NEWNS | CLONE_NEWNET;
	const struct process_fork_args args = {
		.flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_PTRACE | wanted |
			 SIGCHLD | CLONE_FORK_NEWTIME,
		.pidfd = 0x1000,
		.cgroup = 7,
	};
	struct process *process = fixture_run();

	nheard = 0;
	linux_answer = make_twin;
	answer = (s64)VTID << 32 | TID;
	CHECK_EQ(process_clone(&args), VTID);
	CHECK_EQ(heard[0].nr, OFFLOAD_NR_THREAD);
	CHECK_EQ(heard[0].args[1], wanted | CLONE_NEWTIME);
	CHECK_EQ(heard[0].args[2], 0x1000);
	CHECK_EQ(heard[0].args[3], 7);
	last_task(process)->thread.ended(&last_task(process)->thread);
	fixture_stop();
}

static u32 sleeps;

/* Woken for nothing, twice; then the new thread ends. */
static void end_at_last(void)
{
	struct thread *thread = &last_task(task_current()->process)->thread;

	CHECK(task_current()->awaited == last_task(task_current()->process));
	if (++sleeps == 3)
		thread->ended(thread);
}

static void lose_proxy(void)
{
	sleeps++;
	task_current()->process->state = PROCESS_GONE;
}

/* CLONE_VFORK: the creator waits until the new thread, or its own proxy, has ended. */
static void waited_for(void)
{
	struct process *process = fixture_run();
	u32 woken;

	answer = (s64)VTID << 32 | TID;
	sleeps = 0;
	woken = wakes;
	asleep = end_at_last;
	CHECK_EQ(clone_thread(THREAD | CLONE_VFORK), VTID);
	CHECK_EQ(sleeps, 3);
	CHECK_EQ(wakes, woken + 1);
	CHECK_EQ(process->ntasks, 1);
	asleep = lose_proxy;
	CHECK_EQ(clone_thread(THREAD | CLONE_VFORK), VTID);
	CHECK_EQ(sleeps, 4);
	process->state = PROCESS_RUNNING;
	asleep = NULL;
	CHECK(last_task(process)->awaiter == task_current());
	last_task(process)->thread.ended(&last_task(process)->thread);
	CHECK(!task_current()->awaited);
	fixture_stop();
}

static void refused_by_linux(void)
{
	struct process *process = fixture_run();
	u32 started = starts;

	answer = -EAGAIN;
	CHECK_EQ(clone_thread(THREAD), -EAGAIN);
	CHECK_EQ(starts, started);
	CHECK_EQ(process->ntasks, 1);
	CHECK_EQ(process->nlive, 1);
	fixture_stop();
}

/* What several tasks wait for is in a table of their address space. */
static void own_table(void)
{
	struct process *process = fixture_run();
	struct futex_key alone, beside;

	answer = (s64)VTID << 32 | TID;
	CHECK_EQ(futex_key(0x1000, false, &alone), 0);
	CHECK(!process->space->futexes);
	CHECK_EQ(clone_thread(THREAD), VTID);
	CHECK_EQ(futex_key(0x1000, false, &beside), 0);
	CHECK(beside.table == process->space->futexes && beside.table != alone.table);
	last_task(process)->thread.ended(&last_task(process)->thread);
	fixture_stop();
}

static void every_allocation_fails(void)
{
	struct process *process = fixture_run();
	bool failed;

	answer = (s64)VTID << 32 | TID;
	for (u64 n = 0;; n++) {
		s64 ret;

		shim_fail_nth(n);
		ret = clone_thread(THREAD);
		failed = shim_failed();
		if (!failed)
			break;
		CHECK(ret == -EAGAIN || ret == -ENOMEM);
		CHECK_EQ(nheard, 0);
		CHECK_EQ(process->ntasks, 1);
	}
	last_task(process)->thread.ended(&last_task(process)->thread);
	fixture_stop();
}

static void flags(void)
{
	static const u64 invalid[] = {
		CLONE_THREAD,
		CLONE_SIGHAND,
		CLONE_THREAD | CLONE_SIGHAND,
		CLONE_THREAD | CLONE_VM,
		CLONE_FS | CLONE_NEWNS,
		CLONE_FS | CLONE_NEWUSER,
		THREAD | CLONE_NEWPID,
		THREAD | CLONE_NEWUSER,
		THREAD | CLONE_NEWNS,
		THREAD | CLONE_NEWIPC,
		THREAD | CLONE_PIDFD | CLONE_DETACHED,
	};
	const struct process_fork_args bad_tls = {
		.flags = THREAD | CLONE_SETTLS,
		.tls = 1ULL << 63,
	};

	fixture_run();
	for (u32 i = 0; i < ARRAY_SIZE(invalid); i++) {
		CHECK_EQ(clone_thread(invalid[i]), -EINVAL);
		CHECK_EQ(nheard, 0);
	}
	CHECK_EQ(process_clone(&bad_tls), -EPERM);
	fixture_stop();
}

/* A page of the program: a head, entries of two words, each with its futex behind them. */
#define HEAD 0
#define ENTRY(i) (64 + 32 * (i))
#define FUTEX_OFFSET 16

static vaddr_t page;

static void put_word(u64 offset, u64 word)
{
	CHECK(!copy_to_user(page + offset, &word, sizeof(word)));
}

static u32 futex_of(u32 i)
{
	u32 word;

	CHECK(!copy_from_user(&word, page + ENTRY(i) + FUTEX_OFFSET, sizeof(word)));
	return word;
}

/* @n locks in a list, each with the word @word. */
static void put_list(u32 n, u32 word, u64 pending)
{
	page = ALIGN_DOWN(task_current()->process->start->plan.stack_top - 1, PAGE_LEN);
	put_word(HEAD, page + (n ? ENTRY(0) : HEAD));
	put_word(HEAD + 8, FUTEX_OFFSET);
	put_word(HEAD + 16, pending);
	for (u32 i = 0; i < n; i++) {
		put_word(ENTRY(i), page + (i + 1 < n ? ENTRY(i + 1) : HEAD));
		put_word(ENTRY(i) + FUTEX_OFFSET, word);
	}
	task_current()->robust_list = page + HEAD;
}

static void robust_locks(void)
{
	u32 own;

	fixture_run();
	own = task_current()->vtid;
	put_list(3, own, 0);
	put_word(ENTRY(1) + FUTEX_OFFSET, own | 0x80000000);
	put_word(ENTRY(2) + FUTEX_OFFSET, own + 1);
	robust_list_exit();
	CHECK_EQ(futex_of(0), 0x40000000);
	CHECK_EQ(futex_of(1), 0xc0000000);
	CHECK_EQ(futex_of(2), own + 1);
	CHECK_EQ(task_current()->robust_list, 0);
	fixture_stop();
}

static void robust_pending(void)
{
	u32 own;

	fixture_run();
	own = task_current()->vtid;
	put_list(1, own, 0);
	put_word(HEAD + 16, page + ENTRY(2));
	put_word(ENTRY(2) + FUTEX_OFFSET, own);
	robust_list_exit();
	CHECK_EQ(futex_of(0), 0x40000000);
	CHECK_EQ(futex_of(2), 0x40000000);
	fixture_stop();
}

static void robust_pi(void)
{
	u32 own;

	fixture_run();
	own = task_current()->vtid;
	put_list(1, own, 0);
	put_word(HEAD, (page + ENTRY(0)) | 1);
	robust_list_exit();
	CHECK_EQ(futex_of(0), 0x40000000);
	fixture_stop();
}

static void robust_nonsense(void)
{
	u32 own;

	fixture_run();
	own = task_current()->vtid;
	/* No end. */
	put_list(2, own, 0);
	put_word(ENTRY(1), page + ENTRY(0));
	robust_list_exit();
	CHECK_EQ(futex_of(1), 0x40000000);
	/* Not aligned: the rest is left alone. */
	put_list(2, own, 0);
	put_word(HEAD + 8, FUTEX_OFFSET + 1);
	robust_list_exit();
	CHECK_EQ(futex_of(0), own);
	/* Nothing there. */
	put_list(0, own, 0);
	put_word(HEAD, 0x1000);
	robust_list_exit();
	task_current()->robust_list = 8;
	robust_list_exit();
	fixture_stop();
}

/* Its twin is killed: Linux has to know the list, and may not have reached all of it. */
static void robust_killed(void)
{
	struct offload_slot *slot;
	u32 own;

	fixture_run();
	own = task_current()->vtid;
	slot = task_current()->slot;
	put_list(2, own, 0);
	robust_list_set(page + HEAD);
	CHECK_EQ(slot->robust_list, page + HEAD);
	/* Marked by Linux already. */
	put_word(ENTRY(0) + FUTEX_OFFSET, 0xc0000000);
	CHECK(robust_list_end());
	CHECK_EQ(futex_of(0), 0xc0000000);
	CHECK_EQ(futex_of(1), 0x40000000);
	CHECK_EQ(slot->robust_list, page + HEAD);
	/* Nothing there, at first or at the end. */
	robust_list_set(8);
	CHECK(!robust_list_end());
	put_list(1, own, 0);
	put_word(ENTRY(0), 0x1000);
	CHECK(!robust_list_end());
	CHECK_EQ(futex_of(0), 0x40000000);
	put_list(1, own, 0x1000);
	CHECK(!robust_list_end());
	/* One that ends by itself leaves nothing to Linux. */
	robust_list_set(page + HEAD);
	robust_list_exit();
	CHECK_EQ(slot->robust_list, 0);
	fixture_stop();
}

static s64 nobody_is_there(struct offload_slot *slot)
{
	(void)slot;
	return -ESRCH;
}

/* A process that is killed is gone on Linux before it has marked here what it holds. */
static void owner_killed(void)
{
	const struct msg_process end = { .pid = TID };
	struct program_load_desc desc = sample_dynamic();
	struct ikc_channel chan = { .cpu = 0 };
	struct program_layout layout;
	struct futex_key key;

	fixture_run();
	desc.pid = TID;
	desc.vpid = TID;
	CHECK_EQ(process_create(&desc, &layout), 0);
	linux_answer = nobody_is_there;
	put_list(1, TID, 0);
	CHECK_EQ(futex_key(page + ENTRY(0) + FUTEX_OFFSET, false, &key), 0);
	CHECK_EQ(futex_lock_pi(&key, THREAD_NO_DEADLINE, true), -EAGAIN);
	CHECK_EQ(futex_of(0), 0x80000000 | TID);
	pi_exit(fixture_task(TID));
	CHECK_EQ(futex_lock_pi(&key, THREAD_NO_DEADLINE, true), -ESRCH);
	CHECK_EQ(process_cleanup(&end, &chan, 1), 0);
	CHECK_EQ(futex_lock_pi(&key, THREAD_NO_DEADLINE, true), -ESRCH);
	linux_answer = NULL;
	fixture_stop();
}

/* By the ids of a pid namespace, which are others' elsewhere. */
static void owner_in_namespace(void)
{
	const struct msg_process end = { .pid = TID };
	struct process *process = fixture_run();
	struct program_load_desc desc = sample_dynamic();
	struct ikc_channel chan = { .cpu = 0 };
	struct program_layout layout;
	struct futex_key key;

	desc.pid = TID;
	desc.vpid = VTID;
	desc.pid_ns = 7;
	process->pid_ns = 7;
	CHECK_EQ(process_create(&desc, &layout), 0);
	put_list(1, VTID, 0);
	CHECK_EQ(futex_key(page + ENTRY(0) + FUTEX_OFFSET, false, &key), 0);
	CHECK_EQ(futex_lock_pi(&key, THREAD_NO_DEADLINE, true), -EAGAIN);
	process->pid_ns = 8;
	CHECK_EQ(futex_lock_pi(&key, THREAD_NO_DEADLINE, true), -ESRCH);
	/* Linux shows it to a namespace above, where nobody writes this id into a lock. */
	CHECK_EQ(task_with_vtid(VTID, NULL, NULL), -ESRCH);
	process->pid_ns = 7;
	CHECK_EQ(task_with_vtid(VTID, NULL, NULL), 0);
	CHECK_EQ(process_cleanup(&end, &chan, 1), 0);
	fixture_stop();
}

/* What one thread blocks is another's to take: its twin is told at once, unless it is alone. */
static void masks_are_told(void)
{
	struct process *process = fixture_run();
	struct task *task;

	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGUSR1)), 0);
	answer = (s64)VTID << 32 | TID;
	CHECK_EQ(clone_thread(THREAD), VTID);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGUSR1) | SIGNAL_MASK(SIGUSR2)), 0);
	CHECK_EQ(nheard, 2);
	CHECK_EQ(heard[1].sigmask, SIGNAL_MASK(SIGUSR1) | SIGNAL_MASK(SIGUSR2));
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGUSR2)), 0);
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGUSR2)), 0);
	CHECK_EQ(nheard, 3);
	task = last_task(process);
	task->thread.ended(&task->thread);
	fixture_stop();
}

static void last_one(void)
{
	struct process *process = fixture_run();

	CHECK(task_retire());
	CHECK(!task_retire());
	CHECK_EQ(process->nlive, 0);
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(made),
	UNIT_TEST(asked_of_linux),
	UNIT_TEST(waited_for),
	UNIT_TEST(refused_by_linux),
	UNIT_TEST(own_table),
	UNIT_TEST(every_allocation_fails),
	UNIT_TEST(flags),
	UNIT_TEST(robust_locks),
	UNIT_TEST(robust_pending),
	UNIT_TEST(robust_pi),
	UNIT_TEST(robust_nonsense),
	UNIT_TEST(robust_killed),
	UNIT_TEST(owner_killed),
	UNIT_TEST(owner_in_namespace),
	UNIT_TEST(masks_are_told),
	UNIT_TEST(last_one),
};

UNIT_MAIN(tests)
