// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LWK's side of IKC against a Linux that is simulated here: one that keeps the
 * rules, and one that breaks each of them.
 */
#include "tests/unit/msg_fixture.h"

static u32 nback;
static u64 next_back;

/* Echoes come back whole and in order. */
static void check_back(const struct ikc_packet *packet)
{
	CHECK_EQ(packet->msg, IKC_MSG_ECHO_REPLY);
	CHECK_EQ(packet->cookie, next_back);
	next_back++;
	nback++;
}

static void send_echo(struct peer *peer, u32 msg, u64 cookie)
{
	struct ikc_packet packet = { .msg = msg, .cookie = cookie };

	CHECK(push(&peer->tx, peer->body.cpu, &packet));
}

static void host_connects(void)
{
	machine_new();
	for (u32 cpu = 0; cpu < NCPUS; cpu++) {
		struct peer peer = connect_ok(cpu);

		next_back = 0;
		for (u64 i = 0; i < 3 * PACKETS; i++) {
			send_echo(&peer, i % 2 ? IKC_MSG_ECHO_IRQ : IKC_MSG_ECHO_WORK, i);
			settle();
			CHECK_EQ(hear_from(&peer.rx, cpu, check_back), 1);
		}
		disconnect_ok(&peer.body);
	}
	no_leak();
}

static void polling(void)
{
	struct ikc_packet packet = { .msg = IKC_MSG_ECHO_POLL, .u.words[0] = 5 };
	struct peer peer;

	machine_new();
	peer = connect_ok(2);
	CHECK(push(&peer.tx, 2, &packet));
	for (u64 i = 0; i < 3; i++)
		send_echo(&peer, IKC_MSG_ECHO_IRQ, i);
	settle();
	CHECK_EQ(hear_from(&peer.rx, 2, check_back), 3);
	/* It gave up by the clock, and reception goes on. */
	send_echo(&peer, IKC_MSG_ECHO_IRQ, 3);
	settle();
	CHECK_EQ(hear_from(&peer.rx, 2, check_back), 1);
	disconnect_ok(&peer.body);
	no_leak();
}

/* One thing wrong with a request, and the error that it must get. */
static void bad_request(u64 offset, u64 value, int err)
{
	struct ikc_connect body = good();
	const struct ikc_packet *answer;

	if (offset < offsetof(struct ikc_connect, to_lwk))
		*(u32 *)((u8 *)&body + offset) = (u32)value;
	else
		*(u64 *)((u8 *)&body + offset) = value;
	answer = say(IKC_MSG_CONNECT, 0, &body);
	CHECK(answer && answer->msg == IKC_MSG_CONNECT_REPLY);
	CHECK_EQ(answer->err, err);
	CHECK_EQ(answer->cookie, COOKIE);
	no_leak();
}

#define BAD(field, value, err) bad_request(offsetof(struct ikc_connect, field), value, err)

static void bad_requests(void)
{
	static const u32 capacities[] = { 0, 1, 3, 15, 17, 65535, 131072, 1U << 31, ~0U };

	machine_new();
	BAD(version, IKC_RING_VERSION + 1, -EPROTO);
	BAD(version, 0, -EPROTO);
	BAD(packet_len, IKC_PACKET_LEN * 2, -EPROTO);
	BAD(packet_len, 0, -EPROTO);
	BAD(port, 0, -ECONNREFUSED);
	BAD(port, IKC_PORT_LINK, -ECONNREFUSED);
	BAD(port, IKC_PORT_TEST, -ECONNREFUSED);
	BAD(port, ~0U, -ECONNREFUSED);
	BAD(cpu, NCPUS, -EINVAL);
	BAD(cpu, ~0U, -EINVAL);
	BAD(host_id, 0, -EINVAL);
	BAD(lwk_id, 1, -EINVAL);
	BAD(reserved, 1, -EINVAL);
	BAD(to_lwk, SHIM_PADDR, -EINVAL);
	BAD(to_host, 1, -EINVAL);
	for (u32 i = 0; i < ARRAY_SIZE(capacities); i++)
		BAD(npackets, capacities[i], -EINVAL);
	offline[1] = true;
	BAD(cpu, 1, -EAGAIN);
}

