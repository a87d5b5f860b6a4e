// SPDX-License-Identifier: GPL-2.0-only
/* Signals: what is pending, in which order it is taken, what the proxy is told. */
#include <errno.h>

#include "lwk/proc/signal_internal.h"
#include "tests/unit/process_fixture.h"

#define HANDLER 0x401234
#define USER_PID 77

static void init(void)
{
	fixture_run();
	nheard = 0;
}

static int send(s32 sig, u64 value)
{
	struct signal_info info = { .signo = sig, .code = -1, .fields = { USER_PID, value } };
	struct msg_signal msg = { .pid = 1000, .tid = 1000 };

	memcpy(msg.info, &info, sizeof(msg.info));
	return signal_send(&msg);
}

/* The same of a signal for the process. */
static int send_shared(s32 sig)
{
	struct signal_info info = { .signo = sig, .fields = { USER_PID } };
	struct msg_signal msg = { .pid = 1000, .tid = 1000, .shared = SIGNAL_TO_PROCESS };

	memcpy(msg.info, &info, sizeof(msg.info));
	return signal_send(&msg);
}

static int handle(u32 sig, u64 handler, u64 flags)
{
	const struct signal_action action = { .handler = handler, .flags = flags };

	return signal_action(sig, &action, NULL);
}

/* Take the next, and compare. */
static void expect_signal(u32 sig, u64 value)
{
	struct signal_info info;

	CHECK_EQ(signal_wait_take(~0ULL, &info), sig);
	CHECK_EQ(info.signo, sig);
	CHECK_EQ(info.fields[0], USER_PID);
	CHECK_EQ(info.fields[1], value);
}

static void expect_none(void)
{
	struct signal_info info;

	CHECK_EQ(signal_wait_take(~0ULL, &info), 0);
	CHECK_EQ(task_current()->pending.set, 0);
}

static void taken_in_order(void)
{
	init();
	CHECK_EQ(send(SIGUSR2, 1), 0);
	CHECK_EQ(send(SIGUSR1, 2), 0);
	CHECK_EQ(send(SIGRTMIN + 1, 3), 0);
	CHECK_EQ(send(SIGRTMIN, 4), 0);
	CHECK_EQ(send(SIGSEGV, 5), 0);
	expect_signal(SIGSEGV, 5);
	expect_signal(SIGUSR1, 2);
	expect_signal(SIGUSR2, 1);
	expect_signal(SIGRTMIN, 4);
	expect_signal(SIGRTMIN + 1, 3);
	expect_none();
	fixture_stop();
}

static void standard_ones_once_others_each(void)
{
	init();
	for (u64 i = 0; i < 3; i++) {
		CHECK_EQ(send(SIGUSR1, i), 0);
		CHECK_EQ(send(SIGRTMIN + 5, i), 0);
	}
	expect_signal(SIGUSR1, 0);
	for (u64 i = 0; i < 3; i++) {
		CHECK(task_current()->pending.set & SIGNAL_MASK(SIGRTMIN + 5));
		expect_signal(SIGRTMIN + 5, i);
	}
	expect_none();
	/* All counted, so that the twin and this side count the same. */
	CHECK_EQ(task_current()->relayed, 6);
	fixture_stop();
}

static void hostile_messages(void)
{
	struct msg_signal msg = { .pid = 1000, .tid = 1001, .info = { SIGUSR1 } };

	init();
	CHECK_EQ(send(0, 0), -EINVAL);
	CHECK_EQ(send(-1, 0), -EINVAL);
	CHECK_EQ(send(SIGNAL_COUNT + 1, 0), -EINVAL);
	CHECK_EQ(send(SIGKILL, 0), -EINVAL);
	CHECK_EQ(send(SIGSTOP, 0), -EINVAL);
	CHECK_EQ(send(SIGNAL_COUNT, 0), 0);
	CHECK_EQ(signal_send(&msg), -ESRCH);
	msg.tid = 1000;
	msg.shared = 3;
	CHECK_EQ(signal_send(&msg), -EINVAL);
	msg.shared = SIGNAL_TO_PROCESS;
	msg.reserved = 1;
	CHECK_EQ(signal_send(&msg), -EINVAL);
	msg.reserved = 0;
	msg.pid = 999;
	CHECK_EQ(signal_send(&msg), -ESRCH);
	shim_fail_nth(0);
	CHECK_EQ(send(SIGUSR1, 0), -EAGAIN);
	CHECK(shim_failed());
	/* What is pending goes with the task. */
	fixture_stop();
}

