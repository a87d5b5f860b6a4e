// SPDX-License-Identifier: GPL-2.0-only
/* Signals from thread to thread: which the LWK delivers alone, and what it tells Linux. */
#include <errno.h>

#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"
#include "tests/unit/process_fixture.h"

#define HANDLER 0x401234
#define TID 1001
#define VTID 51
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
#define BIT SIGNAL_MASK(SIGUSR1)

static struct task *other;

static s64 make_twin(struct offload_slot *slot)
{
	return slot->nr == OFFLOAD_NR_THREAD ? (s64)VTID << 32 | TID : 0;
}

static void handle(u32 sig, u64 handler)
{
	const struct signal_action action = { .handler = handler };

	CHECK_EQ(signal_action(sig, &action, NULL), 0);
}

static void make_other(void)
{
	const struct process_fork_args args = { .flags = THREAD };

	linux_answer = make_twin;
	CHECK_EQ(process_clone(&args), VTID);
	linux_answer = NULL;
	other = list_entry(task_current()->process->tasks.prev, struct task, link);
}

/* Two threads, of which the second one gets signals of the first. */
static void init(void)
{
	fixture_run();
	make_other();
	handle(SIGUSR1, HANDLER);
	nheard = 0;
	ninterrupts = 0;
}

static void finish(void)
{
	other->thread.ended(&other->thread);
	fixture_stop();
}

static bool post(s32 sig)
{
	struct signal_info info;

	signal_info_of_sender(&info, sig, SI_TKILL);
	return signal_post(VTID, &info);
}

static void forget(void)
{
	signal_pending_drain(&other->pending);
}

static void reaches_a_thread(void)
{
	const struct signal_entry *entry;
	u32 woken;

	init();
	woken = wakes;
	other->thread.attention = 0;
	CHECK(post(SIGUSR1));
	CHECK_EQ(other->pending.set, BIT);
	CHECK_EQ(other->thread.attention, 1);
	CHECK_EQ(wakes, woken + 1);
	entry = list_first(&other->pending.queue, struct signal_entry, link);
	CHECK_EQ(entry->info.signo, SIGUSR1);
	CHECK_EQ(entry->info.code, SI_TKILL);
	CHECK_EQ((u32)entry->info.fields[0], task_current()->process->vpid);
	/* The next one is the same one. */
	CHECK(post(SIGUSR1));
	CHECK(entry->link.next == &other->pending.queue);
	CHECK_EQ(nheard, 0);
	CHECK_EQ(ninterrupts, 0);
	CHECK_EQ(task_current()->pending.set, 0);
	finish();
}

/* What the twin does for it ends; what mcctrl does for it needs no end. */
static void interrupts_a_call(void)
{
	init();
	other->slot->state = OFFLOAD_REQUEST;
	other->slot->nr = SYSCALL_read;
	CHECK(post(SIGUSR1));
	CHECK_EQ(ninterrupts, 1);
	CHECK_EQ(interrupt.pid, 1000);
	CHECK_EQ(interrupt.tid, TID);
	CHECK_EQ(interrupt.seq, other->interrupts);
	CHECK(interrupt.seq > other->interrupts_seen);
	forget();
	other->slot->nr = OFFLOAD_NR_FAULT;
	CHECK(post(SIGUSR1));
	CHECK_EQ(ninterrupts, 1);
	other->slot->state = OFFLOAD_IDLE;
	finish();
}

/* A signal that its sender saw no call for, and a call that was made without a look at it. */
static void interrupts_its_own_call(void)
{
	init();
	task_current()->interrupts++;
	CHECK_EQ(offload_request3(OFFLOAD_NR_FAULT, 0, 0, 0), 0);
	CHECK_EQ(ninterrupts, 0);
	CHECK_EQ(offload_request3(SYSCALL_read, 0, 0, 0), 0);
	CHECK_EQ(ninterrupts, 1);
	CHECK_EQ(interrupt.tid, 1000);
	CHECK_EQ(interrupt.seq, task_current()->interrupts);
	CHECK(!signal_deliverable());
	CHECK_EQ(offload_request3(SYSCALL_read, 0, 0, 0), 0);
	CHECK_EQ(ninterrupts, 1);
	finish();
}