static void largest_rings(void)
{
	struct ikc_connect body = good();
	const struct ikc_packet *answer;
	struct ikc_connect open[8];
	u32 nopen = 0;

	machine_new();
	body.npackets = IKC_RING_MAX_PACKETS;
	while ((answer = say(IKC_MSG_CONNECT, 0, &body)) && !answer->err) {
		CHECK(nopen < ARRAY_SIZE(open));
		open[nopen++] = body_in(answer);
	}
	CHECK(answer);
	CHECK_EQ(answer->err, -ENOMEM);
	CHECK(nopen);
	while (nopen)
		disconnect_ok(&open[--nopen]);
	no_leak();
}

static void no_memory(void)
{
	struct ikc_connect body = good();
	const struct ikc_packet *answer;
	bool failed;
	u64 n = 0;

	machine_new();
	do {
		shim_fail_nth(n++);
		answer = say(IKC_MSG_CONNECT, 0, &body);
		failed = shim_failed();
		CHECK(answer && answer->msg == IKC_MSG_CONNECT_REPLY);
		CHECK(!answer->err || (failed && answer->err == -ENOMEM));
		if (!answer->err) {
			struct ikc_connect opened = body_in(answer);

			disconnect_ok(&opened);
		}
		no_leak();
	} while (failed);
	/* The channel and both rings. */
	CHECK(n > 3);
}

static void all_ids(void)
{
	struct ikc_connect body = good();
	const struct ikc_packet *answer;
	u32 id, opened = 0;

	machine_new();
	body.npackets = 2;
	while ((answer = say(IKC_MSG_CONNECT, 0, &body)) && !answer->err)
		opened++;
	CHECK(answer);
	CHECK_EQ(answer->err, -EMFILE);
	CHECK_EQ(opened, IKC_MAX_CHANNELS - 1);
	for (id = 1; id < IKC_MAX_CHANNELS; id++) {
		body = (struct ikc_connect){ .lwk_id = id, .host_id = HOST_ID };
		disconnect_ok(&body);
	}
	no_leak();
}

static void wrong_ids(void)
{
	static const u32 ids[] = { 0, 77, IKC_MAX_CHANNELS - 1, IKC_MAX_CHANNELS, ~0U };
	struct ikc_connect body;
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		body = peer.body;
		body.lwk_id = ids[i];
		CHECK(refused(IKC_MSG_DISCONNECT, &body, -ENOENT));
		CHECK(refused(IKC_MSG_LWK_CONNECT_REPLY, &body, -ENOENT));
		CHECK(!say(IKC_MSG_LWK_DISCONNECT_REPLY, 0, &body));
	}
	body = peer.body;
	body.host_id++;
	CHECK(refused(IKC_MSG_DISCONNECT, &body, -ENOENT));
	/* Right ids, but nobody has asked for that. */
	CHECK(refused(IKC_MSG_LWK_CONNECT_REPLY, &peer.body, -ENOENT));
	CHECK(!say(IKC_MSG_LWK_DISCONNECT_REPLY, 0, &peer.body));
	CHECK_EQ(channels[peer.body.lwk_id]->state, IKC_OPEN);
	disconnect_ok(&peer.body);
	CHECK(refused(IKC_MSG_DISCONNECT, &peer.body, -ENOENT));
	no_leak();
}

/* The second one arrives before the channel's CPU has seen the first. */
static void close_twice_at_once(void)
{
	struct ikc_packet packet;
	struct peer peer;
	u32 before;

	machine_new();
	peer = connect_ok(2);
	packet = message(IKC_MSG_DISCONNECT, 0, &peer.body);
	before = nheard;
	CHECK(push(&master_tx, 0, &packet) && push(&master_tx, 0, &packet));
	settle();
	CHECK_EQ(hear(), 2);
	CHECK_EQ(heard[before].msg, IKC_MSG_UNKNOWN_TO_LWK);
	CHECK_EQ(heard[before].err, -ENOENT);
	CHECK_EQ(heard[before + 1].msg, IKC_MSG_DISCONNECT_REPLY);
	no_leak();
}

