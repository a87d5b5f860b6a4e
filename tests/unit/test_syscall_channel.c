// SPDX-License-Identifier: GPL-2.0-only
/* Port SYSCALL when Linux is slow to read: who sends waits, and lets others run. */
#include <errno.h>

#include "tests/unit/process_fixture.h"

/* All others have the fixture's. */
#define syscall_channel_send real_send
int real_send(const struct ikc_packet *packet);
#include "lwk/proc/channel.c"

static struct boot_monitor monitor;
static struct ikc_channel channel;
static u32 full; /* how often it is */
static u32 nsent, halts;

int ikc_try_send(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	CHECK(chan == &channel && packet->msg == IKC_MSG_INTERRUPT);
	if (full) {
		full--;
		return -EAGAIN;
	}
	nsent++;
	return 0;
}

void ikc_hold(struct ikc_channel *chan)
{
	(void)chan;
}

void ikc_reply(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
}

void arch_wait_for_irq(void)
{
	CHECK(!arch_irqs_enabled());
	CHECK_EQ(monitor.state, MONITOR_IDLE);
	halts++;
}

static void init(u32 times, bool is_alone)
{
	monitor = (struct boot_monitor){ .state = MONITOR_KERNEL };
	cpu.monitor = &monitor;
	channel = (struct ikc_channel){ .port = IKC_PORT_SYSCALL };
	full = times;
	no_others = is_alone;
	nsent = 0;
	halts = 0;
	yields = 0;
}

static int send(void)
{
	const struct ikc_packet packet = { .msg = IKC_MSG_INTERRUPT };

	return real_send(&packet);
}

static void one_to_a_cpu(void)
{
	init(0, true);
	CHECK_EQ(send(), -EPIPE);
	CHECK_EQ(syscall_channel_open(&channel), 0);
	CHECK_EQ(syscall_channel_open(&channel), -EEXIST);
	CHECK_EQ(send(), 0);
	CHECK_EQ(nsent, 1);
	channel.closed(&channel);
	CHECK_EQ(send(), -EPIPE);
}

/* With nobody else the CPU halts until the doorbell for space, which is no hang. */
static void halts_while_full(void)
{
	init(3, true);
	CHECK_EQ(syscall_channel_open(&channel), 0);
	CHECK_EQ(send(), 0);
	CHECK_EQ(nsent, 1);
	CHECK_EQ(halts, 3);
	CHECK_EQ(monitor.state, MONITOR_KERNEL);
	channel.closed(&channel);
}

/* Others run meanwhile; each time the watchdog sees that the CPU does something. */
static void lets_others_run(void)
{
	u64 seen;

	init(3, false);
	CHECK_EQ(syscall_channel_open(&channel), 0);
	seen = monitor.counter;
	CHECK_EQ(send(), 0);
	CHECK_EQ(nsent, 1);
	CHECK_EQ(halts, 0);
	CHECK_EQ(yields, 3);
	CHECK(monitor.counter >= seen + 3);
	channel.closed(&channel);
}

static const struct unit_test tests[] = {
	UNIT_TEST(one_to_a_cpu),
	UNIT_TEST(halts_while_full),
	UNIT_TEST(lets_others_run),
};

UNIT_MAIN(tests)