/* Who has the ids later hears of it in vain. */
static void interrupts_nobody_later(void)
{
	u64 late;

	init();
	other->slot->state = OFFLOAD_REQUEST;
	other->slot->nr = SYSCALL_read;
	CHECK(post(SIGUSR1));
	late = interrupt.seq;
	other->slot->state = OFFLOAD_IDLE;
	other->thread.ended(&other->thread);
	make_other();
	CHECK_EQ(other->tid, TID);
	CHECK(other->interrupts_seen > late);
	CHECK_EQ(other->interrupts, other->interrupts_seen);
	finish();
}

static s64 put_off(struct offload_slot *slot)
{
	(void)slot;
	return OFFLOAD_RET_RESTART;
}

/* The other one's call, answered so. */
static void call(s64 (*answer)(struct offload_slot *slot), s64 ret)
{
	struct thread *self = current_thread;

	current_thread = &other->thread;
	linux_answer = answer;
	CHECK_EQ(offload_request3(SYSCALL_read, 0, 0, 0), ret);
	linux_answer = NULL;
	current_thread = self;
}

/* Who does nothing but send must not keep the other one from its calls: Linux sees to that. */
static void lets_calls_be_made(void)
{
	init();
	call(put_off, OFFLOAD_RET_RESTART);
	CHECK(post(SIGUSR1));
	forget();
	call(put_off, OFFLOAD_RET_RESTART);
	CHECK(!post(SIGUSR1));
	call(put_off, OFFLOAD_RET_RESTART);
	CHECK(!post(SIGUSR1));
	call(NULL, 0);
	CHECK(post(SIGUSR1));
	forget();
	finish();
}

/* Nor may it if the handler makes calls: those are made, and the other one is put off again. */
static void counts_no_calls_of_handlers(void)
{
	init();
	call(put_off, OFFLOAD_RET_RESTART);
	other->blocked = BIT;
	call(put_off, OFFLOAD_RET_RESTART);
	call(NULL, 0);
	other->blocked = 0;
	CHECK(!post(SIGUSR1));
	call(NULL, 0);
	CHECK(post(SIGUSR1));
	forget();
	finish();
}

static void blocked_ones(void)
{
	init();
	/* In a handler, of which the twin does not know: Linux would pass it on. */
	other->twin_blocked = 0;
	other->blocked = BIT;
	other->thread.attention = 0;
	CHECK(post(SIGUSR1));
	CHECK_EQ(other->pending.set, BIT);
	CHECK_EQ(other->thread.attention, 0);
	forget();
	/* Linux would hold it back, or may be about to. */
	other->twin_blocked = BIT;
	CHECK(!post(SIGUSR1));
	other->twin_blocked = 0;
	other->returned = BIT;
	CHECK(!post(SIGUSR1));
	other->returned = 0;
	other->awaits = BIT;
	CHECK(!post(SIGUSR1));
	other->awaits = 0;
	other->slot->nr = SYSCALL_read;
	other->slot->state = OFFLOAD_DONE;
	CHECK(!post(SIGUSR1));
	other->slot->state = OFFLOAD_IDLE;
	/* Not blocked, it does not matter what Linux does. */
	other->blocked = 0;
	other->twin_blocked = BIT;
	CHECK(post(SIGUSR1));
	CHECK_EQ(ninterrupts, 0);
	finish();
}

