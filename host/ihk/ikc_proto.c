// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IKC connection protocol, Linux's side; see ikc_proto.h for how it is used
 * and docs/ikc.md for the protocol. Every packet is validated in full before anything
 * changes.
 */
#include "ikc_proto.h"

typedef int (*ikc_handler)(struct ikc_conn *conn, const struct ikc_packet *packet);

static const ikc_handler handlers[] = {
#define IKC_TO_HOST(number, name, handler, doc) [number] = handler,
#include "abi/messages.def"
};

#define NHANDLERS (sizeof(handlers) / sizeof(handlers[0]))

static void request_get(const struct ikc_packet *packet, struct ikc_connect *out)
{
	__builtin_memcpy(out, packet->u.bytes, sizeof(*out));
}

/* Send a connection message about @conn with both ids and, for a request, its geometry. */
static void conn_send(struct ikc_proto *proto, u32 msg, int err, u64 cookie,
		      const struct ikc_connect *body)
{
	struct ikc_packet packet = {
		.msg = msg,
		.err = err,
		.cookie = cookie,
	};

	__builtin_memcpy(packet.u.bytes, body, sizeof(*body));
	proto->ops->send(proto, &packet);
}

static struct ikc_connect conn_ids(const struct ikc_conn *conn)
{
	return (struct ikc_connect){
		.version = IKC_RING_VERSION,
		.packet_len = IKC_PACKET_LEN,
		.host_id = conn->host_id,
		.lwk_id = conn->lwk_id,
	};
}

static void disconnect_send(struct ikc_conn *conn)
{
	struct ikc_connect body = conn_ids(conn);

	conn->state = IKC_CONN_CLOSING;
	conn_send(conn->proto, IKC_MSG_DISCONNECT, 0, conn->host_id, &body);
}

static int conn_insert(struct ikc_proto *proto, struct ikc_conn *conn)
{
	u32 id = proto->next_id;
	u32 tries;

	for (tries = 1; tries < IKC_MAX_CHANNELS; tries++) {
		if (!proto->conns[id])
			break;
		id = id % (IKC_MAX_CHANNELS - 1) + 1;
	}
	if (proto->conns[id])
		return -EMFILE;
	proto->next_id = id % (IKC_MAX_CHANNELS - 1) + 1;
	proto->conns[id] = conn;
	conn->proto = proto;
	conn->host_id = id;
	return 0;
}

/* Ends a connection: the table forgets it, whoever waits is told. */
static void conn_end(struct ikc_conn *conn, int err)
{
	struct ikc_proto *proto = conn->proto;

	proto->conns[conn->host_id] = NULL;
	conn->state = IKC_CONN_DEAD;
	conn->err = err;
	proto->ops->changed(conn);
	proto->ops->release(conn);
}

static struct ikc_conn *conn_find(struct ikc_proto *proto, u32 id)
{
	return id > 0 && id < IKC_MAX_CHANNELS ? proto->conns[id] : NULL;
}

void ikc_proto_init(struct ikc_proto *proto)
{
	proto->master.proto = proto;
	proto->master.state = IKC_CONN_OPEN;
	proto->master.npackets = IKC_MASTER_PACKETS;
	proto->next_id = 1;
}

