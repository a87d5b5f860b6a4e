// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: packets in and out. Connections are made in ikc_link.c; see ikc.h for
 * the interface and the locks.
 *
 * A channel's rings are touched only under rx_lock or tx_lock while rx_open or tx_open
 * says so; closing clears both, so afterwards the LWK may reuse the memory.
 */
#define pr_fmt(fmt) "ihk: ikc: " fmt

#include "ikc.h"

#include <linux/export.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ikc_link.h"

/* Packets taken from one channel in one interrupt; a work item goes on. */
#define DRAIN_BUDGET 256
/* How long a ring may stay full for a sender who cannot be interrupted. */
#define SEND_TIMEOUT (60 * HZ)

struct ikc_chan *ikc_chan_new(struct ikc_link *link, const struct ikc_chan_ops *ops)
{
	struct ikc_chan *chan;

	chan = kzalloc(sizeof(*chan), GFP_KERNEL);
	if (!chan)
		return NULL;
	chan->link = link;
	kref_get(&link->ref);
	kref_init(&chan->ref);
	chan->ops = ops;
	INIT_LIST_HEAD(&chan->served);
	init_waitqueue_head(&chan->wait);
	spin_lock_init(&chan->rx_lock);
	spin_lock_init(&chan->tx_lock);
	return chan;
}

static void chan_free(struct kref *ref)
{
	struct ikc_chan *chan = container_of(ref, struct ikc_chan, ref);

	ikc_link_put(chan->link);
	kfree_rcu(chan, rcu);
}

void ikc_chan_put(struct ikc_chan *chan)
{
	kref_put(&chan->ref, chan_free);
}
EXPORT_SYMBOL_GPL(ikc_chan_put);

int ikc_chan_attach(struct ikc_chan *chan, u64 to_lwk, u64 to_host)
{
	int err;

	err = ikc_tx_attach(&chan->tx, phys_to_virt(to_lwk), chan->conn.npackets);
	if (err)
		return err;
	return ikc_rx_attach(&chan->rx, phys_to_virt(to_host), chan->conn.npackets);
}

void ikc_chan_open(struct ikc_chan *chan)
{
	struct ikc_link *link = chan->link;

	spin_lock_irq(&chan->rx_lock);
	chan->rx_open = true;
	spin_unlock_irq(&chan->rx_lock);
	spin_lock_irq(&chan->tx_lock);
	chan->tx_open = true;
	spin_unlock_irq(&chan->tx_lock);

	spin_lock_irq(&link->list_lock);
	list_add_tail_rcu(&chan->served, &link->served[chan->conn.cpu]);
	spin_unlock_irq(&link->list_lock);
	/* Packets that came before it was in the list. */
	queue_work(system_wq, &link->drain_work);
}

void ikc_chan_close(struct ikc_chan *chan)
{
	struct ikc_link *link = chan->link;
	bool was_open;

	lockdep_assert_held(&link->lock);

	spin_lock_irq(&chan->rx_lock);
	was_open = chan->rx_open;
	chan->rx_open = false;
	spin_unlock_irq(&chan->rx_lock);
	spin_lock_irq(&chan->tx_lock);
	was_open |= chan->tx_open;
	chan->tx_open = false;
	spin_unlock_irq(&chan->tx_lock);
	wake_up_all(&chan->wait);

	if (!was_open)
		return;
	spin_lock_irq(&link->list_lock);
	list_del_rcu(&chan->served);
	spin_unlock_irq(&link->list_lock);
}

/* The peer broke a ring. The channel is open, so the boot is still there. */
static int chan_broken(struct ikc_chan *chan)
{
	char reason[IHK_REASON_LEN];

	snprintf(reason, sizeof(reason), "IKC ring %u corrupted", chan->conn.host_id);
	ihk_boot_broken(chan->link->boot, reason);
	return -EPIPE;
}

/* Takes one packet, tells a peer that waits for space. */
static int chan_pop(struct ikc_chan *chan, struct ikc_packet *packet)
{
	bool bell;
	int err;

	lockdep_assert_held(&chan->rx_lock);
	if (!chan->rx_open)
		return -EPIPE;
	err = ikc_rx_pop(&chan->rx, packet, &bell);
	if (err == -EBADMSG)
		return chan_broken(chan);
	if (!err && bell)
		ihk_boot_ring(chan->link->boot, chan->conn.cpu);
	return err;
}

static void chan_receive(struct ikc_chan *chan, const struct ikc_packet *packet)
{
	struct ikc_packet reply;

	if (chan->ops->receive)
		chan->ops->receive(chan, packet);
	else if (ikc_proto_dispatch(&chan->conn, packet, &reply))
		/* Who floods us with nonsense and does not listen gets no answer. */
		ikc_send(chan, &reply, IKC_NOWAIT);
}