static void others_are_for_linux(void)
{
	static const s32 signals[] = { 0, -1, 65, SIGKILL, SIGSTOP, SIGCONT, SIGTSTP, SIGRTMIN };
	struct process *process;

	init();
	process = task_current()->process;
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		if (signals[i] > 0 && signals[i] <= SIGNAL_COUNT && signals[i] != SIGKILL &&
		    signals[i] != SIGSTOP)
			handle((u32)signals[i], HANDLER);
		CHECK(!post(signals[i]));
	}
	CHECK(!post(SIGUSR2));
	handle(SIGUSR2, SIG_IGN);
	CHECK(!post(SIGUSR2));
	process->relays_all = true;
	CHECK(!post(SIGUSR1));
	process->relays_all = false;
	process->exiting = true;
	CHECK(!post(SIGUSR1));
	process->exiting = false;
	task_current()->ids_changed = true;
	CHECK(!post(SIGUSR1));
	task_current()->ids_changed = false;
	other->stopped = true;
	CHECK(!post(SIGUSR1));
	other->stopped = false;
	other->leaving = true;
	CHECK(!post(SIGUSR1));
	other->leaving = false;
	other->vtid++;
	CHECK(!post(SIGUSR1));
	CHECK_EQ(other->pending.set, 0);
	finish();
}

/* A signal that came before the call that blocks it is taken first. */
static void comes_before_it_is_blocked(void)
{
	struct task *task;
	struct signal_info info;

	init();
	task = task_current();
	task->twin_blocked = BIT;
	CHECK(signal_raise(SIGUSR1, SI_TKILL));
	CHECK_EQ(signal_change_blocked(BIT), -ERESTARTNOINTR);
	CHECK_EQ(task->blocked, 0);
	CHECK_EQ(signal_wait_take(BIT, &info), SIGUSR1);
	CHECK_EQ(signal_change_blocked(BIT), 0);
	CHECK_EQ(task->blocked, BIT);
	CHECK_EQ(nheard, 0);
	finish();
}

static int relay(s32 sig, u32 shared)
{
	const struct signal_info info = { .signo = sig, .code = SI_QUEUE };
	struct msg_signal msg = { .pid = 1000, .tid = 1000, .shared = shared };

	memcpy(msg.info, &info, sizeof(msg.info));
	return signal_send(&msg);
}

static struct signal_info given_back;

static s64 look_at_data(struct offload_slot *slot)
{
	CHECK_EQ(offload_small(slot->small, 2), 1);
	memcpy(&given_back, slot->data, sizeof(given_back));
	return 0;
}

/* A thread that ends has taken what may be for the process while it blocked all. */
static void handed_on(void)
{
	struct task *task;

	init();
	task = task_current();
	CHECK_EQ(signal_change_blocked(SIGNAL_BLOCKABLE), 0);
	CHECK_EQ(nheard, 0);
	CHECK_EQ(relay(SIGUSR1, SIGNAL_TO_THREAD), 0);
	CHECK_EQ(relay(SIGUSR2, SIGNAL_TO_EITHER), 0);
	CHECK_EQ(signal_block_all(), 0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].sigmask, SIGNAL_BLOCKABLE);
	linux_answer = look_at_data;
	signal_hand_on();
	linux_answer = NULL;
	CHECK_EQ(task->pending.set, 0);
	CHECK_EQ(nheard, 2);
	CHECK_EQ(heard[1].nr, SYSCALL_rt_sigqueueinfo);
	CHECK_EQ(heard[1].args[0], task->vtid);
	CHECK_EQ(heard[1].args[1], SIGUSR2);
	CHECK_EQ(given_back.signo, SIGUSR2);
	CHECK_EQ(given_back.code, SI_QUEUE);
	CHECK_EQ(task->slot->small, 0);
	finish();
}

static u64 data_args;

static s64 look_at_both(struct offload_slot *slot)
{
	if (slot->nr == SYSCALL_rt_tgsigqueueinfo || slot->nr == SYSCALL_rt_sigqueueinfo)
		data_args = data_args << 8 | offload_small(slot->small, 2) << 4 |
			    offload_small(slot->small, 3);
	return 0;
}