/* A channel with deferred work to do outlives its end until the work is done. */
static void close_before_work(void)
{
	struct ikc_packet packet;
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	send_echo(&peer, IKC_MSG_ECHO_WORK, 0);
	deliver(1);
	packet = message(IKC_MSG_DISCONNECT, 0, &peer.body);
	CHECK(push(&master_tx, 0, &packet));
	deliver(0);
	deliver(1);
	CHECK_EQ(channels[peer.body.lwk_id]->state, IKC_CLOSING);
	CHECK_EQ(hear(), 0);
	settle();
	CHECK_EQ(hear(), 1);
	CHECK_EQ(heard[(nheard - 1) % MAX_HEARD].msg, IKC_MSG_DISCONNECT_REPLY);
	no_leak();
}

static u32 ndone;

static void on_done(void)
{
	CHECK_EQ(arch_cpu_id(), 0);
	ndone++;
}

static void answer_links(void)
{
	static bool answered[NCPUS];
	u32 first = nheard;

	shim_cpu.irqs_off = true;
	link_all(on_done);
	shim_cpu.irqs_off = false;
	settle();
	CHECK_EQ(hear(), NCPUS);
	for (u32 i = 0; i < NCPUS; i++) {
		struct ikc_packet request = heard[first + i];
		struct ikc_connect body = body_in(&request);

		CHECK_EQ(request.msg, IKC_MSG_LWK_CONNECT);
		CHECK_EQ(request.cookie, body.lwk_id);
		CHECK(body.port == IKC_PORT_LINK && !body.host_id && !answered[body.cpu]);
		answered[body.cpu] = true;
		CHECK_EQ(ndone, 0);
		body.host_id = HOST_ID + i;
		CHECK(!say(IKC_MSG_LWK_CONNECT_REPLY, 0, &body));
		CHECK_EQ(channels[body.lwk_id]->state, IKC_OPEN);
		/* Once more, and for nobody. */
		CHECK(refused(IKC_MSG_LWK_CONNECT_REPLY, &body, -ENOENT));
	}
	CHECK_EQ(ndone, 1);
}

static void links(void)
{
	machine_new();
	answer_links();
	close_all();
	settle();
	CHECK_EQ(hear(), NCPUS);
	no_leak();
}

struct bad_link {
	int err;
	u32 version;
	u32 host_id;
};

static void answer_badly(void *arg)
{
	const struct bad_link *bad = arg;
	struct ikc_connect body;

	link_all(on_done);
	settle();
	(void)hear();
	body = body_in(&heard[0]);
	body.version = bad->version;
	body.host_id = bad->host_id;
	(void)say(IKC_MSG_LWK_CONNECT_REPLY, bad->err, &body);
}

static void bad_links(void)
{
	struct bad_link bad[] = {
		{ -EBUSY, IKC_RING_VERSION, 1 },
		{ 1, IKC_RING_VERSION, 1 },
		{ 0, IKC_RING_VERSION + 1, 1 },
		{ 0, IKC_RING_VERSION, 0 },
	};

	machine_new();
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(unit_panics(answer_badly, &bad[i], "Linux refuses the link"));
}

static int opened_err = 1;

static void on_opened_once(struct ikc_channel *chan, int err)
{
	(void)chan;
	CHECK_EQ(opened_err, 1);
	opened_err = err;
}

/* Linux answers what it has not been asked yet: the id is easy to guess. */
static void early_answer(void)
{
	struct ikc_channel *chan;
	struct ikc_connect body;

	machine_new();
	CHECK(!channel_create(IKC_PORT_LINK, 1, PACKETS, &chan));
	body = good();
	body.lwk_id = chan->id;
	CHECK(refused(IKC_MSG_LWK_CONNECT_REPLY, &body, -ENOENT));
	CHECK(refused(IKC_MSG_DISCONNECT, &body, -ENOENT));
	CHECK(!say(IKC_MSG_LWK_DISCONNECT_REPLY, 0, &body));
	chan->opened = on_opened_once;
	channel_announce(chan, IKC_CONNECTING);
	CHECK(refused(IKC_MSG_DISCONNECT, &body, -ENOENT));
	CHECK(!say(IKC_MSG_LWK_CONNECT_REPLY, -ECONNREFUSED, &body));
	CHECK_EQ(opened_err, -ECONNREFUSED);
	no_leak();
}

