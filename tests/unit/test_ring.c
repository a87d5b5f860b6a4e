// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IKC ring: order, wrap-around, doorbells, two sides at once, and a peer
 * that writes anything into the shared part.
 */
#include "abi/ikc_ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define NPACKETS 8U

/* A ring with both sides attached; both are private but for the ring. */
struct pair {
	struct ikc_ring *ring;
	struct ikc_tx tx;
	struct ikc_rx rx;
};

/* Allocated to the byte, so that the sanitizer sees every overrun. */
static struct pair pair_create(u32 npackets)
{
	struct pair p = { .ring = calloc(1, ikc_ring_len(npackets)) };

	CHECK(p.ring);
	ikc_ring_init(p.ring, npackets);
	CHECK_EQ(ikc_tx_attach(&p.tx, p.ring, npackets), 0);
	CHECK_EQ(ikc_rx_attach(&p.rx, p.ring, npackets), 0);
	return p;
}

static struct ikc_packet packet_make(u64 n)
{
	struct ikc_packet packet = { .msg = (u32)n, .cookie = ~n };

	packet.u.words[0] = n;
	packet.u.words[IKC_PAYLOAD_LEN / 8 - 1] = n * 3;
	return packet;
}

static bool packet_is(const struct ikc_packet *packet, u64 n)
{
	struct ikc_packet want = packet_make(n);

	return !memcmp(packet, &want, sizeof(want));
}

static int push(struct pair *p, u64 n, bool *bell)
{
	struct ikc_packet packet = packet_make(n);

	return ikc_tx_push(&p->tx, &packet, bell);
}

static void fill_and_empty(void)
{
	struct pair p = pair_create(NPACKETS);
	struct ikc_packet packet;
	bool bell;
	u64 in = 0;
	u64 out = 0;
	u32 round, i;

	for (round = 0; round < 100; round++) {
		for (i = 0; i < NPACKETS; i++)
			CHECK_EQ(push(&p, in++, &bell), 0);
		CHECK_EQ(push(&p, in, &bell), -EAGAIN);
		for (i = 0; i < NPACKETS - round % 3; i++) {
			CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
			CHECK(packet_is(&packet, out++));
		}
		for (; i < NPACKETS; i++) {
			CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
			CHECK(packet_is(&packet, out++));
		}
		CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), -EAGAIN);
	}
	free(p.ring);
}

/* The indices run over the end of 32 bits. */
static void index_wrap(void)
{
	struct pair p = pair_create(NPACKETS);
	struct ikc_packet packet;
	bool bell;
	u64 n;

	p.ring->head = p.ring->tail = p.tx.head = p.rx.tail = ~0U - 20;
	p.ring->data_event = p.rx.tail;
	for (n = 0; n < 100; n++) {
		CHECK_EQ(push(&p, n, &bell), 0);
		CHECK(bell);
		CHECK(!ikc_rx_arm(&p.rx));
		CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
		CHECK(packet_is(&packet, n));
		CHECK(ikc_rx_arm(&p.rx));
	}
	CHECK(p.rx.tail < 100);
	free(p.ring);
}

static void doorbells(void)
{
	struct pair p = pair_create(NPACKETS);
	struct ikc_packet packet;
	bool bell;
	u32 i;

	/* A fresh ring: the first packet rings, the next does not. */
	CHECK_EQ(push(&p, 0, &bell), 0);
	CHECK(bell);
	CHECK_EQ(push(&p, 1, &bell), 0);
	CHECK(!bell);
	/* Something is there: arming says so, and the next one rings. */
	CHECK(!ikc_rx_arm(&p.rx));
	for (i = 0; i < 2; i++) {
		CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
		CHECK(!bell);
	}
	CHECK(ikc_rx_arm(&p.rx));
	CHECK_EQ(push(&p, 2, &bell), 0);
	CHECK(bell);
	/* A consumer that polls hears nothing. */
	ikc_rx_disarm(&p.rx);
	for (i = 3; i < 2 + NPACKETS; i++) {
		CHECK_EQ(push(&p, i, &bell), 0);
		CHECK(!bell);
	}
	/* Full: arm, then the first pop rings, the second does not. */
	CHECK_EQ(push(&p, i, &bell), -EAGAIN);
	CHECK(ikc_tx_arm(&p.tx));
	CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
	CHECK(bell);
	CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
	CHECK(!bell);
	CHECK(!ikc_tx_arm(&p.tx));
	free(p.ring);
}

static void bad_geometry(void)
{
	static const u32 sizes[] = { 0, 1, 3, 6, 65535, 65537, 131072, ~0U };
	struct pair p = pair_create(NPACKETS);
	struct ikc_ring good = *p.ring;
	struct ikc_tx tx;
	struct ikc_rx rx;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		CHECK_EQ(ikc_ring_check(p.ring, sizes[i]), -EINVAL);
		CHECK_EQ(ikc_tx_attach(&tx, p.ring, sizes[i]), -EINVAL);
		CHECK_EQ(ikc_rx_attach(&rx, p.ring, sizes[i]), -EINVAL);
	}
	CHECK_EQ(ikc_ring_check(p.ring, 2 * NPACKETS), -EPROTO);
	CHECK_EQ(ikc_tx_attach(&tx, p.ring, NPACKETS / 2), -EPROTO);
	p.ring->magic++;
	CHECK_EQ(ikc_ring_check(p.ring, NPACKETS), -EPROTO);
	*p.ring = good;
	p.ring->version = 0;
	CHECK_EQ(ikc_rx_attach(&rx, p.ring, NPACKETS), -EPROTO);
	*p.ring = good;
	p.ring->packet_len = 64;
	CHECK_EQ(ikc_tx_attach(&tx, p.ring, NPACKETS), -EPROTO);
	*p.ring = good;
	p.ring->npackets = 1U << 31;
	CHECK_EQ(ikc_ring_check(p.ring, NPACKETS), -EPROTO);
	free(p.ring);
}

