// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port ECHO: packets come back as they were, from the interrupt handler, the work
 * queue or a polling loop.
 */
#include "abi/errno.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/time.h"
#include "lwk/include/msg/ikc.h"

#define POLL_MAX_PACKETS 10000000
#define POLL_IDLE_NS NSEC_PER_SEC /* without a packet, polling ends */

static struct ikc_packet make_reply(const struct ikc_packet *packet)
{
	struct ikc_packet reply = *packet;

	reply.msg = IKC_MSG_ECHO_REPLY;
	return reply;
}

static void send_back(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet reply = make_reply(packet);
	int err = ikc_send(chan, &reply);

	/* A peer that closes before the answer is there does not want it. */
	if (err && err != -EPIPE)
		log_err("echo: channel %u: cannot send a packet back: error %d", chan->id, err);
}

int echo_on_irq(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet reply = make_reply(packet);

	if (chan->port != IKC_PORT_ECHO)
		return -ENOSYS;
	ikc_reply(chan, &reply);
	return 0;
}

int echo_on_work(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	if (chan->port != IKC_PORT_ECHO)
		return -ENOSYS;
	ikc_defer(chan, packet, send_back);
	return 0;
}

/* The doorbell handler leaves a paused channel's ring to us. */
static void poll(struct ikc_channel *chan, const struct ikc_packet *request)
{
	u64 left = request->u.words[0];
	u64 deadline = time_ns() + POLL_IDLE_NS;
	struct ikc_packet packet;
	bool bell;

	ikc_rx_disarm(&chan->rx);
	while (left && time_ns() < deadline && READ_ONCE(chan->state) == IKC_OPEN) {
		int err = ikc_rx_pop(&chan->rx, &packet, &bell);

		monitor_touch();
		if (err == -EAGAIN) {
			arch_cpu_relax();
			continue;
		}
		/* The doorbell handler meets the same broken ring and deals with it. */
		if (err)
			return;
		if (bell)
			doorbell_ring();
		send_back(chan, &packet);
		deadline = time_ns() + POLL_IDLE_NS;
		left--;
	}
	if (left)
		log_debug("echo: channel %u: polling ended, %llu packets early", chan->id, left);
}

int echo_on_poll(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	if (chan->port != IKC_PORT_ECHO)
		return -ENOSYS;
	if (!packet->u.words[0] || packet->u.words[0] > POLL_MAX_PACKETS)
		return -EINVAL;
	ikc_defer(chan, packet, poll);
	return 0;
}