static void blocked_ones_wait(void)
{
	struct signal_info info;

	init();
	signal_set_blocked(SIGNAL_MASK(SIGUSR1) | SIGNAL_UNBLOCKABLE);
	CHECK_EQ(task_current()->blocked, SIGNAL_MASK(SIGUSR1));
	CHECK_EQ(send(SIGUSR1, 1), 0);
	CHECK(!signal_deliverable());
	CHECK_EQ(signal_wait_take(SIGNAL_MASK(SIGUSR2), &info), 0);
	task_current()->thread.attention = 0;
	signal_set_blocked(0);
	CHECK(signal_deliverable());
	CHECK_EQ(task_current()->thread.attention, 1);
	expect_signal(SIGUSR1, 1);
	fixture_stop();
}

/* What one thread's handler blocks, another one may want: the twin gives it back, and blocks it. */
static void shared_ones_go_back(void)
{
	struct process *process;

	init();
	process = task_current()->process;
	signal_set_blocked(SIGNAL_MASK(SIGUSR1));
	CHECK_EQ(send_shared(SIGUSR1), 0);
	expect_signal(SIGUSR1, 0);
	process->nlive++;
	CHECK_EQ(send_shared(SIGUSR2), 0);
	CHECK_EQ(send(SIGUSR1, 1), 0);
	CHECK_EQ(task_current()->relayed, 3);
	CHECK_EQ(send_shared(SIGUSR1), -EBUSY);
	CHECK_EQ(task_current()->relayed, 3);
	/* A call with a mask of its own takes all. */
	signal_swap_blocked(SIGNAL_MASK(SIGUSR1));
	CHECK_EQ(send_shared(SIGUSR1), 0);
	CHECK_EQ(nheard, 0);
	signal_unswap_blocked();
	CHECK_EQ(nheard, 0);
	/* The twin has to learn that the thread wants it again; once. */
	signal_set_blocked(0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].nr, SYSCALL_rt_sigprocmask);
	CHECK_EQ(heard[0].sigmask, 0);
	signal_set_blocked(0);
	CHECK_EQ(nheard, 1);
	process->nlive--;
	fixture_stop();
}

/* Of what may be for the process the twin blocks more, until the thread has taken what came. */
static void unclear_ones_are_blocked(void)
{
	struct signal_info info = { .signo = SIGRTMIN, .fields = { USER_PID } };
	struct msg_signal msg = { .pid = 1000, .tid = 1000, .shared = SIGNAL_TO_EITHER };

	init();
	memcpy(msg.info, &info, sizeof(msg.info));
	/* In the handler of another signal. */
	signal_set_blocked(SIGNAL_MASK(SIGRTMIN));
	CHECK_EQ(signal_send(&msg), 0);
	CHECK_EQ(nheard, 0);
	signal_set_blocked(0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].nr, SYSCALL_rt_sigprocmask);
	expect_signal(SIGRTMIN, 0);
	signal_set_blocked(0);
	CHECK_EQ(nheard, 1);
	fixture_stop();
}

