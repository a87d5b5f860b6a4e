// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round trips over IKC to one LWK CPU (IHK_IOC_PING), and fault injection in an LWK
 * that allows it (IHK_IOC_TEST): users of ikc.h like any other.
 *
 * A packet that comes back must be the one that was sent, byte for byte. The state of a
 * ping is shared with the receive callback, which runs under the channel's rx_lock.
 */
#define pr_fmt(fmt) "ihk: ping: " fmt

#include "ihk.h"

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "doorbell.h"
#include "ikc.h"
#include "ikc_link.h"

#define PING_PACKETS 64
#define PING_MAX_COUNT 10000000
#define PING_TIMEOUT_MS (60 * MSEC_PER_SEC)
#define CONNECT_TIMEOUT_MS (10 * MSEC_PER_SEC)
/* Polls between two looks at the clock and offers of the CPU. */
#define POLL_TURNS 64

/**
 * struct ping - one IHK_IOC_PING under way
 * @chan:	channel to the LWK's port ECHO
 * @msg:	how the LWK is to answer
 * @count:	round trips wanted
 * @done:	round trips that came back right
 * @err:	why it stopped, or 0
 * @chain:	the callback sends the next packet
 * @answered:	a packet is back, or with @chain all are, or @err is set
 * @deadline:	when to give up
 */
struct ping {
	struct ikc_chan *chan;
	u32 msg;
	u32 count;
	u32 done;
	int err;
	bool chain;
	struct completion answered;
	ktime_t deadline;
};

/* Packet number @n, from 1; each word depends on it. */
static void packet_make(struct ikc_packet *packet, u32 msg, u32 n)
{
	u32 i;

	memset(packet, 0, sizeof(*packet));
	packet->msg = msg;
	packet->cookie = n;
	for (i = 0; i < ARRAY_SIZE(packet->u.words); i++)
		packet->u.words[i] = (u64)n * 0x9e3779b97f4a7c15ULL + i;
}

static int packet_check(const struct ikc_packet *packet, u32 n)
{
	struct ikc_packet want;

	packet_make(&want, IKC_MSG_ECHO_REPLY, n);
	return memcmp(packet, &want, sizeof(want)) ? -EBADMSG : 0;
}

static int ping_send(struct ping *ping, u32 n, unsigned int flags)
{
	struct ikc_packet packet;

	packet_make(&packet, ping->msg, n);
	return ikc_send(ping->chan, &packet, flags);
}

int echo_on_reply(struct ikc_conn *conn, const struct ikc_packet *packet)
{
	struct ping *ping;
	int err;

	if (conn->port != IKC_PORT_ECHO)
		return -ENOSYS;
	ping = ikc_chan_of(conn)->data;
	if (ping->err || ping->done == ping->count)
		return -EINVAL;
	err = packet_check(packet, ping->done + 1);
	if (!err) {
		ping->done++;
		/* One packet is under way at a time, so there is space. */
		if (ping->chain && ping->done < ping->count)
			err = ping_send(ping, ping->done + 1, IKC_NOWAIT);
	}
	ping->err = err;
	if (err || !ping->chain || ping->done == ping->count)
		complete(&ping->answered);
	return 0;
}

static void ping_closed(struct ikc_chan *chan)
{
	struct ping *ping = chan->data;

	spin_lock_irq(&chan->rx_lock);
	if (!ping->err)
		ping->err = -EPIPE;
	spin_unlock_irq(&chan->rx_lock);
	complete(&ping->answered);
}

static const struct ikc_chan_ops ping_ops = {
	.closed = ping_closed,
};

static int ping_wait(struct ping *ping)
{
	s64 left = ktime_ms_delta(ping->deadline, ktime_get());
	long ret;

	ret = wait_for_completion_interruptible_timeout(&ping->answered,
							msecs_to_jiffies(max_t(s64, left, 1)));
	if (ret < 0)
		return -EINTR;
	if (!ret)
		return -ETIMEDOUT;
	return READ_ONCE(ping->err);
}

/* Interrupt handler to interrupt handler: the callback does it all. */
static int ping_irq(struct ping *ping, struct ihk_ioc_ping *req)
{
	int err;

	ping->chain = true;
	err = ping_send(ping, 1, 0);
	return err ? err : ping_wait(ping);
}

