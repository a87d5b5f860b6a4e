// SPDX-License-Identifier: GPL-2.0-only
/*
 * The messages of the master channel: opening and closing of channels by both
 * sides. All of them run in the first CPU's doorbell handler, so one at a time.
 */
#include "abi/offload.h"
#include "lwk/include/core/kargs.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/msg/channel.h"
#include "lwk/lib/string.h"

static bool port_served(u32 port)
{
	return port == IKC_PORT_ECHO || port == IKC_PORT_SYSCALL || port == IKC_PORT_CONTROL ||
	       (port == IKC_PORT_TEST && kargs_get()->test_hooks);
}

static struct ikc_connect body_of(const struct ikc_packet *packet)
{
	struct ikc_connect body;

	memcpy(&body, packet->u.bytes, sizeof(body));
	return body;
}

static int check_version(const struct ikc_connect *body)
{
	if (body->version == IKC_RING_VERSION && body->packet_len == IKC_PACKET_LEN)
		return 0;
	log_err("ikc: Linux's rings are version %u with packets of %u bytes, ours version %u with %u",
		body->version, body->packet_len, IKC_RING_VERSION, IKC_PACKET_LEN);
	return -EPROTO;
}

static int check_connect(const struct ikc_connect *body)
{
	int err = check_version(body);

	if (err)
		return err;
	if (body->reserved || body->lwk_id || body->to_lwk || body->to_host || !body->host_id ||
	    body->cpu >= percpu_count() || !ikc_npackets_valid(body->npackets)) {
		log_err("ikc: bad connection to port %u: CPU %u, %u packets, ids %u and %u",
			body->port, body->cpu, body->npackets, body->host_id, body->lwk_id);
		return -EINVAL;
	}
	if (!percpu_online(body->cpu))
		return -EAGAIN;
	return port_served(body->port) ? 0 : -ECONNREFUSED;
}

int ikc_on_connect(struct ikc_channel *from, const struct ikc_packet *packet)
{
	struct ikc_connect body = body_of(packet);
	struct ikc_packet reply = *packet;
	struct ikc_channel *chan;

	if (from != ikc_master())
		return -ENOSYS;
	reply.msg = IKC_MSG_CONNECT_REPLY;
	reply.err = check_connect(&body);
	if (!reply.err)
		reply.err = channel_create(body.port, body.cpu, body.npackets, &chan);
	if (!reply.err) {
		chan->host_id = body.host_id;
		connect_fill(chan, &reply);
		log_debug("ikc: channel %u to port %u on CPU %u opened by Linux", chan->id,
			  chan->port, chan->cpu);
		channel_announce(chan, IKC_OPEN);
		channel_hand_over(chan);
	}
	ikc_reply(from, &reply);
	return 0;
}

int ikc_on_lwk_connect_reply(struct ikc_channel *from, const struct ikc_packet *packet)
{
	struct ikc_connect body = body_of(packet);
	struct ikc_channel *chan;
	int err = packet->err;

	if (from != ikc_master())
		return -ENOSYS;
	if (!err)
		err = check_version(&body);
	if (!err && !body.host_id)
		err = -EPROTO;
	chan = channel_connected(body.lwk_id, body.host_id, err ? IKC_DEAD : IKC_OPEN);
	if (!chan)
		return -ENOENT;
	chan->opened(chan, err);
	channel_hand_over(chan);
	return 0;
}

int ikc_on_disconnect(struct ikc_channel *from, const struct ikc_packet *packet)
{
	struct ikc_connect body = body_of(packet);

	if (from != ikc_master())
		return -ENOSYS;
	return channel_close(body.lwk_id, body.host_id, packet->cookie) ? 0 : -ENOENT;
}

int ikc_on_lwk_disconnect_reply(struct ikc_channel *from, const struct ikc_packet *packet)
{
	if (from != ikc_master())
		return -ENOSYS;
	channel_left(body_of(packet).lwk_id);
	return 0;
}

int ikc_on_unknown(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	log_err("ikc: Linux refuses message %llu on channel %u: error %d", packet->u.words[0],
		chan->id, packet->err);
	return 0;
}
