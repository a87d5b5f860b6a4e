// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections of one boot: the master channel, ports, and the callbacks of the
 * state machine in ikc_proto.c.
 *
 * The master channel is served by a work item with link->lock held, so everything
 * about connections happens in process context, one at a time. A packet is taken out of
 * the master ring only when there is room for an answer in the other: a peer that does
 * not listen stops being heard, and nobody waits for it.
 */
#define pr_fmt(fmt) "ihk: ikc: " fmt

#include "ikc_link.h"

#include <linux/export.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/* Packets of the master channel in one run of the work item. */
#define MASTER_BUDGET 64
/* How long the LWK may take to say that it forgot a channel. */
#define DISCONNECT_TIMEOUT (5 * HZ)
/* How long a full master ring may stay full. */
#define ROOM_TIMEOUT (5 * HZ)

static DEFINE_MUTEX(listeners_lock); /* inside link->lock */
static LIST_HEAD(listeners);

static void link_free(struct kref *ref)
{
	struct ikc_link *link = container_of(ref, struct ikc_link, ref);

	kfree(link->ranges);
	kfree_rcu(link, rcu);
}

void ikc_link_put(struct ikc_link *link)
{
	kref_put(&link->ref, link_free);
}

/*
 * Master ring
 */

static void master_broken(struct ikc_link *link)
{
	if (!link->down)
		ihk_boot_broken(link->boot, "IKC ring 0 corrupted");
}

/* Room for one more packet; if not, the next doorbell makes us look again. */
static bool master_has_room(struct ikc_link *link)
{
	const struct ikc_ring *ring = link->tx.ring;
	u32 used = link->tx.head - READ_ONCE(ring->tail);

	lockdep_assert_held(&link->lock);
	if (used > link->tx.mask + 1) {
		master_broken(link);
		return false;
	}
	if (used <= link->tx.mask)
		return true;
	WRITE_ONCE(link->starved, true);
	/* If space came meanwhile no bell comes: the caller looks again. */
	return !ikc_tx_arm(&link->tx);
}

static void op_send(struct ikc_proto *proto, const struct ikc_packet *packet)
{
	struct ikc_link *link = container_of(proto, struct ikc_link, proto);
	bool bell;
	int err;

	lockdep_assert_held(&link->lock);
	if (link->down)
		return;
	err = ikc_tx_push(&link->tx, packet, &bell);
	/* There was room when the caller looked, and only we fill the ring. */
	if (err)
		master_broken(link);
	else if (bell)
		ihk_boot_ring(link->boot, 0);
}

/* Returns whether there may be more. */
static bool master_serve_one(struct ikc_link *link)
{
	struct ikc_packet packet, reply;
	bool bell;
	int err;

	if (!master_has_room(link))
		return false;
	err = ikc_rx_pop(&link->rx, &packet, &bell);
	if (err == -EAGAIN)
		return !ikc_rx_arm(&link->rx);
	if (err) {
		master_broken(link);
		return false;
	}
	if (bell)
		ihk_boot_ring(link->boot, 0);
	if (ikc_proto_dispatch(&link->proto.master, &packet, &reply))
		op_send(&link->proto, &reply);
	return true;
}

static void link_work(struct work_struct *work)
{
	struct ikc_link *link = container_of(work, struct ikc_link, work);
	int budget = MASTER_BUDGET;

	mutex_lock(&link->lock);
	WRITE_ONCE(link->starved, false);
	WRITE_ONCE(link->runs, link->runs + 1);
	while (!link->down && budget && master_serve_one(link))
		budget--;
	if (!budget)
		queue_work(system_wq, &link->work);
	mutex_unlock(&link->lock);
	/* The bell may have meant room in the master ring. */
	wake_up_all(&link->wait);
}

static bool master_pending(const struct ikc_link *link)
{
	return READ_ONCE(link->starved) ||
	       READ_ONCE(link->rx.ring->head) != READ_ONCE(link->rx.tail);
}

/*
 * Data channels
 */

static bool served_drain(struct ikc_link *link, u32 lwk_cpu)
{
	struct ikc_chan *chan;
	bool done = true;

	list_for_each_entry_rcu(chan, &link->served[lwk_cpu], served)
		done &= ikc_chan_drain(chan);
	return done;
}

