/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The owner of an IKC protocol as test_ikc_proto.c simulates it: handlers that count
 * how often they are called, and helpers that make and send an LWK's packets.
 *
 * Included behind the source under test.
 */
#ifndef TESTS_UNIT_IKC_PROTO_OWNER_H
#define TESTS_UNIT_IKC_PROTO_OWNER_H

#include <stdarg.h>
#include <string.h>

#include "tests/unit/unit.h"

#define NCPUS 3
#define PORT_OPEN 77	/* somebody listens */
#define PORT_FULL 78	/* the listener refuses */
#define PACKETS 16
#define FUZZ_ROUNDS 300000

/* Granted memory, and in the first range a part that is shared already. */
static const struct ikc_range ranges[] = {
	{ 0x100000, 0x200000 },
	{ 0x400000, 0x410000 },
};
#define RESERVED_START 0x180000
#define RESERVED_END 0x190000
#define RING_A 0x110000
#define RING_B 0x120000

/* What happened since proto_new(). */
static struct ikc_packet sent[8];
static u32 nsent;
static u32 nlogs, nattached, nopened, nchanged, ndetached, nreleased, nconns, nechoes;
static int attach_err, changed_err;

static void count_send(struct ikc_proto *proto, const struct ikc_packet *packet)
{
	(void)proto;
	sent[nsent++ % ARRAY_SIZE(sent)] = *packet;
}

static struct ikc_conn *conn_new(u32 port)
{
	struct ikc_conn *conn = calloc(1, sizeof(*conn));

	CHECK(conn);
	conn->port = port;
	conn->cpu = 1;
	conn->npackets = PACKETS;
	nconns++;
	return conn;
}

static int count_accept(struct ikc_proto *proto, const struct ikc_connect *request,
			struct ikc_conn **out)
{
	(void)proto;
	if (request->port == PORT_FULL)
		return -EBUSY;
	if (request->port != PORT_OPEN)
		return -ECONNREFUSED;
	*out = conn_new(request->port);
	return 0;
}

static int count_attach(struct ikc_conn *conn, u64 to_lwk, u64 to_host)
{
	CHECK(ikc_ring_granted(conn->proto, to_lwk, conn->npackets));
	CHECK(ikc_ring_granted(conn->proto, to_host, conn->npackets));
	CHECK(conn->cpu < NCPUS);
	if (attach_err)
		return attach_err;
	nattached++;
	return 0;
}

static void count_opened(struct ikc_conn *conn)
{
	CHECK_EQ(conn->state, IKC_CONN_OPEN);
	nopened++;
}

static void count_changed(struct ikc_conn *conn)
{
	changed_err = conn->err;
	nchanged++;
}

static void count_detach(struct ikc_conn *conn)
{
	CHECK_EQ(conn->state, IKC_CONN_OPEN);
	ndetached++;
}

static void count_release(struct ikc_conn *conn)
{
	CHECK_EQ(conn->state, IKC_CONN_DEAD);
	nreleased++;
	nconns--;
	free(conn);
}

static char last_log[256];

static void count_log(struct ikc_proto *proto, const char *fmt, ...)
{
	va_list args;

	(void)proto;
	va_start(args, fmt);
	vsnprintf(last_log, sizeof(last_log), fmt, args);
	va_end(args);
	nlogs++;
}

static const struct ikc_proto_ops ops = {
	.send = count_send,
	.accept = count_accept,
	.attach = count_attach,
	.opened = count_opened,
	.changed = count_changed,
	.detach = count_detach,
	.release = count_release,
	.log = count_log,
};

int echo_on_reply(struct ikc_conn *conn, const struct ikc_packet *packet)
{
	(void)packet;
	if (conn->port != IKC_PORT_ECHO)
		return -ENOSYS;
	nechoes++;
	return 0;
}

int test_on_reply(struct ikc_conn *conn, const struct ikc_packet *packet)
{
	(void)conn;
	(void)packet;
	return -ENOSYS;
}

static struct ikc_proto proto;

static void proto_new(void)
{
	proto.ops = &ops;
	proto.ncpus = NCPUS;
	proto.ranges = ranges;
	proto.nranges = ARRAY_SIZE(ranges);
	proto.reserved.start = RESERVED_START;
	proto.reserved.end = RESERVED_END;
	ikc_proto_init(&proto);
}

/* The peer says something on the master channel. Returns whether it was refused. */
static bool say(u32 msg, int err, const struct ikc_connect *body, struct ikc_packet *reply)
{
	struct ikc_packet packet = { .msg = msg, .err = err, .cookie = 0xc00c1e };

	memcpy(packet.u.bytes, body, sizeof(*body));
	return ikc_proto_dispatch(&proto.master, &packet, reply);
}

/* A request, or a positive reply, in which nothing is wrong. */
static struct ikc_connect good(u32 port)
{
	return (struct ikc_connect){
		.version = IKC_RING_VERSION,
		.packet_len = IKC_PACKET_LEN,
		.port = port,
		.cpu = 1,
		.npackets = PACKETS,
		.lwk_id = 9,
		.to_lwk = RING_A,
		.to_host = RING_B,
	};
}

static struct ikc_connect last_body(void)
{
	struct ikc_connect body;

	CHECK(nsent);
	memcpy(&body, sent[(nsent - 1) % ARRAY_SIZE(sent)].u.bytes, sizeof(body));
	return body;
}

static const struct ikc_packet *last_sent(void)
{
	CHECK(nsent);
	return &sent[(nsent - 1) % ARRAY_SIZE(sent)];
}

static struct ikc_conn *connect_ok(void)
{
	struct ikc_conn *conn = conn_new(IKC_PORT_ECHO);
	struct ikc_connect body = good(IKC_PORT_ECHO);
	struct ikc_packet reply;

	CHECK_EQ(ikc_proto_connect(&proto, conn), 0);
	CHECK_EQ(last_sent()->msg, IKC_MSG_CONNECT);
	body.host_id = last_body().host_id;
	CHECK(!say(IKC_MSG_CONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(conn->state, IKC_CONN_OPEN);
	return conn;
}

/* Sends a reply that Linux must not accept; the connection must be closed again. */
static void connect_bad(const struct ikc_connect *bad, int want)
{
	struct ikc_conn *conn = conn_new(IKC_PORT_ECHO);
	struct ikc_connect body = *bad;
	struct ikc_packet reply;

	CHECK_EQ(ikc_proto_connect(&proto, conn), 0);
	body.host_id = conn->host_id;
	CHECK(!say(IKC_MSG_CONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(conn->state, IKC_CONN_CLOSING);
	CHECK_EQ(conn->err, want);
	CHECK_EQ(last_sent()->msg, IKC_MSG_DISCONNECT);
	CHECK_EQ(last_body().lwk_id, body.lwk_id);
	CHECK(!say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(nconns, 0);
	CHECK_EQ(nattached, 0);
}

#endif
