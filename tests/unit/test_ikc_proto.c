// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IKC connection protocol of the Linux side against an LWK that is simulated
 * here: one that keeps the rules, and one that breaks each of them.
 *
 * The source is included, since it needs handlers of its user's, which are here.
 */
#include "host/ihk/ikc_proto.c"

#include "tests/unit/ikc_proto_owner.h"

static void host_connects(void)
{
	struct ikc_conn *conn;
	struct ikc_connect body;
	struct ikc_packet reply;

	proto_new();
	conn = connect_ok();
	CHECK_EQ(nattached, 1);
	CHECK_EQ(nopened, 1);
	ikc_proto_disconnect(conn);
	CHECK_EQ(last_sent()->msg, IKC_MSG_DISCONNECT);
	body = last_body();
	CHECK_EQ(body.lwk_id, 9);
	CHECK(!say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(nconns, 0);
	CHECK_EQ(ndetached, 0);
	/* Once more is once too often. */
	CHECK(say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(reply.err, -ENOENT);
}

static void host_is_refused(void)
{
	static const int answers[][2] = {
		{ -ECONNREFUSED, -ECONNREFUSED }, { -133, -133 }, { -134, -EPROTO },
		{ 5, -EPROTO }, { -2147483647 - 1, -EPROTO },
	};
	struct ikc_conn *conn;
	struct ikc_connect body;
	struct ikc_packet reply;
	u32 i;

	proto_new();
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		conn = conn_new(IKC_PORT_ECHO);
		CHECK_EQ(ikc_proto_connect(&proto, conn), 0);
		body = good(IKC_PORT_ECHO);
		body.host_id = conn->host_id;
		CHECK(!say(IKC_MSG_CONNECT_REPLY, answers[i][0], &body, &reply));
		CHECK_EQ(nconns, 0);
		CHECK_EQ(nchanged, i + 1);
		CHECK_EQ(changed_err, answers[i][1]);
	}
	CHECK_EQ(nattached, 0);
}

static void host_asks_nonsense(void)
{
	struct ikc_conn conn = { .cpu = NCPUS, .npackets = PACKETS };

	proto_new();
	CHECK_EQ(ikc_proto_connect(&proto, &conn), -EINVAL);
	conn.cpu = 0;
	conn.npackets = 3;
	CHECK_EQ(ikc_proto_connect(&proto, &conn), -EINVAL);
	CHECK_EQ(nsent, 0);
}

static void bad_replies(void)
{
	struct ikc_connect body;

	proto_new();
	body = good(IKC_PORT_ECHO + 1);
	connect_bad(&body, -EPROTO);
	body = good(IKC_PORT_ECHO);
	body.npackets = 2 * PACKETS;
	connect_bad(&body, -EPROTO);
	body = good(IKC_PORT_ECHO);
	body.cpu = 0;
	connect_bad(&body, -EPROTO);
	body = good(IKC_PORT_ECHO);
	body.to_host = RESERVED_START;
	connect_bad(&body, -EFAULT);
	body = good(IKC_PORT_ECHO);
	body.reserved = 1;
	connect_bad(&body, -EINVAL);
	body = good(IKC_PORT_ECHO);
	body.version = IKC_RING_VERSION + 1;
	connect_bad(&body, -EPROTO);
	CHECK(strstr(last_log, "version 2 "));
	CHECK(strstr(last_log, "version 1 "));
	body = good(IKC_PORT_ECHO);
	body.packet_len = 64;
	connect_bad(&body, -EPROTO);
	CHECK(strstr(last_log, " 64 bytes"));
	CHECK(strstr(last_log, " 128 bytes"));
}

static void bad_ring_head(void)
{
	struct ikc_connect body = good(IKC_PORT_ECHO);

	proto_new();
	attach_err = -EPROTO;
	connect_bad(&body, -EPROTO);
}

static void late_reply(void)
{
	struct ikc_conn *conn;
	struct ikc_connect body;
	struct ikc_packet reply;

	proto_new();
	conn = conn_new(IKC_PORT_ECHO);
	CHECK_EQ(ikc_proto_connect(&proto, conn), 0);
	ikc_proto_abandon(conn);
	body = good(IKC_PORT_ECHO);
	body.host_id = conn->host_id;
	CHECK(!say(IKC_MSG_CONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(nattached, 0);
	CHECK_EQ(last_sent()->msg, IKC_MSG_DISCONNECT);
	CHECK(!say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(nconns, 0);
}

static void wrong_ids(void)
{
	static const u32 ids[] = { 0, 2, IKC_MAX_CHANNELS - 1, IKC_MAX_CHANNELS, ~0U };
	struct ikc_connect body;
	struct ikc_packet reply;
	u32 i;

	proto_new();
	connect_ok();
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		body = good(IKC_PORT_ECHO);
		body.host_id = ids[i];
		CHECK(say(IKC_MSG_CONNECT_REPLY, 0, &body, &reply));
		CHECK_EQ(reply.msg, IKC_MSG_UNKNOWN_TO_HOST);
		CHECK_EQ(reply.err, -ENOENT);
		CHECK_EQ(reply.cookie, 0xc00c1e);
		CHECK_EQ(reply.u.words[0], IKC_MSG_CONNECT_REPLY);
		CHECK(say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
		CHECK(!say(IKC_MSG_LWK_DISCONNECT, 0, &body, &reply));
		CHECK_EQ(last_sent()->err, -ENOENT);
	}
	/* Right id, but it is open already; right id of ours, wrong one of theirs. */
	body.host_id = 1;
	CHECK(say(IKC_MSG_CONNECT_REPLY, 0, &body, &reply));
	CHECK(say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
	body.lwk_id = 10;
	CHECK(!say(IKC_MSG_LWK_DISCONNECT, 0, &body, &reply));
	CHECK_EQ(last_sent()->err, -ENOENT);
	CHECK_EQ(nconns, 1);
	ikc_proto_shutdown(&proto, -EPIPE);
}

static void lwk_connects(void)
{
	struct ikc_connect body = good(PORT_OPEN);
	struct ikc_packet reply;

	proto_new();
	CHECK(!say(IKC_MSG_LWK_CONNECT, 0, &body, &reply));
	CHECK_EQ(last_sent()->msg, IKC_MSG_LWK_CONNECT_REPLY);
	CHECK_EQ(last_sent()->err, 0);
	CHECK_EQ(last_sent()->cookie, 0xc00c1e);
	CHECK_EQ(last_body().lwk_id, 9);
	CHECK_EQ(nopened, 1);
	body.host_id = last_body().host_id;
	CHECK(body.host_id);
	CHECK(!say(IKC_MSG_LWK_DISCONNECT, 0, &body, &reply));
	CHECK_EQ(last_sent()->msg, IKC_MSG_LWK_DISCONNECT_REPLY);
	CHECK_EQ(last_sent()->err, 0);
	CHECK_EQ(ndetached, 1);
	CHECK_EQ(nconns, 0);
}

/* A request of the LWK that is refused with @want and leaves nothing behind. */
static void lwk_bad(const struct ikc_connect *body, int want)
{
	struct ikc_packet reply;

	CHECK(!say(IKC_MSG_LWK_CONNECT, 0, body, &reply));
	CHECK_EQ(last_sent()->msg, IKC_MSG_LWK_CONNECT_REPLY);
	CHECK_EQ(last_sent()->err, want);
	CHECK_EQ(last_body().host_id, 0);
	CHECK_EQ(last_body().version, IKC_RING_VERSION);
	CHECK_EQ(last_body().packet_len, IKC_PACKET_LEN);
	CHECK_EQ(nconns, 0);
	CHECK_EQ(nopened, 0);
}

static void bad_requests(void)
{
	struct ikc_connect body = good(PORT_OPEN + 100);

	proto_new();
	lwk_bad(&body, -ECONNREFUSED);
	body = good(PORT_FULL);
	lwk_bad(&body, -EBUSY);
	body = good(PORT_OPEN);
	body.cpu = NCPUS;
	lwk_bad(&body, -EINVAL);
	body = good(PORT_OPEN);
	body.reserved = 1;
	lwk_bad(&body, -EINVAL);
	body = good(PORT_OPEN);
	body.version = 0;
	lwk_bad(&body, -EPROTO);
	body = good(PORT_OPEN);
	body.packet_len = 0;
	lwk_bad(&body, -EPROTO);
	body = good(PORT_OPEN);
	body.to_lwk = body.to_host;
	lwk_bad(&body, -EINVAL);
	attach_err = -EPROTO;
	body = good(PORT_OPEN);
	lwk_bad(&body, -EPROTO);
}

static void bad_capacities(void)
{
	static const u32 sizes[] = { 0, 1, 3, 15, IKC_RING_MAX_PACKETS + 1,
				     2 * IKC_RING_MAX_PACKETS, 1U << 31, ~0U };
	struct ikc_connect body = good(PORT_OPEN);
	u32 i;

	proto_new();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		body.npackets = sizes[i];
		lwk_bad(&body, -EINVAL);
	}
}

static void bad_addresses(void)
{
	/* 16 packets take 2240 bytes: one page. */
	static const u64 bad[] = {
		0, 1, 0xff000, 0x110800, 0x200000, 0x300000, 0x410000, RESERVED_START,
		RESERVED_END - 0x1000, ~0ULL, ~0xfffULL, 1ULL << 63, 0x7ffffffff000ULL,
	};
	static const u64 fine[] = {
		0x100000, 0x1ff000, RESERVED_START - 0x1000, RESERVED_END, 0x400000, 0x40f000,
	};
	struct ikc_connect body = good(PORT_OPEN);
	u32 i;

	proto_new();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(!ikc_ring_granted(&proto, bad[i], PACKETS));
		body.to_lwk = bad[i];
		body.to_host = RING_B;
		lwk_bad(&body, -EFAULT);
		body.to_lwk = RING_A;
		body.to_host = bad[i];
		lwk_bad(&body, -EFAULT);
	}
	for (i = 0; i < ARRAY_SIZE(fine); i++)
		CHECK(ikc_ring_granted(&proto, fine[i], PACKETS));
	/* Longer than what is left, and across the shared part. */
	CHECK(!ikc_ring_granted(&proto, 0x1ff000, 32));
	CHECK(!ikc_ring_granted(&proto, RESERVED_START - 0x1000, 32));
	CHECK(!ikc_ring_granted(&proto, 0x170000, 1024));
	/* The end wraps round to a small number. */
	CHECK(!ikc_ring_granted(&proto, ~0xfffULL, 32));
}

static void all_ids(void)
{
	struct ikc_connect body = good(PORT_OPEN);
	struct ikc_packet reply;
	u32 i;

	proto_new();
	for (i = 1; i < IKC_MAX_CHANNELS; i++) {
		CHECK(!say(IKC_MSG_LWK_CONNECT, 0, &body, &reply));
		CHECK_EQ(last_sent()->err, 0);
	}
	CHECK(!say(IKC_MSG_LWK_CONNECT, 0, &body, &reply));
	CHECK_EQ(last_sent()->err, -EMFILE);
	CHECK_EQ(nconns, IKC_MAX_CHANNELS - 1);
	/* The one that is closed is the one that can be had. */
	body.host_id = 1234;
	CHECK(!say(IKC_MSG_LWK_DISCONNECT, 0, &body, &reply));
	CHECK(!say(IKC_MSG_LWK_CONNECT, 0, &body, &reply));
	CHECK_EQ(last_sent()->err, 0);
	CHECK_EQ(last_body().host_id, 1234);
	ikc_proto_shutdown(&proto, -EPIPE);
	CHECK_EQ(nconns, 0);
}

static void both_close_at_once(void)
{
	struct ikc_conn *conn;
	struct ikc_connect body;
	struct ikc_packet reply;

	proto_new();
	conn = connect_ok();
	body = good(IKC_PORT_ECHO);
	body.host_id = conn->host_id;
	ikc_proto_disconnect(conn);
	CHECK(!say(IKC_MSG_LWK_DISCONNECT, 0, &body, &reply));
	CHECK_EQ(last_sent()->err, 0);
	CHECK_EQ(nconns, 1);
	CHECK(!say(IKC_MSG_DISCONNECT_REPLY, 0, &body, &reply));
	CHECK_EQ(nconns, 0);
}

static void peer_death(void)
{
	struct ikc_connect body = good(PORT_OPEN);
	struct ikc_conn *waiting, *closing;
	struct ikc_packet reply;

	proto_new();
	connect_ok();
	closing = connect_ok();
	ikc_proto_disconnect(closing);
	waiting = conn_new(IKC_PORT_ECHO);
	CHECK_EQ(ikc_proto_connect(&proto, waiting), 0);
	CHECK(!say(IKC_MSG_LWK_CONNECT, 0, &body, &reply));
	nchanged = 0;
	ikc_proto_shutdown(&proto, -EPIPE);
	CHECK_EQ(nconns, 0);
	CHECK_EQ(nchanged, 4);
	CHECK_EQ(ndetached, 2);
	ikc_proto_shutdown(&proto, -EPIPE);
}

static void unknown_messages(void)
{
	struct ikc_conn echo = { .proto = &proto, .port = IKC_PORT_ECHO, .host_id = 5 };
	struct ikc_packet packet = { 0 };
	struct ikc_packet reply;
	u32 msg;

	proto_new();
	/* No message that goes to the LWK, and none without a row, does anything here. */
	for (msg = 0; msg < 4096; msg++) {
		bool known = msg < NHANDLERS && handlers[msg];

		packet.msg = msg;
		if (known)
			continue;
		CHECK(ikc_proto_dispatch(&echo, &packet, &reply));
		CHECK_EQ(reply.err, -ENOSYS);
		CHECK_EQ(reply.u.words[0], msg);
	}
	packet.msg = ~0U;
	CHECK(ikc_proto_dispatch(&echo, &packet, &reply));
	/* A refusal is not answered by another. */
	packet.msg = IKC_MSG_UNKNOWN_TO_LWK;
	CHECK(!ikc_proto_dispatch(&echo, &packet, &reply));
	packet.reserved = 1;
	CHECK(!ikc_proto_dispatch(&echo, &packet, &reply));
	packet.msg = IKC_MSG_ECHO_REPLY;
	CHECK(ikc_proto_dispatch(&echo, &packet, &reply));
	CHECK_EQ(reply.err, -EINVAL);
	packet.reserved = 0;
	CHECK(!ikc_proto_dispatch(&echo, &packet, &reply));
	CHECK_EQ(nechoes, 1);
	CHECK_EQ(nsent, 0);
}

static void wrong_channel(void)
{
	static const u32 master_only[] = {
		IKC_MSG_CONNECT_REPLY, IKC_MSG_LWK_CONNECT, IKC_MSG_DISCONNECT_REPLY,
		IKC_MSG_LWK_DISCONNECT,
	};
	struct ikc_conn data = { .proto = &proto, .port = IKC_PORT_ECHO, .host_id = 5 };
	struct ikc_connect body = good(PORT_OPEN);
	struct ikc_packet packet = { 0 };
	struct ikc_packet reply;
	u32 i;

	proto_new();
	memcpy(packet.u.bytes, &body, sizeof(body));
	for (i = 0; i < ARRAY_SIZE(master_only); i++) {
		packet.msg = master_only[i];
		CHECK(ikc_proto_dispatch(&data, &packet, &reply));
		CHECK_EQ(reply.err, -ENOSYS);
	}
	CHECK(say(IKC_MSG_ECHO_REPLY, 0, &body, &reply));
	CHECK(say(IKC_MSG_TEST_REPLY, 0, &body, &reply));
	CHECK_EQ(nconns, 0);
	CHECK_EQ(nsent, 0);
}

static u32 live_conns(void)
{
	u32 id, n = 0;

	for (id = 0; id < IKC_MAX_CHANNELS; id++)
		n += proto.conns[id] != NULL;
	return n;
}

/* A packet that is nearly right, so that it gets deep. */
static void fuzz_packet(struct unit_random *rng, struct ikc_packet *packet)
{
	struct ikc_connect body = good(unit_random(rng, 4) ? PORT_OPEN : IKC_PORT_ECHO);
	u32 field = unit_random(rng, 24);

	memset(packet, 0, sizeof(*packet));
	packet->msg = unit_random(rng, 12);
	packet->err = unit_random(rng, 8) ? 0 : -(int)unit_random(rng, 200);
	body.host_id = unit_random(rng, 40);
	body.to_lwk = 0x100000 + unit_random(rng, 256) * 0x1000;
	body.to_host = 0x100000 + unit_random(rng, 256) * 0x1000;
	memcpy(packet->u.bytes, &body, sizeof(body));
	/* Sometimes one 32-bit field of it is anything at all. */
	if (field < IKC_PACKET_LEN / 4)
		((u32 *)packet)[field] = unit_random(rng, 2) ? unit_random(rng, 1ULL << 32) :
							       unit_random(rng, 32);
}

static void fuzz_host(struct unit_random *rng)
{
	struct ikc_conn *conn = proto.conns[1 + unit_random(rng, 40)];

	if (!conn) {
		conn = conn_new(IKC_PORT_ECHO);
		if (ikc_proto_connect(&proto, conn)) {
			nconns--;
			free(conn);
		}
	} else if (conn->state == IKC_CONN_OPEN) {
		ikc_proto_disconnect(conn);
	} else if (conn->state == IKC_CONN_CONNECTING) {
		ikc_proto_abandon(conn);
	}
}

static void hostile_peer(void)
{
	struct unit_random rng = { .state = 20 };
	struct ikc_packet packet, reply;
	u32 round, before;
	bool refused;

	proto_new();
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		if (!unit_random(&rng, 8))
			fuzz_host(&rng);
		fuzz_packet(&rng, &packet);
		before = nsent;
		refused = ikc_proto_dispatch(&proto.master, &packet, &reply);
		/* Room for one answer is all that the user promises. */
		CHECK(nsent - before + refused <= 1);
		/* The table's entries and those that exist are the same. */
		if (!(round % 1024))
			CHECK_EQ(live_conns(), nconns);
	}
	CHECK(nopened > 100);
	CHECK(ndetached > 100);
	ikc_proto_shutdown(&proto, -EPIPE);
	CHECK_EQ(nconns, 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(host_connects),
	UNIT_TEST(host_is_refused),
	UNIT_TEST(host_asks_nonsense),
	UNIT_TEST(bad_replies),
	UNIT_TEST(bad_ring_head),
	UNIT_TEST(late_reply),
	UNIT_TEST(wrong_ids),
	UNIT_TEST(lwk_connects),
	UNIT_TEST(bad_requests),
	UNIT_TEST(bad_capacities),
	UNIT_TEST(bad_addresses),
	UNIT_TEST(all_ids),
	UNIT_TEST(both_close_at_once),
	UNIT_TEST(peer_death),
	UNIT_TEST(unknown_messages),
	UNIT_TEST(wrong_channel),
	UNIT_TEST(hostile_peer),
};

UNIT_MAIN(tests)
