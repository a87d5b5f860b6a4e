// SPDX-License-Identifier: GPL-2.0-only
/* HALT_THREADS: what it does to a process, and what is refused. */
#include <errno.h>

#include "tests/unit/process_fixture.h"

#include "lwk/proc/halt.c"

static u32 holds, replies;
static s32 reply_err;

void ikc_hold(struct ikc_channel *chan)
{
	(void)chan;
	holds++;
}

void ikc_reply(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	(void)chan;
	CHECK_EQ(packet->msg, IKC_MSG_HALT_THREADS_DONE);
	CHECK_EQ(packet->cookie, 7);
	replies++;
	reply_err = packet->err;
}

static int ask(u32 port, u32 pid)
{
	struct ikc_channel chan = { .port = port };
	struct ikc_packet packet = { .msg = IKC_MSG_HALT_THREADS, .cookie = 7 };
	const struct msg_thread body = { .pid = pid, .tid = 0xffffffff };

	holds = replies = answers = 0;
	memcpy(packet.u.bytes, &body, sizeof(body));
	return process_on_halt_threads(&chan, &packet);
}

static void its_threads_end(void)
{
	struct process *process = fixture_run();

	CHECK(!process_is_ending(process));
	notifies = 0;
	CHECK_EQ(ask(IKC_PORT_SYSCALL, process->pid), 0);
	CHECK(process_is_ending(process) && !process_is_gone(process));
	CHECK_EQ(notifies, 1);
	CHECK_EQ(holds, 1);
	CHECK_EQ(replies, 0);
	CHECK_EQ(answers, 1);
	CHECK_EQ(answer_err, 0);
	/* Asked once more, it is answered once more. */
	CHECK_EQ(ask(IKC_PORT_SYSCALL, process->pid), 0);
	CHECK_EQ(answers, 1);
	fixture_stop();
}

static void hostile_messages(void)
{
	struct process *process = fixture_run();

	CHECK_EQ(ask(IKC_PORT_CONTROL, process->pid), -ENOSYS);
	CHECK_EQ(ask(IKC_PORT_SYSCALL, process->pid + 1), 0);
	CHECK_EQ(replies, 1);
	CHECK_EQ(reply_err, -ESRCH);
	shim_fail_nth(0);
	CHECK_EQ(ask(IKC_PORT_SYSCALL, process->pid), 0);
	CHECK(shim_failed());
	CHECK_EQ(replies, 1);
	CHECK_EQ(reply_err, -ENOMEM);
	CHECK_EQ(holds + answers, 0);
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(its_threads_end),
	UNIT_TEST(hostile_messages),
};

UNIT_MAIN(tests)