/* The only range that can hold @start: the last one that does not begin behind it. */
static const struct ikc_range *range_find(const struct ikc_proto *proto, u64 start)
{
	u32 low = 0;
	u32 high = proto->nranges;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (proto->ranges[middle].start <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &proto->ranges[low - 1] : NULL;
}

_Bool ikc_range_granted(const struct ikc_proto *proto, u64 start, u64 end)
{
	const struct ikc_range *range;

	if (end <= start)
		return 0;
	if (start < proto->reserved.end && end > proto->reserved.start)
		return 0;
	range = range_find(proto, start);
	return range && end <= range->end;
}

_Bool ikc_ring_granted(const struct ikc_proto *proto, u64 addr, u32 npackets)
{
	return !(addr & (4096 - 1)) &&
	       ikc_range_granted(proto, addr, addr + ikc_ring_len(npackets));
}

/* What all connection messages that carry rings must satisfy. */
static int rings_check(struct ikc_proto *proto, const struct ikc_connect *body)
{
	u64 len = ikc_ring_len(body->npackets);

	if (!ikc_ring_granted(proto, body->to_lwk, body->npackets) ||
	    !ikc_ring_granted(proto, body->to_host, body->npackets)) {
		proto->ops->log(proto,
				"rings at %#llx and %#llx of %u packets are not page-aligned granted memory",
				body->to_lwk, body->to_host, body->npackets);
		return -EFAULT;
	}
	if (body->to_lwk < body->to_host + len && body->to_host < body->to_lwk + len) {
		proto->ops->log(proto, "rings at %#llx and %#llx of %u packets overlap",
				body->to_lwk, body->to_host, body->npackets);
		return -EINVAL;
	}
	return 0;
}

static int version_check(struct ikc_proto *proto, const struct ikc_connect *body)
{
	if (body->version == IKC_RING_VERSION && body->packet_len == IKC_PACKET_LEN)
		return 0;
	proto->ops->log(proto,
			"the LWK's rings have version %u and packets of %u bytes, Linux's have version %u and %u bytes",
			body->version, body->packet_len, IKC_RING_VERSION, IKC_PACKET_LEN);
	return -EPROTO;
}

static int request_check(struct ikc_proto *proto, const struct ikc_connect *body)
{
	int err = version_check(proto, body);

	if (err)
		return err;
	if (body->reserved || !ikc_npackets_valid(body->npackets) || body->cpu >= proto->ncpus) {
		proto->ops->log(proto, "connection to port %u: reserved %u, %u packets, CPU %u of %u",
				body->port, body->reserved, body->npackets, body->cpu,
				proto->ncpus);
		return -EINVAL;
	}
	return rings_check(proto, body);
}

int ikc_proto_connect(struct ikc_proto *proto, struct ikc_conn *conn)
{
	struct ikc_connect body;
	int err;

	if (conn->cpu >= proto->ncpus || !ikc_npackets_valid(conn->npackets))
		return -EINVAL;
	err = conn_insert(proto, conn);
	if (err)
		return err;
	conn->state = IKC_CONN_CONNECTING;
	body = conn_ids(conn);
	body.port = conn->port;
	body.cpu = conn->cpu;
	body.npackets = conn->npackets;
	conn_send(proto, IKC_MSG_CONNECT, 0, conn->host_id, &body);
	return 0;
}

void ikc_proto_abandon(struct ikc_conn *conn)
{
	conn->state = IKC_CONN_ABANDONED;
}

void ikc_proto_disconnect(struct ikc_conn *conn)
{
	disconnect_send(conn);
}

void ikc_proto_shutdown(struct ikc_proto *proto, int err)
{
	u32 id;

	for (id = 1; id < IKC_MAX_CHANNELS; id++) {
		struct ikc_conn *conn = proto->conns[id];

		if (!conn)
			continue;
		if (conn->state == IKC_CONN_OPEN)
			proto->ops->detach(conn);
		conn_end(conn, err);
	}
}

/* The geometry in a reply must be what was asked for. */
static int reply_check(const struct ikc_conn *conn, const struct ikc_connect *body)
{
	struct ikc_proto *proto = conn->proto;

	if (body->port != conn->port || body->cpu != conn->cpu ||
	    body->npackets != conn->npackets) {
		proto->ops->log(proto,
				"reply for channel %u: port %u, CPU %u, %u packets instead of %u, %u, %u",
				conn->host_id, body->port, body->cpu, body->npackets, conn->port,
				conn->cpu, conn->npackets);
		return -EPROTO;
	}
	return request_check(proto, body);
}

/* An errno of the LWK's, which Linux code is about to use as one. */
static int error_check(int err)
{
	return err < 0 && err >= -EHWPOISON ? err : -EPROTO;
}

int ikc_on_connect_reply(struct ikc_conn *from, const struct ikc_packet *packet)
{
	struct ikc_proto *proto = from->proto;
	struct ikc_connect body;
	struct ikc_conn *conn;
	int err;

	if (from != &proto->master)
		return -ENOSYS;
	request_get(packet, &body);
	conn = conn_find(proto, body.host_id);
	if (!conn || (conn->state != IKC_CONN_CONNECTING && conn->state != IKC_CONN_ABANDONED))
		return -ENOENT;
	if (packet->err) {
		conn_end(conn, error_check(packet->err));
		return 0;
	}
	conn->lwk_id = body.lwk_id;
	err = reply_check(conn, &body);
	if (!err && conn->state == IKC_CONN_CONNECTING)
		err = proto->ops->attach(conn, body.to_lwk, body.to_host);
	else if (!err)
		err = -ETIMEDOUT;
	if (err) {
		/* The LWK believes that it is open. */
		conn->err = err;
		disconnect_send(conn);
		proto->ops->changed(conn);
		return 0;
	}
	conn->state = IKC_CONN_OPEN;
	proto->ops->opened(conn);
	proto->ops->changed(conn);
	return 0;
}

static int lwk_connect(struct ikc_proto *proto, const struct ikc_connect *body,
		       struct ikc_conn **out)
{
	struct ikc_conn *conn;
	int err;

	err = request_check(proto, body);
	if (err)
		return err;
	err = proto->ops->accept(proto, body, &conn);
	if (err)
		return err;
	conn->lwk_id = body->lwk_id;
	conn->port = body->port;
	conn->cpu = body->cpu;
	conn->npackets = body->npackets;
	err = conn_insert(proto, conn);
	if (err)
		goto release;
	err = proto->ops->attach(conn, body->to_lwk, body->to_host);
	if (err)
		goto remove;
	conn->state = IKC_CONN_OPEN;
	*out = conn;
	return 0;
remove:
	proto->conns[conn->host_id] = NULL;
release:
	conn->state = IKC_CONN_DEAD;
	conn->err = err;
	proto->ops->release(conn);
	return err;
}

int ikc_on_lwk_connect(struct ikc_conn *from, const struct ikc_packet *packet)
{
	struct ikc_proto *proto = from->proto;
	struct ikc_conn *conn = NULL;
	struct ikc_connect body;
	int err;

	if (from != &proto->master)
		return -ENOSYS;
	request_get(packet, &body);
	err = lwk_connect(proto, &body, &conn);
	/* The reply says what Linux has, also when that is why it refuses. */
	body.version = IKC_RING_VERSION;
	body.packet_len = IKC_PACKET_LEN;
	body.host_id = conn ? conn->host_id : 0;
	conn_send(proto, IKC_MSG_LWK_CONNECT_REPLY, err, packet->cookie, &body);
	if (conn)
		proto->ops->opened(conn);
	return 0;
}

int ikc_on_disconnect_reply(struct ikc_conn *from, const struct ikc_packet *packet)
{
	struct ikc_proto *proto = from->proto;
	struct ikc_connect body;
	struct ikc_conn *conn;

	if (from != &proto->master)
		return -ENOSYS;
	request_get(packet, &body);
	conn = conn_find(proto, body.host_id);
	if (!conn || conn->state != IKC_CONN_CLOSING)
		return -ENOENT;
	conn_end(conn, conn->err);
	return 0;
}

int ikc_on_lwk_disconnect(struct ikc_conn *from, const struct ikc_packet *packet)
{
	struct ikc_proto *proto = from->proto;
	struct ikc_connect body;
	struct ikc_conn *conn;
	int err = 0;

	if (from != &proto->master)
		return -ENOSYS;
	request_get(packet, &body);
	conn = conn_find(proto, body.host_id);
	if (conn && conn->lwk_id == body.lwk_id && conn->state == IKC_CONN_OPEN) {
		proto->ops->detach(conn);
		conn_end(conn, -EPIPE);
	} else if (!conn || conn->lwk_id != body.lwk_id || conn->state != IKC_CONN_CLOSING) {
		/* Both sides closing at once is fine: our own DISCONNECT ends it. */
		err = -ENOENT;
	}
	conn_send(proto, IKC_MSG_LWK_DISCONNECT_REPLY, err, packet->cookie, &body);
	return 0;
}

int ikc_on_unknown(struct ikc_conn *conn, const struct ikc_packet *packet)
{
	struct ikc_proto *proto = conn->proto;

	proto->ops->log(proto, "the LWK refuses message %llu on channel %u: error %d",
			packet->u.words[0], conn->host_id, packet->err);
	return 0;
}

_Bool ikc_proto_dispatch(struct ikc_conn *conn, const struct ikc_packet *packet,
			 struct ikc_packet *reply)
{
	u32 msg = packet->msg;
	int err = -ENOSYS;

	if (packet->reserved)
		err = -EINVAL;
	else if (msg < NHANDLERS && handlers[msg])
		err = handlers[msg](conn, packet);
	/* Never answer a refusal with a refusal. */
	if (!err || msg == IKC_MSG_UNKNOWN_TO_LWK)
		return 0;
	conn->proto->ops->log(conn->proto, "message %u on channel %u is refused: error %d", msg,
			      conn->host_id, err);
	__builtin_memset(reply, 0, sizeof(*reply));
	reply->msg = IKC_MSG_UNKNOWN_TO_HOST;
	reply->err = err;
	reply->cookie = packet->cookie;
	reply->u.words[0] = msg;
	return 1;
}
