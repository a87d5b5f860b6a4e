// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IKC ring whose peer writes anything anywhere into the shared part. The
 * input is a program of steps for the peer and for this side; whatever happens,
 * this side stays within the ring and its indices move only on success.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "abi/ikc_ring.h"

#define NPACKETS 4U

enum step {
	STEP_POKE_HEAD, /* the peer's index, a small distance away */
	STEP_POKE_TAIL,
	STEP_WRITE, /* offset, value: any word of the shared part */
	STEP_PUSH,
	STEP_POP,
	STEP_TX_ARM,
	STEP_RX_ARM,
	STEP_RX_DISARM,
	NSTEPS
};

struct machine {
	struct ikc_ring *ring;
	struct ikc_tx tx;
	struct ikc_rx rx;
	struct ikc_packet packet;
};

static void push(struct machine *m)
{
	u32 before = m->tx.head;
	_Bool bell;
	int err;

	err = ikc_tx_push(&m->tx, &m->packet, &bell);
	FUZZ_CHECK(err == 0 || err == -EAGAIN || err == -EBADMSG);
	FUZZ_CHECK(m->tx.head == before + !err);
}

static void pop(struct machine *m)
{
	u32 before = m->rx.tail;
	_Bool bell;
	int err;

	err = ikc_rx_pop(&m->rx, &m->packet, &bell);
	FUZZ_CHECK(err == 0 || err == -EAGAIN || err == -EBADMSG);
	FUZZ_CHECK(m->rx.tail == before + !err);
}

static void write_word(struct machine *m, uint8_t where, uint8_t value)
{
	u32 words = (u32)(ikc_ring_len(NPACKETS) / sizeof(u32));
	u32 word = value * 0x01010101U;

	memcpy((u32 *)m->ring + where % words, &word, sizeof(word));
}

static void step(struct machine *m, const uint8_t *code)
{
	switch (code[0] % NSTEPS) {
	case STEP_POKE_HEAD:
		m->ring->head = m->rx.tail + (u32)(int8_t)code[1];
		break;
	case STEP_POKE_TAIL:
		m->ring->tail = m->tx.head + (u32)(int8_t)code[1];
		break;
	case STEP_WRITE:
		write_word(m, code[1], code[2]);
		break;
	case STEP_PUSH:
		push(m);
		break;
	case STEP_POP:
		pop(m);
		break;
	case STEP_TX_ARM:
		ikc_tx_arm(&m->tx);
		break;
	case STEP_RX_ARM:
		ikc_rx_arm(&m->rx);
		break;
	default:
		ikc_rx_disarm(&m->rx);
	}
	FUZZ_CHECK(m->tx.mask == NPACKETS - 1 && m->rx.mask == NPACKETS - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct machine m = { .ring = calloc(1, ikc_ring_len(NPACKETS)) };
	size_t i;

	FUZZ_CHECK(m.ring);
	ikc_ring_init(m.ring, NPACKETS);
	/* The first bytes spoil the header before this side attaches. */
	if (len >= 2 && data[0] & 1)
		write_word(&m, data[1] % 8, data[0]);
	if (!ikc_tx_attach(&m.tx, m.ring, NPACKETS) &&
	    !ikc_rx_attach(&m.rx, m.ring, NPACKETS)) {
		for (i = 2; i + 3 <= len; i += 3)
			step(&m, data + i);
	}
	free(m.ring);
	return 0;
}