bool ikc_chan_drain(struct ikc_chan *chan)
{
	struct ikc_packet packet;
	unsigned long flags;
	int budget = DRAIN_BUDGET;
	int err = 0;

	/* The bell may mean space for who waits to send. */
	if (wq_has_sleeper(&chan->wait))
		wake_up(&chan->wait);

	spin_lock_irqsave(&chan->rx_lock, flags);
	while (!chan->polled && budget--) {
		err = chan_pop(chan, &packet);
		if (!err)
			chan_receive(chan, &packet);
		else if (err != -EAGAIN || ikc_rx_arm(&chan->rx))
			break;
	}
	spin_unlock_irqrestore(&chan->rx_lock, flags);
	return budget >= 0;
}

int ikc_receive(struct ikc_chan *chan, struct ikc_packet *packet)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&chan->rx_lock, flags);
	err = chan_pop(chan, packet);
	spin_unlock_irqrestore(&chan->rx_lock, flags);
	return err;
}
EXPORT_SYMBOL_GPL(ikc_receive);

void ikc_poll_start(struct ikc_chan *chan)
{
	spin_lock_irq(&chan->rx_lock);
	chan->polled = true;
	if (chan->rx_open)
		ikc_rx_disarm(&chan->rx);
	spin_unlock_irq(&chan->rx_lock);
}
EXPORT_SYMBOL_GPL(ikc_poll_start);

void ikc_poll_stop(struct ikc_chan *chan)
{
	spin_lock_irq(&chan->rx_lock);
	chan->polled = false;
	spin_unlock_irq(&chan->rx_lock);
	/* Takes what is there, then asks for bells again. Who sends without end cannot keep us. */
	if (!ikc_chan_drain(chan))
		ikc_link_drain_later(chan->link);
}
EXPORT_SYMBOL_GPL(ikc_poll_stop);

static int chan_push(struct ikc_chan *chan, const struct ikc_packet *packet)
{
	bool bell;
	int err;

	lockdep_assert_held(&chan->tx_lock);
	if (!chan->tx_open)
		return -EPIPE;
	err = ikc_tx_push(&chan->tx, packet, &bell);
	if (err == -EBADMSG)
		return chan_broken(chan);
	if (!err && bell)
		ihk_boot_ring(chan->link->boot, chan->conn.cpu);
	return err;
}

static int chan_try_send(struct ikc_chan *chan, const struct ikc_packet *packet)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&chan->tx_lock, flags);
	err = chan_push(chan, packet);
	spin_unlock_irqrestore(&chan->tx_lock, flags);
	return err;
}

/*
 * Sends, or asks for a bell when there is space. A condition of wait_event: after arming
 * it tries once more, so that space made meanwhile is not missed.
 */
static bool chan_sent(struct ikc_chan *chan, const struct ikc_packet *packet, int *err)
{
	spin_lock_irq(&chan->tx_lock);
	*err = chan_push(chan, packet);
	if (*err == -EAGAIN && !ikc_tx_arm(&chan->tx))
		*err = chan_push(chan, packet);
	spin_unlock_irq(&chan->tx_lock);
	return *err != -EAGAIN;
}

int ikc_send(struct ikc_chan *chan, const struct ikc_packet *packet, unsigned int flags)
{
	int interrupted = 0;
	int err;

	if (flags & IKC_NOWAIT)
		return chan_try_send(chan, packet);
	if (flags & IKC_NOINTR)
		return wait_event_timeout(chan->wait, chan_sent(chan, packet, &err),
					  SEND_TIMEOUT) ? err : -ETIMEDOUT;
	if (flags & IKC_KILLABLE)
		interrupted = wait_event_killable(chan->wait, chan_sent(chan, packet, &err));
	else
		interrupted = wait_event_interruptible(chan->wait, chan_sent(chan, packet, &err));
	return interrupted ? -EINTR : err;
}
EXPORT_SYMBOL_GPL(ikc_send);

bool ikc_granted(const struct ikc_chan *chan, u64 start, u64 end)
{
	return ikc_range_granted(&chan->link->proto, start, end);
}
EXPORT_SYMBOL_GPL(ikc_granted);

bool ikc_lwk_stopped(const struct ikc_chan *chan)
{
	/* Acquire: pairs with ikc_link_down(), which comes after the CPUs were stopped. */
	return smp_load_acquire(&chan->link->down);
}
EXPORT_SYMBOL_GPL(ikc_lwk_stopped);

void ikc_break(struct ikc_chan *chan, const char *reason)
{
	rcu_read_lock();
	/* A link that is not down has its boot; the boot goes a grace period after. */
	if (!ikc_lwk_stopped(chan))
		ihk_boot_broken(chan->link->boot, reason);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(ikc_break);