void ikc_link_drain(struct ikc_link *link, unsigned int linux_cpu)
{
	bool done = true;
	u32 i;

	if (READ_ONCE(link->down))
		return;
	if (master_pending(link))
		queue_work(system_wq, &link->work);
	for (i = 0; i < link->ncpus; i++)
		if (READ_ONCE(link->boot->watch[i].server) == linux_cpu)
			done &= served_drain(link, i);
	if (!done)
		queue_work(system_wq, &link->drain_work);
}

static void drain_work(struct work_struct *work)
{
	struct ikc_link *link = container_of(work, struct ikc_link, drain_work);
	bool done = true;
	u32 i;

	rcu_read_lock();
	for (i = 0; i < link->ncpus; i++)
		done &= served_drain(link, i);
	rcu_read_unlock();
	if (!done && !READ_ONCE(link->down))
		queue_work(system_wq, &link->drain_work);
}

void ikc_link_drain_later(struct ikc_link *link)
{
	mutex_lock(&link->lock);
	if (!link->down)
		queue_work(system_wq, &link->drain_work);
	mutex_unlock(&link->lock);
}

/*
 * Callbacks of the state machine, with link->lock held
 */

static struct ikc_listener *listener_find(u32 port)
{
	struct ikc_listener *listener;

	lockdep_assert_held(&listeners_lock);
	list_for_each_entry(listener, &listeners, link)
		if (listener->port == port)
			return listener;
	return NULL;
}

static int listener_accept(struct ikc_link *link, struct ikc_listener *listener,
			   struct ikc_conn **out)
{
	struct ikc_chan *chan;
	int err;

	chan = ikc_chan_new(link, listener->ops);
	if (!chan)
		return -ENOMEM;
	/* The table's reference; the first one is the owner's. */
	kref_get(&chan->ref);
	if (listener->accept) {
		err = listener->accept(link->os, chan);
		if (err) {
			ikc_chan_put(chan);
			ikc_chan_put(chan);
			return err;
		}
	} else {
		chan->disowned = true;
		ikc_chan_put(chan);
	}
	*out = &chan->conn;
	return 0;
}

static int op_accept(struct ikc_proto *proto, const struct ikc_connect *request,
		     struct ikc_conn **out)
{
	struct ikc_link *link = container_of(proto, struct ikc_link, proto);
	struct ikc_listener *listener;
	int err = -ECONNREFUSED;

	mutex_lock(&listeners_lock);
	listener = listener_find(request->port);
	if (listener)
		err = listener_accept(link, listener, out);
	mutex_unlock(&listeners_lock);
	return err;
}

static int op_attach(struct ikc_conn *conn, u64 to_lwk, u64 to_host)
{
	return ikc_chan_attach(ikc_chan_of(conn), to_lwk, to_host);
}

static void op_opened(struct ikc_conn *conn)
{
	ikc_chan_open(ikc_chan_of(conn));
}

static void op_changed(struct ikc_conn *conn)
{
	wake_up_all(&ikc_chan_of(conn)->wait);
}

static void op_detach(struct ikc_conn *conn)
{
	struct ikc_chan *chan = ikc_chan_of(conn);

	ikc_chan_close(chan);
	if (!chan->disowned && chan->ops->closed)
		chan->ops->closed(chan);
}

static void op_release(struct ikc_conn *conn)
{
	ikc_chan_put(ikc_chan_of(conn));
}

static void op_log(struct ikc_proto *proto, const char *fmt, ...)
{
	struct ikc_link *link = container_of(proto, struct ikc_link, proto);
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	pr_warn_ratelimited("mcos%d: %pV\n", link->os->index, &text);
	va_end(args);
}

static const struct ikc_proto_ops proto_ops = {
	.send = op_send,
	.accept = op_accept,
	.attach = op_attach,
	.opened = op_opened,
	.changed = op_changed,
	.detach = op_detach,
	.release = op_release,
	.log = op_log,
};

/*
 * Life of a link
 */

static int ranges_copy(struct ikc_link *link, const struct ihk_os *os)
{
	const struct ihk_chunk *chunk;
	u32 n = 0;

	link->ranges = kcalloc(os->nchunks, sizeof(*link->ranges), GFP_KERNEL);
	if (!link->ranges)
		return -ENOMEM;
	list_for_each_entry(chunk, &os->chunks, link) {
		link->ranges[n].start = chunk->start;
		link->ranges[n].end = chunk->end;
		n++;
	}
	link->proto.ranges = link->ranges;
	link->proto.nranges = n;
	return 0;
}