/* The twin is told of a mask with the next request; at once if it holds back too much. */
static void the_twin_learns_of_masks(void)
{
	init();
	signal_set_blocked(SIGNAL_MASK(SIGUSR1));
	CHECK_EQ(nheard, 0);
	signal_set_blocked(0);
	CHECK_EQ(nheard, 0);
	signal_set_blocked(SIGNAL_MASK(SIGUSR1));
	CHECK_EQ(offload_request3(SYSCALL_read, 0, 0, 0), 0);
	CHECK_EQ(heard[0].sigmask, SIGNAL_MASK(SIGUSR1));
	signal_set_blocked(SIGNAL_MASK(SIGUSR1) | SIGNAL_MASK(SIGUSR2));
	CHECK_EQ(nheard, 1);
	signal_set_blocked(SIGNAL_MASK(SIGUSR2));
	CHECK_EQ(nheard, 2);
	CHECK_EQ(heard[1].nr, SYSCALL_rt_sigprocmask);
	CHECK_EQ(heard[1].sigmask, SIGNAL_MASK(SIGUSR2));
	/* While a call has its own mask, the twin still gets the old one. */
	signal_swap_blocked(0);
	CHECK_EQ(offload_request3(SYSCALL_ppoll, 0, 0, 0), 0);
	CHECK_EQ(heard[2].sigmask, SIGNAL_MASK(SIGUSR2));
	CHECK_EQ(task_current()->blocked, 0);
	signal_unswap_blocked();
	CHECK_EQ(task_current()->blocked, SIGNAL_MASK(SIGUSR2));
	CHECK_EQ(nheard, 3);
	fixture_stop();
}

/* Of one thread, too, if Linux would act on what is blocked without asking the program. */
static void some_masks_are_told_at_once(void)
{
	init();
	CHECK_EQ(handle(SIGUSR1, HANDLER, 0), 0);
	CHECK_EQ(handle(SIGUSR2, SIG_IGN, 0), 0);
	nheard = 0;
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGUSR1) | SIGNAL_UNBLOCKABLE), 0);
	CHECK_EQ(nheard, 0);
	CHECK_EQ(signal_change_blocked(SIGNAL_BLOCKABLE), 0);
	CHECK_EQ(signal_change_blocked(0), 0);
	CHECK_EQ(nheard, 0);
	/* Forgotten, if the twin did not block it. */
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGUSR1) | SIGNAL_MASK(SIGUSR2)), 0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].nr, SYSCALL_rt_sigprocmask);
	CHECK_EQ(heard[0].sigmask, SIGNAL_MASK(SIGUSR1) | SIGNAL_MASK(SIGUSR2));
	/* The end of the program, if the twin did not block it. */
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGTERM) | SIGNAL_MASK(SIGUSR2)), 0);
	CHECK_EQ(heard[1].sigmask, SIGNAL_MASK(SIGTERM) | SIGNAL_MASK(SIGUSR2));
	CHECK_EQ(task_current()->blocked, SIGNAL_MASK(SIGTERM) | SIGNAL_MASK(SIGUSR2));
	/* It does already. */
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGTERM)), 0);
	CHECK_EQ(heard[nheard - 1].sigmask, SIGNAL_MASK(SIGTERM));
	nheard = 0;
	CHECK_EQ(signal_change_blocked(SIGNAL_MASK(SIGTERM)), 0);
	CHECK_EQ(nheard, 0);
	fixture_stop();
}

/* As mcctrl: a call before which a signal came is not begun. */
static s64 as_mcctrl(struct offload_slot *slot)
{
	return slot->nr < OFFLOAD_NR_FAULT && slot->signals < task_current()->relayed ?
		OFFLOAD_RET_RESTART : 0;
}