static void unknown_messages(void)
{
	static const u32 master_only[] = {
		IKC_MSG_CONNECT, IKC_MSG_LWK_CONNECT_REPLY, IKC_MSG_DISCONNECT,
		IKC_MSG_LWK_DISCONNECT_REPLY,
	};
	static const u32 nobodys[] = { 0, IKC_MSG_CONNECT_REPLY, IKC_MSG_UNKNOWN_TO_LWK, 11,
				       IKC_MSG_ECHO_REPLY, IKC_MSG_TEST, 26, 1000, ~0U };
	struct ikc_connect body = good();
	struct ikc_packet packet = message(IKC_MSG_CONNECT, 0, &body);
	u32 expected = 0;
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	for (u32 i = 0; i < ARRAY_SIZE(nobodys); i++)
		CHECK(refused(nobodys[i], &body, -ENOSYS));
	for (u32 msg = IKC_MSG_ECHO_IRQ; msg <= IKC_MSG_ECHO_POLL; msg++)
		CHECK(refused(msg, &body, -ENOSYS));
	for (u32 i = 0; i < ARRAY_SIZE(master_only); i++) {
		packet.msg = master_only[i];
		CHECK(push(&peer.tx, 1, &packet));
		expected++;
	}
	/* A refusal gets no answer, even one that is wrong itself. */
	packet.msg = IKC_MSG_UNKNOWN_TO_HOST;
	CHECK(push(&peer.tx, 1, &packet));
	packet.reserved = 1;
	CHECK(push(&peer.tx, 1, &packet));
	packet.msg = IKC_MSG_ECHO_IRQ;
	CHECK(push(&peer.tx, 1, &packet));
	settle();
	CHECK_EQ(hear_from(&peer.rx, 1, note), expected + 1);
	CHECK_EQ(heard[(nheard - 1) % MAX_HEARD].err, -EINVAL);
	CHECK_EQ(heard[(nheard - 2) % MAX_HEARD].err, -ENOSYS);
	disconnect_ok(&peer.body);
	no_leak();
}

/* What the LWK's functions find below the stack pointer. */
static void __attribute__((noinline)) dirty_stack(void)
{
	volatile u8 dirt[16384];

	for (size_t i = 0; i < sizeof(dirt); i++)
		dirt[i] = 0xa5;
}

static void expect_answer(u32 msg, const struct ikc_connect *body, const struct ikc_packet *wanted)
{
	const struct ikc_packet *answer;

	dirty_stack();
	answer = say(msg, 0, body);
	CHECK(answer);
	CHECK(!memcmp(answer, wanted, sizeof(*wanted)));
}

/* What an answer does not say is zero, whatever lay where it was made. */
static void unused_bytes(void)
{
	struct ikc_connect body = good();
	struct ikc_packet wanted;
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	wanted = (struct ikc_packet){
		.msg = IKC_MSG_UNKNOWN_TO_LWK,
		.err = -ENOSYS,
		.cookie = COOKIE,
		.u.words[0] = 1000,
	};
	expect_answer(1000, &body, &wanted);
	/* A refused connection echoes the request, and no more. */
	body.npackets = 3;
	wanted = message(IKC_MSG_CONNECT_REPLY, -EINVAL, &body);
	expect_answer(IKC_MSG_CONNECT, &body, &wanted);
	body = (struct ikc_connect){ .host_id = peer.body.host_id, .lwk_id = peer.body.lwk_id };
	wanted = message(IKC_MSG_DISCONNECT_REPLY, 0, &body);
	expect_answer(IKC_MSG_DISCONNECT, &peer.body, &wanted);
	no_leak();
}

/* More than both rings hold, while nobody takes anything out. */
static void full_rings(void)
{
	struct ikc_packet packet = { .msg = IKC_MSG_ECHO_IRQ };
	struct peer peer;
	u64 sent = 0;

	machine_new();
	peer = connect_ok(1);
	for (;;) {
		packet.cookie = sent;
		settle();
		if (!push(&peer.tx, 1, &packet))
			break;
		CHECK(++sent <= 2 * PACKETS + 1);
	}
	/* Both rings, and the answer that waits. */
	CHECK_EQ(sent, 2 * PACKETS + 1);
	while (nback < sent) {
		CHECK(hear_from(&peer.rx, 1, check_back));
		settle();
	}
	disconnect_ok(&peer.body);
	no_leak();
}