/* Every value that the peer may put into the index that this side reads. */
static void bad_indices(void)
{
	struct pair p = pair_create(NPACKETS);
	struct ikc_packet packet;
	struct unit_random rng = { 6 };
	u32 own, index;
	bool bell;
	int round, err;

	for (round = 0; round < 100000; round++) {
		own = (u32)unit_random(&rng, 1ULL << 32);
		index = own + (u32)unit_random(&rng, 4 * NPACKETS) -
			2 * NPACKETS;
		if (round % 4 == 0)
			index = (u32)unit_random(&rng, 1ULL << 32);

		p.tx.head = own;
		p.ring->tail = index;
		err = push(&p, 1, &bell);
		CHECK_EQ(err, own - index > NPACKETS  ? -EBADMSG :
			      own - index == NPACKETS ? -EAGAIN :
							0);
		CHECK(!err == (p.tx.head == own + 1));
		CHECK(ikc_tx_arm(&p.tx) == (p.tx.head - index == NPACKETS));

		p.rx.tail = own;
		p.ring->head = index;
		err = ikc_rx_pop(&p.rx, &packet, &bell);
		CHECK_EQ(err, index - own > NPACKETS ? -EBADMSG :
			      index == own	     ? -EAGAIN :
						       0);
		CHECK(!err == (p.rx.tail == own + 1));
		CHECK(ikc_rx_arm(&p.rx) == (p.rx.tail == index));
	}
	free(p.ring);
}

/* The peer changes geometry after attaching: nobody looks there any more. */
static void late_corruption(void)
{
	struct pair p = pair_create(NPACKETS);
	struct ikc_packet packet;
	bool bell;
	u64 n;

	for (n = 0; n < 3 * NPACKETS; n++) {
		memset(p.ring, 0xff, offsetof(struct ikc_ring, head));
		CHECK_EQ(push(&p, n, &bell), 0);
		CHECK_EQ(ikc_rx_pop(&p.rx, &packet, &bell), 0);
		CHECK(packet_is(&packet, n));
	}
	free(p.ring);
}

/*
 * Two threads. Each sleeps only when arming tells it to, and is woken only by
 * doorbells: a lost one hangs the test.
 */
#define STREAM_PACKETS 30000

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	u64 count;
};

static struct pair stream;
static struct bell data_bell = { PTHREAD_MUTEX_INITIALIZER,
				 PTHREAD_COND_INITIALIZER, 0 };
static struct bell space_bell = { PTHREAD_MUTEX_INITIALIZER,
				  PTHREAD_COND_INITIALIZER, 0 };

static void ring_bell(struct bell *bell)
{
	pthread_mutex_lock(&bell->lock);
	bell->count++;
	pthread_cond_signal(&bell->cond);
	pthread_mutex_unlock(&bell->lock);
}

/* Bells rung before are consumed, as a pending interrupt would be. */
static void wait_bell(struct bell *bell)
{
	pthread_mutex_lock(&bell->lock);
	while (!bell->count)
		pthread_cond_wait(&bell->cond, &bell->lock);
	bell->count = 0;
	pthread_mutex_unlock(&bell->lock);
}

static void produce(void)
{
	u64 n = 0;
	bool bell;
	int err;

	while (n < STREAM_PACKETS) {
		err = push(&stream, n, &bell);
		if (err == -EAGAIN) {
			if (ikc_tx_arm(&stream.tx))
				wait_bell(&space_bell);
			continue;
		}
		CHECK_EQ(err, 0);
		n++;
		if (bell)
			ring_bell(&data_bell);
	}
}

static void consume(void)
{
	struct unit_random rng = { 7 };
	struct ikc_packet packet;
	u64 n = 0;
	bool bell;
	int err;

	while (n < STREAM_PACKETS) {
		err = ikc_rx_pop(&stream.rx, &packet, &bell);
		if (err == -EAGAIN) {
			if (ikc_rx_arm(&stream.rx))
				wait_bell(&data_bell);
			else if (!unit_random(&rng, 4))
				ikc_rx_disarm(&stream.rx);
			continue;
		}
		CHECK_EQ(err, 0);
		CHECK(packet_is(&packet, n));
		n++;
		if (bell)
			ring_bell(&space_bell);
	}
}

static void one_side(u32 cpu)
{
	if (cpu)
		produce();
	else
		consume();
}

static void two_threads(void)
{
	stream = pair_create(NPACKETS);
	unit_threads(2, one_side);
	CHECK(!stream.ring->packets[0].reserved);
	free(stream.ring);
}

static const struct unit_test tests[] = {
	UNIT_TEST(fill_and_empty), UNIT_TEST(index_wrap),
	UNIT_TEST(doorbells),	   UNIT_TEST(bad_geometry),
	UNIT_TEST(bad_indices),	   UNIT_TEST(late_corruption),
	UNIT_TEST(two_threads),
};

UNIT_MAIN(tests)