/* A request that was not begun, or that mcctrl serves, has told the twin nothing. */
static void masks_that_did_not_arrive(void)
{
	init();
	signal_set_blocked(SIGNAL_MASK(SIGUSR1));
	CHECK_EQ(offload_request3(SYSCALL_read, 0, 0, 0), 0);
	signal_swap_blocked(0);
	task_current()->restore_blocked = false; /* as a handler does that ended the call */
	CHECK_EQ(offload_request3(OFFLOAD_NR_FAULT, 0, 0, 0), 0);
	CHECK_EQ(offload_request3(OFFLOAD_NR_REALTIME, 0, 0, 0), 0);
	signal_tell_mask(task_current());
	CHECK_EQ(nheard, 4);
	CHECK_EQ(heard[3].nr, SYSCALL_rt_sigprocmask);
	CHECK_EQ(heard[3].sigmask, 0);

	/* Perhaps begun and given up: then it blocks the signal. */
	linux_answer = as_mcctrl;
	CHECK_EQ(send(SIGUSR2, 1), 0);
	signal_set_blocked(SIGNAL_MASK(SIGUSR1));
	task_current()->relayed_seen = 0;
	CHECK_EQ(offload_request3(SYSCALL_read, 0, 0, 0), OFFLOAD_RET_RESTART);
	signal_set_blocked(0);
	CHECK_EQ(heard[nheard - 1].nr, SYSCALL_rt_sigprocmask);
	CHECK_EQ(heard[nheard - 1].sigmask, 0);
	linux_answer = NULL;
	fixture_stop();
}

/* The end of the program, and the word that a signal is wanted, are not put off by signals. */
static void some_calls_are_insisted_on(void)
{
	const u64 args[6] = { 0 };

	init();
	linux_answer = as_mcctrl;
	CHECK_EQ(send(SIGUSR1, 1), 0);
	CHECK_EQ(offload_request3(SYSCALL_mincore, 0, 0, 0), OFFLOAD_RET_RESTART);
	CHECK_EQ(offload_insist(SYSCALL_rt_sigprocmask, args), 0);
	CHECK_EQ(nheard, 2);
	CHECK_EQ(send(SIGUSR2, 1), 0);
	offload_send(SYSCALL_exit_group, 3);
	CHECK_EQ(nheard, 3);
	CHECK_EQ(heard[2].nr, SYSCALL_exit_group);
	CHECK_EQ(heard[2].args[0], 3);
	linux_answer = NULL;
	fixture_stop();
}

static void the_proxy_learns_of_actions(void)
{
	struct signal_action old;

	init();
	CHECK_EQ(handle(SIGUSR1, HANDLER, SA_SIGINFO | SA_RESTART), 0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].nr, OFFLOAD_NR_SIGACTION);
	CHECK_EQ(heard[0].args[0], SIGUSR1);
	CHECK_EQ(heard[0].args[1], OFFLOAD_SIG_RELAY);
	CHECK(heard[0].args[2] & SA_RESTART);
	/* Another handler is no news to it, other flags may be. */
	CHECK_EQ(handle(SIGUSR1, HANDLER + 8, SA_RESTART | SA_NODEFER), 0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(handle(SIGUSR1, HANDLER, 0), 0);
	CHECK_EQ(nheard, 2);
	CHECK_EQ(handle(SIGUSR1, SIG_IGN, 0), 0);
	CHECK_EQ(heard[2].args[1], OFFLOAD_SIG_IGNORE);
	CHECK_EQ(signal_action(SIGUSR1, NULL, &old), 0);
	CHECK_EQ(old.handler, SIG_IGN);
	CHECK_EQ(nheard, 3);
	fixture_stop();
}

static void what_actions_may_be(void)
{
	struct signal_action action = { HANDLER, 0xdeadbeef00000000ULL | SA_RESTART, 0, ~0ULL };
	struct signal_action old;

	init();
	CHECK_EQ(handle(SIGKILL, HANDLER, 0), -EINVAL);
	CHECK_EQ(handle(SIGSTOP, SIG_IGN, 0), -EINVAL);
	CHECK_EQ(handle(0, HANDLER, 0), -EINVAL);
	CHECK_EQ(handle(SIGNAL_COUNT + 1, HANDLER, 0), -EINVAL);
	CHECK_EQ(signal_action(SIGKILL, NULL, &old), 0);
	CHECK_EQ(signal_action(SIGUSR1, &action, NULL), 0);
	CHECK_EQ(signal_action(SIGUSR1, NULL, &old), 0);
	CHECK_EQ(old.flags, SA_RESTART);
	CHECK_EQ(old.mask, ~SIGNAL_UNBLOCKABLE);
	fixture_stop();
}

