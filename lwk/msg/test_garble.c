// SPDX-License-Identifier: GPL-2.0-only
/*
 * A broken LWK, as Linux's mcctrl sees it: packets that mean nothing, or mean something that is not
 * so, on the channels that mcctrl has to this CPU.
 */
#include "abi/errno.h"
#include "abi/offload.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/msg/test.h"

#define MAX_PACKETS 1000000
/* Rows of abi/messages.def from here on are about processes, either way. */
#define FIRST_MSG 32
/* mcctrl gives requests small numbers for a start. */
#define COOKIES 4096

static const u32 messages[] = {
#define IKC_TO_LWK(number, name, handler, doc) number,
#define IKC_TO_HOST(number, name, handler, doc) number,
#define IKC_TO_MCCTRL(number, name, handler, doc) number,
#include "abi/messages.def"
};

static u64 next(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static u64 below(u64 *state, u64 n)
{
	return (next(state) >> 8) % n;
}

/* Values at the edges of what is checked. */
static u64 odd_value(u64 *state, u64 pid)
{
	const u64 values[] = {
		0, 1, 2, 31, 32, 512, 513, PAGE_LEN, 65536, 65537, LWK_USER_START, LWK_USER_END,
		LWK_USER_END - PAGE_LEN, LWK_TASK_END, 1ULL << 31, 1ULL << 32, 1ULL << 52,
		1ULL << 63, ~0ULL, ~0ULL - PAGE_LEN + 1, pid, pid << 32 | pid, pid << 32,
	};

	return below(state, 8) ? values[below(state, ARRAY_SIZE(values))] : next(state);
}

static s32 odd_error(u64 *state)
{
	const s32 errors[] = { 0, 0, 0, 1, -1, -EINTR, -EPIPE, -ESRCH, -EAGAIN, -4095, -4096,
			       -512, -513, 0x7fffffff, -0x7fffffff };

	return errors[below(state, ARRAY_SIZE(errors))];
}

/* One of those about processes; the table is in their order. */
static u32 odd_message(u64 *state)
{
	return FIRST_MSG + below(state, messages[ARRAY_SIZE(messages) - 1] - FIRST_MSG + 1);
}

static void make_packet(u64 *state, u64 pid, struct ikc_packet *packet)
{
	*packet = (struct ikc_packet){
		.msg = below(state, 32) ? odd_message(state) : (u32)next(state),
		.err = odd_error(state),
		.cookie = below(state, 16) ? below(state, COOKIES) : next(state),
		.reserved = below(state, 64) ? 0 : next(state),
	};
	for (u32 i = 0; i < ARRAY_SIZE(packet->u.words); i++)
		packet->u.words[i] = odd_value(state, pid);
	/* Most messages begin with a process, and often one that there is. */
	if (below(state, 2))
		packet->u.words[0] = pid << 32 | pid;
}

static bool is_mcctrls(const struct ikc_channel *chan)
{
	return chan->port == IKC_PORT_SYSCALL || chan->port == IKC_PORT_CONTROL;
}

/* One of them, or NULL. A test has the channels stay: nobody closes those of mcctrl meanwhile. */
static struct ikc_channel *find_channel(u64 *state)
{
	struct ikc_channel *chan, *found = NULL;
	u64 irq = arch_irq_save();
	u64 n = 0;

	for (chan = this_cpu()->channels; chan; chan = chan->next)
		if (is_mcctrls(chan) && !below(state, ++n))
			found = chan;
	arch_irq_restore(irq);
	return found;
}

int test_garble(struct ikc_channel *chan, struct ikc_packet *packet)
{
	u64 state = packet->u.words[1] | 1;
	u64 count = packet->u.words[2];
	u64 pid = packet->u.words[3];
	struct ikc_packet garbage;
	int err = 0;
	u64 i;

	(void)chan;
	if (count > MAX_PACKETS)
		return -EINVAL;
	for (i = 0; i < count && !err; i++) {
		struct ikc_channel *to = find_channel(&state);

		if (!to)
			return -ENOENT;
		make_packet(&state, pid, &garbage);
		err = ikc_send(to, &garbage);
		monitor_touch();
	}
	packet->u.words[0] = i;
	return err;
}