static void link_init(struct ikc_link *link, struct ihk_boot *boot)
{
	u32 i;

	link->boot = boot;
	link->os = boot->os;
	link->ncpus = boot->ncpus;
	kref_init(&link->ref);
	mutex_init(&link->lock);
	init_waitqueue_head(&link->wait);
	INIT_WORK(&link->work, link_work);
	INIT_WORK(&link->drain_work, drain_work);
	spin_lock_init(&link->list_lock);
	for (i = 0; i < link->ncpus; i++)
		INIT_LIST_HEAD(&link->served[i]);

	link->proto.ops = &proto_ops;
	link->proto.ncpus = boot->ncpus;
	link->proto.reserved.start = boot->layout.block.start;
	link->proto.reserved.end = boot->layout.heap.start;
	ikc_proto_init(&link->proto);
}

int ikc_link_create(struct ihk_boot *boot)
{
	struct ikc_link *link;
	int err;

	link = kzalloc(struct_size(link, served, boot->ncpus), GFP_KERNEL);
	if (!link)
		return ihk_report(-ENOMEM, "Cannot allocate the channels of %u CPUs", boot->ncpus);
	link_init(link, boot);
	err = ranges_copy(link, boot->os);
	if (err) {
		ihk_report(err, "Cannot allocate the memory map of %u pieces", boot->os->nchunks);
		goto put;
	}
	err = ikc_tx_attach(&link->tx, phys_to_virt(boot->layout.to_lwk.start), IKC_MASTER_PACKETS);
	if (!err)
		err = ikc_rx_attach(&link->rx, phys_to_virt(boot->layout.to_host.start),
				    IKC_MASTER_PACKETS);
	if (err) {
		ihk_report(err, "The new master rings do not check");
		goto put;
	}
	boot->link = link;
	return 0;
put:
	ikc_link_put(link);
	return err;
}

void ikc_link_down(struct ikc_link *link)
{
	mutex_lock(&link->lock);
	if (!link->down) {
		/* Release: pairs with ikc_lwk_stopped(). */
		smp_store_release(&link->down, true);
		ikc_proto_shutdown(&link->proto, -EPIPE);
	}
	mutex_unlock(&link->lock);
	wake_up_all(&link->wait);
	cancel_work_sync(&link->work);
	cancel_work_sync(&link->drain_work);
}

/*
 * Interface, see ikc.h
 */

int ikc_listen(struct ikc_listener *listener)
{
	int err = 0;

	mutex_lock(&listeners_lock);
	if (listener_find(listener->port))
		err = -EADDRINUSE;
	else
		list_add(&listener->link, &listeners);
	mutex_unlock(&listeners_lock);
	return err;
}
EXPORT_SYMBOL_GPL(ikc_listen);

void ikc_unlisten(struct ikc_listener *listener)
{
	mutex_lock(&listeners_lock);
	list_del(&listener->link);
	mutex_unlock(&listeners_lock);
}
EXPORT_SYMBOL_GPL(ikc_unlisten);

/* The link of an instance that runs, with a reference, or NULL. */
static struct ikc_link *link_get(struct ihk_os *os)
{
	struct ikc_link *link = NULL;
	struct ihk_boot *boot;
	int idx;

	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	rcu_read_lock();
	if (boot)
		link = READ_ONCE(boot->link);
	if (link && !kref_get_unless_zero(&link->ref))
		link = NULL;
	rcu_read_unlock();
	srcu_read_unlock(&ihk_boot_srcu, idx);
	return link;
}

/*
 * Takes link->lock with room for one packet in the master ring, or with the link
 * down. Returns without the lock: -ETIMEDOUT, or -EINTR if @interruptible.
 */
static int master_lock_room(struct ikc_link *link, bool interruptible)
{
	unsigned long deadline = jiffies + ROOM_TIMEOUT;
	u32 seen;

	for (;;) {
		mutex_lock(&link->lock);
		if (link->down || master_has_room(link))
			return 0;
		seen = link->runs;
		mutex_unlock(&link->lock);
		if (time_after(jiffies, deadline))
			return -ETIMEDOUT;
		if (interruptible && signal_pending(current))
			return -EINTR;
		/* The bell that was asked for runs the work item, which counts. */
		wait_event_killable_timeout(link->wait, READ_ONCE(link->runs) != seen, HZ / 10);
	}
}