static void ignoring_forgets(void)
{
	init();
	CHECK_EQ(handle(SIGRTMIN, HANDLER, 0), 0);
	CHECK_EQ(send(SIGRTMIN, 1), 0);
	CHECK_EQ(send(SIGRTMIN, 2), 0);
	CHECK_EQ(send(SIGUSR1, 3), 0);
	CHECK_EQ(send(SIGCHLD, 4), 0);
	CHECK_EQ(handle(SIGRTMIN, SIG_IGN, 0), 0);
	CHECK_EQ(handle(SIGUSR1, SIG_DFL, 0), 0);
	CHECK_EQ(handle(SIGCHLD, SIG_DFL, 0), 0);
	expect_signal(SIGUSR1, 3);
	expect_none();
	fixture_stop();
}

static void alternate_stacks(void)
{
	struct signal_altstack stack = { .sp = 0x10000, .len = 8192 };
	struct signal_altstack old;

	init();
	CHECK_EQ(signal_altstack(NULL, &old, 0x5000), 0);
	CHECK_EQ(old.flags, SS_DISABLE);
	CHECK_EQ(signal_altstack(&stack, NULL, 0x5000), 0);
	CHECK_EQ(signal_altstack(NULL, &old, 0x5000), 0);
	CHECK(old.sp == 0x10000 && old.len == 8192 && !old.flags);
	CHECK_EQ(signal_altstack(NULL, &old, 0x12000), 0);
	CHECK_EQ(old.flags, SS_ONSTACK);
	/* A stack begins below its first byte, and ends there. */
	CHECK_EQ(signal_altstack(NULL, &old, 0x10000), 0);
	CHECK_EQ(old.flags, 0);
	CHECK_EQ(signal_altstack(&stack, NULL, 0x11000), -EPERM);
	stack.len = 2047;
	CHECK_EQ(signal_altstack(&stack, NULL, 0x5000), -ENOMEM);
	stack.flags = 4;
	CHECK_EQ(signal_altstack(&stack, NULL, 0x5000), -EINVAL);
	stack.flags = SS_DISABLE;
	CHECK_EQ(signal_altstack(&stack, NULL, 0x5000), 0);
	CHECK_EQ(signal_altstack(NULL, &old, 0x11000), 0);
	CHECK(old.flags == SS_DISABLE && !old.sp && !old.len);
	stack = (struct signal_altstack){ 0x10000, SS_AUTODISARM, 0, 8192 };
	CHECK_EQ(signal_altstack(&stack, NULL, 0x5000), 0);
	CHECK_EQ(signal_altstack(&stack, &old, 0x11000), 0);
	CHECK_EQ(old.flags, SS_AUTODISARM);
	fixture_stop();
}

static void stopping(void)
{
	const struct msg_thread msg = { 1000, 1000 };
	const struct msg_thread nobody = { 1000, 1001 };

	init();
	task_current()->thread.attention = 0;
	signal_stop(&nobody, true);
	CHECK(!task_current()->stopped);
	signal_stop(&msg, true);
	CHECK(task_current()->stopped && task_current()->thread.attention);
	signal_stop(&msg, false);
	CHECK(!task_current()->stopped);
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(taken_in_order),
	UNIT_TEST(standard_ones_once_others_each),
	UNIT_TEST(hostile_messages),
	UNIT_TEST(blocked_ones_wait),
	UNIT_TEST(shared_ones_go_back),
	UNIT_TEST(unclear_ones_are_blocked),
	UNIT_TEST(the_twin_learns_of_masks),
	UNIT_TEST(some_masks_are_told_at_once),
	UNIT_TEST(masks_that_did_not_arrive),
	UNIT_TEST(some_calls_are_insisted_on),
	UNIT_TEST(the_proxy_learns_of_actions),
	UNIT_TEST(what_actions_may_be),
	UNIT_TEST(ignoring_forgets),
	UNIT_TEST(alternate_stacks),
	UNIT_TEST(stopping),
};

UNIT_MAIN(tests)