static void time_note(struct ihk_ioc_ping *req, ktime_t start)
{
	u64 ns = ktime_to_ns(ktime_sub(ktime_get(), start));

	req->min_ns = min(req->min_ns, ns);
	req->max_ns = max(req->max_ns, ns);
}

static int ping_work(struct ping *ping, struct ihk_ioc_ping *req)
{
	ktime_t start;
	u32 n;
	int err;

	for (n = 1; n <= ping->count; n++) {
		start = ktime_get();
		err = ping_send(ping, n, 0);
		if (!err)
			err = ping_wait(ping);
		if (err)
			return err;
		time_note(req, start);
	}
	return 0;
}

/* Polls for one packet; other threads get the CPU now and then. */
static int poll_one(struct ping *ping, struct ikc_packet *packet)
{
	int turns;
	int err;

	for (;;) {
		for (turns = 0; turns < POLL_TURNS; turns++) {
			err = ikc_receive(ping->chan, packet);
			if (err != -EAGAIN)
				return err;
			cpu_relax();
		}
		if (signal_pending(current))
			return -EINTR;
		if (ktime_after(ktime_get(), ping->deadline))
			return -ETIMEDOUT;
		cond_resched();
	}
}

static int ping_poll_loop(struct ping *ping, struct ihk_ioc_ping *req)
{
	struct ikc_packet packet;
	ktime_t start;
	u32 n;
	int err;

	for (n = 1; n <= ping->count; n++) {
		start = ktime_get();
		err = ping_send(ping, n, IKC_NOWAIT);
		if (!err)
			err = poll_one(ping, &packet);
		if (!err)
			err = packet_check(&packet, n);
		if (err)
			return err;
		ping->done++;
		time_note(req, start);
	}
	return 0;
}

static int ping_poll(struct ping *ping, struct ihk_ioc_ping *req)
{
	struct ikc_packet begin = { .msg = IKC_MSG_ECHO_POLL };
	int err;

	begin.u.words[0] = ping->count;
	ikc_poll_start(ping->chan);
	err = ikc_send(ping->chan, &begin, 0);
	if (!err)
		err = ping_poll_loop(ping, req);
	ikc_poll_stop(ping->chan);
	return err;
}

static const struct {
	u32 msg;
	int (*run)(struct ping *ping, struct ihk_ioc_ping *req);
} modes[] = {
	[IHK_PING_IRQ] = { IKC_MSG_ECHO_IRQ, ping_irq },
	[IHK_PING_WORK] = { IKC_MSG_ECHO_WORK, ping_work },
	[IHK_PING_POLL] = { IKC_MSG_ECHO_IRQ, ping_poll },
};

static int port_connect(struct ihk_os *os, u32 port, u32 cpu, const struct ikc_chan_ops *ops,
			void *data, struct ikc_chan **chan)
{
	const struct ikc_params params = {
		.port = port,
		.cpu = cpu,
		.npackets = PING_PACKETS,
		.timeout_ms = CONNECT_TIMEOUT_MS,
		.ops = ops,
		.data = data,
	};
	enum ihk_status status = READ_ONCE(os->status);
	int err;

	if (status != IHK_STATUS_RUNNING)
		return ihk_report(-EINVAL, "OS instance %d is %s: only a RUNNING one answers",
				  os->index, ihk_status_name(status));
	if (cpu >= READ_ONCE(os->ncpus))
		return ihk_report(-EINVAL, "OS instance %d has no LWK CPU %u", os->index, cpu);
	err = ikc_connect(os, &params, chan);
	if (err == -ECONNREFUSED)
		ihk_report(err, "Nobody listens on port %u of OS instance %d%s", port, os->index,
			   port == IKC_PORT_TEST ? ": it runs without test_hooks" : "");
	else if (err)
		ihk_report(err, "Cannot connect to port %u of LWK CPU %u of OS %d: error %d", port,
			   cpu, os->index, err);
	return err;
}

/* The Linux CPU that serves a channel; CPU 0 once the boot is gone. */
static u32 server_of(const struct ikc_chan *chan)
{
	struct ikc_link *link = chan->link;
	u32 server = 0;

	mutex_lock(&link->lock);
	if (!link->down)
		server = READ_ONCE(link->boot->watch[chan->conn.cpu].server);
	mutex_unlock(&link->lock);
	return server;
}