static int chan_connect(struct ikc_chan *chan)
{
	struct ikc_link *link = chan->link;
	int err;

	err = master_lock_room(link, true);
	if (err)
		return err;
	err = link->down ? -EPIPE : 0;
	if (!err) {
		/* The table's reference. */
		kref_get(&chan->ref);
		err = ikc_proto_connect(&link->proto, &chan->conn);
		if (err)
			ikc_chan_put(chan);
	}
	mutex_unlock(&link->lock);
	return err;
}

static bool chan_settled(const struct ikc_chan *chan)
{
	return READ_ONCE(chan->conn.state) != IKC_CONN_CONNECTING;
}

/* Waits for the LWK's answer; afterwards the channel is open or the caller's alone. */
static int chan_wait_open(struct ikc_chan *chan, u32 timeout_ms)
{
	struct ikc_link *link = chan->link;
	int err = 0;
	long left;

	left = wait_event_interruptible_timeout(chan->wait, chan_settled(chan),
						msecs_to_jiffies(timeout_ms));
	mutex_lock(&link->lock);
	switch (chan->conn.state) {
	case IKC_CONN_OPEN:
		break;
	case IKC_CONN_CONNECTING:
		ikc_proto_abandon(&chan->conn);
		err = left < 0 ? -EINTR : -ETIMEDOUT;
		break;
	default:
		err = chan->conn.err ? chan->conn.err : -EPIPE;
	}
	if (err)
		chan->disowned = true;
	mutex_unlock(&link->lock);
	return err;
}

int ikc_connect(struct ihk_os *os, const struct ikc_params *params, struct ikc_chan **out)
{
	struct ikc_link *link;
	struct ikc_chan *chan;
	int err;

	link = link_get(os);
	if (!link)
		return -EPIPE;
	chan = ikc_chan_new(link, params->ops);
	ikc_link_put(link);
	if (!chan)
		return -ENOMEM;
	chan->data = params->data;
	chan->conn.port = params->port;
	chan->conn.cpu = params->cpu;
	chan->conn.npackets = params->npackets;
	err = chan_connect(chan);
	if (err)
		goto put;
	err = chan_wait_open(chan, params->timeout_ms);
	if (err)
		goto put;
	*out = chan;
	return 0;
put:
	ikc_chan_put(chan);
	return err;
}
EXPORT_SYMBOL_GPL(ikc_connect);

static bool chan_gone(const struct ikc_chan *chan)
{
	return READ_ONCE(chan->conn.state) == IKC_CONN_DEAD;
}

void ikc_disconnect(struct ikc_chan *chan)
{
	struct ikc_link *link = chan->link;

	mutex_lock(&link->lock);
	chan->disowned = true;
	ikc_chan_close(chan);
	mutex_unlock(&link->lock);

	if (!master_lock_room(link, false)) {
		if (!link->down && chan->conn.state == IKC_CONN_OPEN)
			ikc_proto_disconnect(&chan->conn);
		mutex_unlock(&link->lock);
	}
	/* An LWK that does not answer is hung: the link's end forgets the channel. */
	if (!wait_event_timeout(chan->wait, chan_gone(chan), DISCONNECT_TIMEOUT))
		pr_warn("channel %u to LWK CPU %u was not closed by the LWK\n",
			chan->conn.host_id, chan->conn.cpu);
	ikc_chan_put(chan);
}
EXPORT_SYMBOL_GPL(ikc_disconnect);

void ikc_leave(struct ikc_chan *chan)
{
	struct ikc_link *link = chan->link;

	mutex_lock(&link->lock);
	chan->disowned = true;
	spin_lock_irq(&chan->rx_lock);
	chan->data = NULL;
	spin_unlock_irq(&chan->rx_lock);
	mutex_unlock(&link->lock);
	ikc_chan_put(chan);
}

/* LWK CPUs say hello here; nothing is sent on these channels by this module. */
static const struct ikc_chan_ops link_ops;
static struct ikc_listener link_listener = {
	.port = IKC_PORT_LINK,
	.ops = &link_ops,
};

int ikc_init(void)
{
	return ikc_listen(&link_listener);
}

void ikc_exit(void)
{
	ikc_unlisten(&link_listener);
}
