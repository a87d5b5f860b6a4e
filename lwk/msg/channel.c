// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: memory, ids, and the lists of the CPUs that own them.
 *
 * A list is its CPU's alone. Others hand channels over through a stack that the
 * CPU empties as a whole, and change a channel's state; the CPU sees both at its next
 * doorbell.
 */
#include "lwk/include/msg/channel.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/lib/string.h"

static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_IKC_SERVICE, "ikc service");
/* lock protects: */
static struct ikc_channel *channels[IKC_MAX_CHANNELS]; /* by id; entry 0 stays empty */
static u32 last_id;

static int id_alloc(struct ikc_channel *chan)
{
	u64 irq = spin_lock_irqsave(&lock);
	u32 id = last_id;
	int err = -EMFILE;

	for (u32 tries = 1; tries < IKC_MAX_CHANNELS; tries++) {
		id = id % (IKC_MAX_CHANNELS - 1) + 1;
		if (channels[id])
			continue;
		channels[id] = chan;
		chan->id = id;
		last_id = id;
		err = 0;
		break;
	}
	spin_unlock_irqrestore(&lock, irq);
	return err;
}

static void id_free(u32 id)
{
	u64 irq = spin_lock_irqsave(&lock);

	channels[id] = NULL;
	spin_unlock_irqrestore(&lock, irq);
}

/* A state may be read without the lock, with acquire. */
static void set_state_locked(struct ikc_channel *chan, enum ikc_state state)
{
	ASSERT(spin_lock_held(&lock));
	/* Release: what led to the state. */
	__atomic_store_n(&chan->state, state, __ATOMIC_RELEASE);
}

static struct ikc_channel *find_locked(u32 id)
{
	ASSERT(spin_lock_held(&lock));
	return id < IKC_MAX_CHANNELS ? channels[id] : NULL;
}

void channel_announce(struct ikc_channel *chan, enum ikc_state state)
{
	u64 irq = spin_lock_irqsave(&lock);

	ASSERT(chan->state == IKC_NEW);
	set_state_locked(chan, state);
	spin_unlock_irqrestore(&lock, irq);
}

struct ikc_channel *channel_connected(u32 id, u32 host_id, enum ikc_state state)
{
	u64 irq = spin_lock_irqsave(&lock);
	struct ikc_channel *chan = find_locked(id);

	if (chan && chan->state != IKC_CONNECTING)
		chan = NULL;
	if (chan) {
		chan->host_id = host_id;
		set_state_locked(chan, state);
	}
	spin_unlock_irqrestore(&lock, irq);
	return chan;
}

static void notify(u32 cpu)
{
	arch_ipi(percpu_of(cpu)->apic_id, LWK_VEC_IKC);
}

bool channel_close(u32 id, u32 host_id, u64 cookie)
{
	u64 irq = spin_lock_irqsave(&lock);
	struct ikc_channel *chan = find_locked(id);
	bool found = chan && chan->host_id == host_id &&
		     (chan->state == IKC_OPEN || chan->state == IKC_LEAVING);
	u32 cpu = 0;

	if (found) {
		cpu = chan->cpu;
		chan->cookie = cookie;
		set_state_locked(chan, IKC_CLOSING);
	}
	spin_unlock_irqrestore(&lock, irq);
	/* The channel may be gone by now: its CPU needs no telling to free it. */
	if (found)
		notify(cpu);
	return found;
}

void channel_leave(struct ikc_channel *chan)
{
	u64 irq = spin_lock_irqsave(&lock);

	if (chan->state == IKC_OPEN)
		set_state_locked(chan, IKC_LEAVING);
	spin_unlock_irqrestore(&lock, irq);
}

void channel_left(u32 id)
{
	u64 irq = spin_lock_irqsave(&lock);
	struct ikc_channel *chan = find_locked(id);
	bool found = chan && chan->state == IKC_LEAVING;
	u32 cpu = 0;

	if (found) {
		cpu = chan->cpu;
		set_state_locked(chan, IKC_DEAD);
	}
	spin_unlock_irqrestore(&lock, irq);
	if (found)
		notify(cpu);
}

static u32 ring_order(u32 npackets)
{
	u32 order = 0;

	while (PAGE_LEN << order < ikc_ring_len(npackets))
		order++;
	return order;
}

static int rings_create(struct ikc_channel *chan)
{
	u32 node = percpu_of(chan->cpu)->node;

	chan->order = ring_order(chan->npackets);
	for (u32 i = 0; i < ARRAY_SIZE(chan->rings); i++) {
		chan->rings[i] = page_alloc(node, chan->order, PAGE_ALLOC_ZERO);
		if (!chan->rings[i])
			return -ENOMEM;
		ikc_ring_init(page_virt(chan->rings[i]), chan->npackets);
	}
	return 0;
}