static void ping_run(struct ping *ping, struct ihk_ioc_ping *req)
{
	u32 server = server_of(ping->chan);
	u64 bells = ihk_doorbell_count(server);
	ktime_t start = ktime_get();
	int err;

	ping->deadline = ktime_add_ms(start, req->timeout_ms ? req->timeout_ms : PING_TIMEOUT_MS);
	req->min_ns = U64_MAX;
	req->max_ns = 0;
	err = modes[req->mode].run(ping, req);
	req->total_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	req->bells_in = ihk_doorbell_count(server) - bells;
	if (req->min_ns == U64_MAX)
		req->min_ns = 0;
	spin_lock_irq(&ping->chan->rx_lock);
	req->done = ping->done;
	if (!ping->err)
		ping->err = err;
	spin_unlock_irq(&ping->chan->rx_lock);
}

int ihk_ping(struct ihk_os *os, struct ihk_ioc_ping *req)
{
	struct ping ping = { .count = req->count };
	int err;

	if (req->mode >= ARRAY_SIZE(modes) || !req->count || req->count > PING_MAX_COUNT ||
	    req->reserved)
		return ihk_report(-EINVAL, "A ping has mode 0 to %zu and 1 to %u round trips, not mode %u and %u",
				  ARRAY_SIZE(modes) - 1, PING_MAX_COUNT, req->mode, req->count);
	ping.msg = modes[req->mode].msg;
	init_completion(&ping.answered);
	err = port_connect(os, IKC_PORT_ECHO, req->lwk_cpu, &ping_ops, &ping, &ping.chan);
	if (err)
		return err;
	ping_run(&ping, req);
	/* Afterwards nobody else has @ping. */
	ikc_disconnect(ping.chan);
	if (ping.err)
		return ihk_report(ping.err, "Ping stopped after %u of %u round trips: error %d",
				  ping.done, ping.count, ping.err);
	return 0;
}

/**
 * struct test - one IHK_IOC_TEST under way
 * @reply:	the LWK's answer
 * @answered:	it is there, or the channel has ended
 * @done:	it is there
 */
struct test {
	struct ikc_packet reply;
	struct completion answered;
	bool done;
};

int test_on_reply(struct ikc_conn *conn, const struct ikc_packet *packet)
{
	struct test *test;

	if (conn->port != IKC_PORT_TEST)
		return -ENOSYS;
	test = ikc_chan_of(conn)->data;
	if (!test)
		return 0;
	if (test->done)
		return -EINVAL;
	test->reply = *packet;
	test->done = true;
	complete(&test->answered);
	return 0;
}

static void test_closed(struct ikc_chan *chan)
{
	struct test *test = chan->data;

	complete(&test->answered);
}

static const struct ikc_chan_ops test_ops = {
	.closed = test_closed,
};

static int test_wait(struct test *test, struct ihk_ioc_test *req)
{
	long ret;

	ret = wait_for_completion_interruptible_timeout(&test->answered,
							msecs_to_jiffies(req->timeout_ms));
	if (ret < 0)
		return -EINTR;
	if (!ret)
		return ihk_report(-ETIMEDOUT, "Test %u did not answer within %u ms", req->test,
				  req->timeout_ms);
	if (!test->done)
		return ihk_report(-EPIPE, "Test %u ended the LWK", req->test);
	BUILD_BUG_ON(sizeof(req->words) > sizeof(test->reply.u.words));
	memcpy(req->words, test->reply.u.words, sizeof(req->words));
	if (test->reply.err < 0)
		return ihk_report(test->reply.err >= -EHWPOISON ? test->reply.err : -EPROTO,
				  "Test %u answered error %d", req->test, test->reply.err);
	return 0;
}

int ihk_test(struct ihk_os *os, struct ihk_ioc_test *req)
{
	struct ikc_packet packet = { .msg = IKC_MSG_TEST };
	struct test test = { .done = false };
	struct ikc_chan *chan;
	int err;

	if (req->reserved)
		return ihk_report(-EINVAL, "Reserved fields of a test must be zero");
	init_completion(&test.answered);
	err = port_connect(os, IKC_PORT_TEST, req->lwk_cpu, &test_ops, &test, &chan);
	if (err)
		return err;
	memcpy(packet.u.words, req->words, sizeof(req->words));
	packet.u.words[0] = req->test;
	err = ikc_send(chan, &packet, 0);
	if (!err && !req->timeout_ms) {
		/* The LWK must see the request before the channel goes. */
		ikc_leave(chan);
		return 0;
	}
	if (!err)
		err = test_wait(&test, req);
	ikc_disconnect(chan);
	return err;
}
