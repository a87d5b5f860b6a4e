// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LWK's side of IKC against random streams of packets that are nearly right, and
 * rings whose heads change at any time. Every now and then Linux closes all
 * channels properly, after which nothing may be left of them.
 */
#include "tests/unit/msg_fixture.h"

#define STREAM_ROUNDS 60000

static struct ikc_channel *any_channel(struct unit_random *rng)
{
	return channels[unit_random(rng, last_id + 1)];
}

/* Nearly right, so that it gets deep. */
static struct ikc_packet stream_packet(struct unit_random *rng)
{
	static const u32 messages[] = { 1, 1, 4, 5, 5, 8, 9, 16, 17, 18 };
	struct ikc_channel *chan = any_channel(rng);
	struct ikc_connect body = good();
	struct ikc_packet packet;
	u64 field = unit_random(rng, 100);

	body.cpu = (u32)unit_random(rng, NCPUS);
	if (chan && unit_random(rng, 2)) {
		body.lwk_id = chan->id;
		body.host_id = chan->host_id;
	}
	packet = message(messages[unit_random(rng, ARRAY_SIZE(messages))], 0, &body);
	if (packet.msg == IKC_MSG_ECHO_POLL)
		packet.u.words[0] = unit_random(rng, 6);
	if (field < IKC_PACKET_LEN / 4)
		((u32 *)&packet)[field] = unit_random(rng, 2) ? (u32)unit_random(rng, 1ULL << 32) :
								(u32)unit_random(rng, 40);
	return packet;
}

/* Linux does anything to the rings of a channel that is open. */
static void attack(struct unit_random *rng, struct ikc_channel *chan)
{
	struct ikc_ring *ring = page_virt(chan->rings[unit_random(rng, 2)]);
	u32 *word = (u32 *)ring + unit_random(rng, sizeof(*ring) / 4);
	struct ikc_ring *to_lwk = page_virt(chan->rings[0]);

	if (!unit_random(rng, 30)) {
		*word = unit_random(rng, 2) ? *word + (u32)unit_random(rng, 40) :
					      (u32)unit_random(rng, 1ULL << 32);
	} else if (!unit_random(rng, 4)) {
		to_lwk = page_virt(chan->rings[1]);
		to_lwk->tail = to_lwk->head;
	} else {
		to_lwk->packets[to_lwk->head % chan->npackets] = stream_packet(rng);
		to_lwk->head++;
	}
	pending[chan->cpu] |= PENDING_IKC;
}

static void stream_step(struct unit_random *rng)
{
	struct ikc_channel *chan = any_channel(rng);
	struct ikc_packet packet = stream_packet(rng);
	u32 cpu = (u32)unit_random(rng, NCPUS);

	switch (unit_random(rng, 8)) {
	case 0:
		pending[cpu] |= PENDING_IKC;
		/* fall through */
	case 1:
		deliver(cpu);
		break;
	case 2:
		run_work(cpu);
		break;
	case 3:
		bells++;
		(void)hear();
		break;
	case 4:
		(void)push(&master_tx, 0, &packet);
		break;
	default:
		if (chan)
			attack(rng, chan);
	}
}

/* After all that, an orderly end must still be possible. */
static void end_stream(void)
{
	u32 open;

	do {
		close_all();
		for (settle(); hear(); settle())
			;
		open = 0;
		for (u32 id = 1; id < IKC_MAX_CHANNELS; id++)
			open += channels[id] != NULL;
	} while (open);
}

static void hostile_stream(void)
{
	struct unit_random rng = { .state = 4 };

	machine_new();
	for (u32 round = 0; round < STREAM_ROUNDS; round++) {
		stream_step(&rng);
		if (round % 1000 == 999) {
			end_stream();
			no_leak();
			last_id = 0;
			halts = 0;
		}
	}
	CHECK(nheard > STREAM_ROUNDS / 100);
}

static const struct unit_test tests[] = {
	UNIT_TEST(hostile_stream),
};

UNIT_MAIN(tests)