static void rings_destroy(struct ikc_channel *chan)
{
	for (u32 i = 0; i < ARRAY_SIZE(chan->rings); i++) {
		if (chan->rings[i])
			page_free(chan->rings[i], chan->order);
	}
}

int channel_create(u32 port, u32 cpu, u32 npackets, struct ikc_channel **out)
{
	struct ikc_channel *chan = kzalloc(sizeof(*chan));
	int err;

	if (!chan)
		return -ENOMEM;
	chan->port = port;
	chan->cpu = cpu;
	chan->npackets = npackets;
	chan->state = IKC_NEW;
	spin_lock_init(&chan->tx_lock, LOCK_RANK_IKC_CHANNEL, "ikc channel");
	err = rings_create(chan);
	if (err)
		goto free_rings;
	err = ikc_rx_attach(&chan->rx, page_virt(chan->rings[0]), npackets);
	if (!err)
		err = ikc_tx_attach(&chan->tx, page_virt(chan->rings[1]), npackets);
	if (!err)
		err = id_alloc(chan);
	if (err)
		goto free_rings;
	this_cpu()->stats_dirty = true;
	*out = chan;
	return 0;
free_rings:
	rings_destroy(chan);
	kfree(chan);
	return err;
}

void channel_destroy(struct ikc_channel *chan)
{
	id_free(chan->id);
	rings_destroy(chan);
	kfree(chan);
	this_cpu()->stats_dirty = true;
}

void channel_hand_over(struct ikc_channel *chan)
{
	struct percpu *owner = percpu_of(chan->cpu);

	chan->next = READ_ONCE(owner->adopt);
	/* Release: the channel before its place; partner is channel_adopt(). */
	while (!__atomic_compare_exchange_n(&owner->adopt, &chan->next, chan, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		arch_cpu_relax();
	notify(owner->id);
}

void channel_adopt(void)
{
	struct percpu *cpu = this_cpu();
	struct ikc_channel *chan;

	if (!READ_ONCE(cpu->adopt))
		return;
	chan = __atomic_exchange_n(&cpu->adopt, NULL, __ATOMIC_ACQUIRE);
	while (chan) {
		struct ikc_channel *next = chan->next;

		chan->next = cpu->channels;
		cpu->channels = chan;
		chan = next;
	}
}

void connect_fill(const struct ikc_channel *chan, struct ikc_packet *packet)
{
	struct ikc_connect body = {
		.version = IKC_RING_VERSION,
		.packet_len = IKC_PACKET_LEN,
		.port = chan->port,
		.cpu = chan->cpu,
		.npackets = chan->npackets,
		.host_id = chan->host_id,
		.lwk_id = chan->id,
		.to_lwk = page_paddr(chan->rings[0]),
		.to_host = page_paddr(chan->rings[1]),
	};

	memcpy(packet->u.bytes, &body, sizeof(body));
}

/* Linux waits for this before it forgets the rings. */
static bool send_disconnect_reply(struct ikc_channel *chan)
{
	struct ikc_packet packet = {
		.msg = IKC_MSG_DISCONNECT_REPLY,
		.cookie = chan->cookie,
	};
	struct ikc_connect body = {
		.host_id = chan->host_id,
		.lwk_id = chan->id,
	};
	int err;

	memcpy(packet.u.bytes, &body, sizeof(body));
	err = ikc_try_send(ikc_master(), &packet);
	if (err == -EAGAIN)
		return false;
	if (err)
		log_err("ikc: channel %u: cannot confirm the disconnection: error %d", chan->id,
			err);
	return true;
}

/* May this channel be freed now? A full master ring brings us here again. */
static bool ready_to_end(struct ikc_channel *chan)
{
	/* Acquire: partner of set_state_locked(). */
	u32 state = __atomic_load_n(&chan->state, __ATOMIC_ACQUIRE);

	if (chan->paused || chan->holds)
		return false;
	return state == IKC_DEAD || (state == IKC_CLOSING && send_disconnect_reply(chan));
}

void channel_reap(void)
{
	struct ikc_channel **link = &this_cpu()->channels;

	while (*link) {
		struct ikc_channel *chan = *link;

		if (!ready_to_end(chan)) {
			link = &chan->next;
			continue;
		}
		*link = chan->next;
		if (chan->closed)
			chan->closed(chan);
		log_debug("ikc: channel %u to port %u closed", chan->id, chan->port);
		channel_destroy(chan);
	}
}