/* What is blocked here and pending here survives execve(2), for whom it was sent. */
static void handed_over(void)
{
	struct task *task;

	init();
	task = task_current();
	task->blocked = BIT | SIGNAL_MASK(SIGUSR2);
	CHECK_EQ(relay(SIGUSR1, SIGNAL_TO_THREAD), 0);
	CHECK_EQ(relay(SIGUSR2, SIGNAL_TO_EITHER), 0);
	CHECK_EQ(relay(SIGTERM, SIGNAL_TO_THREAD), 0);
	data_args = 0;
	linux_answer = look_at_both;
	signal_hand_over();
	linux_answer = NULL;
	CHECK_EQ(task->pending.set, SIGNAL_MASK(SIGTERM));
	CHECK_EQ(nheard, 2);
	CHECK_EQ(heard[0].nr, SYSCALL_rt_tgsigqueueinfo);
	CHECK_EQ(heard[0].args[0], task->process->vpid);
	CHECK_EQ(heard[0].args[1], task->vtid);
	CHECK_EQ(heard[0].args[2], SIGUSR1);
	CHECK_EQ(heard[0].sigmask, task->blocked);
	CHECK_EQ(heard[1].nr, SYSCALL_rt_sigqueueinfo);
	CHECK_EQ(heard[1].args[1], SIGUSR2);
	CHECK_EQ(data_args, 0x0110);
	CHECK_EQ(task->slot->small, 0);
	signal_pending_drain(&task->pending);
	finish();
}

static u32 count_pending(const struct task *task)
{
	const struct signal_entry *entry;
	u32 n = 0;

	list_for_each(entry, &task->pending.queue, link)
		n++;
	return n;
}

/* One for the process and one for the thread are two, as in Linux's two queues. */
static void two_queues(void)
{
	struct signal_info info;
	struct task *task;

	init();
	task = task_current();
	CHECK(signal_raise(SIGUSR1, SI_TKILL));
	CHECK_EQ(relay(SIGUSR1, SIGNAL_TO_PROCESS), 0);
	CHECK_EQ(count_pending(task), 2);
	CHECK_EQ(relay(SIGUSR1, SIGNAL_TO_PROCESS), 0);
	CHECK_EQ(relay(SIGUSR1, SIGNAL_TO_EITHER), 0);
	CHECK_EQ(count_pending(task), 2);
	CHECK_EQ(signal_wait_take(BIT, &info), SIGUSR1);
	CHECK_EQ(info.code, SI_TKILL);
	CHECK_EQ(task->pending.set, BIT);
	CHECK_EQ(signal_wait_take(BIT, &info), SIGUSR1);
	CHECK_EQ(task->pending.set, 0);
	finish();
}

/* All is blocked for a moment only; a set in its place is not. */
static void the_moment_of_a_library(void)
{
	init();
	CHECK_EQ(signal_change_blocked(SIGNAL_BLOCKABLE), 0);
	CHECK_EQ(signal_change_blocked(0), 0);
	CHECK_EQ(nheard, 0);
	CHECK_EQ(signal_change_blocked(SIGNAL_BLOCKABLE), 0);
	CHECK_EQ(signal_change_blocked(BIT), 0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].sigmask, BIT);
	CHECK_EQ(signal_change_blocked(SIGNAL_BLOCKABLE), 0);
	CHECK_EQ(signal_change_blocked(BIT), 0);
	CHECK_EQ(nheard, 1);
	finish();
}

static const struct unit_test tests[] = {
	UNIT_TEST(reaches_a_thread),
	UNIT_TEST(interrupts_a_call),
	UNIT_TEST(interrupts_its_own_call),
	UNIT_TEST(interrupts_nobody_later),
	UNIT_TEST(lets_calls_be_made),
	UNIT_TEST(counts_no_calls_of_handlers),
	UNIT_TEST(blocked_ones),
	UNIT_TEST(others_are_for_linux),
	UNIT_TEST(comes_before_it_is_blocked),
	UNIT_TEST(handed_on),
	UNIT_TEST(handed_over),
	UNIT_TEST(two_queues),
	UNIT_TEST(the_moment_of_a_library),
};

UNIT_MAIN(tests)