/* The same for the master, on which three CPUs also want to say good-bye. */
static void full_master(void)
{
	struct ikc_connect body = good();
	struct ikc_packet packet;
	struct peer peers[NCPUS];
	u32 expected = NCPUS, before;

	machine_new();
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		peers[cpu] = connect_ok(cpu);
	body.version++;
	packet = message(IKC_MSG_CONNECT, 0, &body);
	before = nheard;
	for (settle(); nheard == before && push(&master_tx, 0, &packet); settle()) {
		expected++;
		if (expected == IKC_MASTER_PACKETS + NCPUS - 1)
			close_all();
	}
	for (settle(); hear(); settle())
		;
	CHECK_EQ(nheard - before, expected);
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		CHECK(!channels[peers[cpu].body.lwk_id]);
	no_leak();
}

/* The index of a ring to the LWK jumps. */
static void broken_ring(void)
{
	static const u32 jumps[] = { PACKETS + 1, 1U << 31, -1U };

	machine_new();
	for (u32 i = 0; i < ARRAY_SIZE(jumps); i++) {
		struct peer peer = connect_ok(1 + i % 2);
		u32 before = nheard;

		peer.rings[0]->head = peer.tx.head + jumps[i];
		for (u32 times = 0; times < 3; times++) {
			pending[peer.body.cpu] |= PENDING_IKC;
			settle();
		}
		/* Told once. */
		CHECK_EQ(hear(), 1);
		CHECK_EQ(heard[before % MAX_HEARD].msg, IKC_MSG_LWK_DISCONNECT);
		CHECK_EQ(body_in(&heard[before % MAX_HEARD]).lwk_id, peer.body.lwk_id);
		CHECK_EQ(channels[peer.body.lwk_id]->state, IKC_LEAVING);
		if (i == 0)
			disconnect_ok(&peer.body);
		CHECK(!say(IKC_MSG_LWK_DISCONNECT_REPLY, 0, &peer.body));
		CHECK(!say(IKC_MSG_LWK_DISCONNECT_REPLY, 0, &peer.body));
		no_leak();
	}
}

/* The index of a ring from the LWK jumps: nothing can be sent, all else goes on. */
static void broken_answers(void)
{
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	peer.rings[1]->tail = 5;
	send_echo(&peer, IKC_MSG_ECHO_IRQ, 0);
	send_echo(&peer, IKC_MSG_ECHO_WORK, 0);
	settle();
	CHECK_EQ(peer.rings[1]->head, 0);
	CHECK_EQ(peer.rings[0]->tail, 2);
	disconnect_ok(&peer.body);
	no_leak();
}

/* The header is the LWK's business only once. */
static void scribbled_header(void)
{
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	memset(peer.rings[0], 0xff, offsetof(struct ikc_ring, head));
	memset(peer.rings[1], 0xff, offsetof(struct ikc_ring, head));
	send_echo(&peer, IKC_MSG_ECHO_IRQ, 0);
	settle();
	CHECK_EQ(hear_from(&peer.rx, 1, check_back), 1);
	disconnect_ok(&peer.body);
	no_leak();
}

/* Without the master ring nothing new comes, but channels that are open work. */
static void broken_master(void)
{
	struct peer peer;

	machine_new();
	peer = connect_ok(1);
	((struct ikc_ring *)area.to_lwk)->head += IKC_MASTER_PACKETS + 1;
	for (u32 times = 0; times < 3; times++) {
		pending[0] |= PENDING_IKC;
		settle();
	}
	send_echo(&peer, IKC_MSG_ECHO_WORK, 0);
	settle();
	CHECK_EQ(hear_from(&peer.rx, 1, check_back), 1);
	CHECK_EQ(hear(), 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(host_connects),
	UNIT_TEST(polling),
	UNIT_TEST(bad_requests),
	UNIT_TEST(largest_rings),
	UNIT_TEST(no_memory),
	UNIT_TEST(all_ids),
	UNIT_TEST(wrong_ids),
	UNIT_TEST(close_twice_at_once),
	UNIT_TEST(close_before_work),
	UNIT_TEST(links),
	UNIT_TEST(bad_links),
	UNIT_TEST(early_answer),
	UNIT_TEST(unknown_messages),
	UNIT_TEST(unused_bytes),
	UNIT_TEST(full_rings),
	UNIT_TEST(full_master),
	UNIT_TEST(broken_ring),
	UNIT_TEST(broken_answers),
	UNIT_TEST(scribbled_header),
	UNIT_TEST(broken_master),
};

UNIT_MAIN(tests)
