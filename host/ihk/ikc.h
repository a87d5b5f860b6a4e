/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inter-kernel channels, as modules of Linux use them (docs/ikc.md).
 *
 * A channel carries packets between Linux and one CPU of an LWK, in order, both
 * ways. Open one with ikc_connect(), or let the LWK open it to a port that
 * ikc_listen() offers. Packets arrive in the channel's receive callback, in the
 * doorbell interrupt, or are fetched with ikc_receive() by who polls. When the LWK
 * panics or is stopped every channel ends: calls return -EPIPE, @closed is called.
 *
 * Locks: link->lock (connections) is outside of everything here; then
 * chan->rx_lock, then chan->tx_lock, both with interrupts off. The receive callback runs
 * with rx_lock held, so it may send on its channel but neither close nor poll it.
 */
#ifndef IHK_IKC_H
#define IHK_IKC_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "ikc_proto.h"

struct ihk_os;
struct ikc_chan;
struct ikc_link;

/* ikc_send() flags */
#define IKC_NOWAIT (1U << 0)	/* -EAGAIN instead of waiting for space */
#define IKC_KILLABLE (1U << 1)	/* only a fatal signal ends the wait for space */
#define IKC_NOINTR (1U << 2)	/* no signal does, but -ETIMEDOUT after a minute */

/**
 * struct ikc_chan_ops - what the owner of a channel does
 * @receive:	take one packet, a private copy. Hard interrupt, or process context with
 *		interrupts off. NULL: messages go to the handlers of abi/messages.def
 * @closed:	the LWK closed the channel, or is dead: ikc_lwk_stopped() says which. Process
 *		context; may call ikc_chan_put(), ikc_lwk_stopped() and ikc_break() of this
 *		header, no others. May be NULL
 */
struct ikc_chan_ops {
	void (*receive)(struct ikc_chan *chan, const struct ikc_packet *packet);
	void (*closed)(struct ikc_chan *chan);
};

/**
 * struct ikc_chan - a channel
 * @conn:	its connection; link->lock protects
 * @link:	all channels of the boot; counted
 * @ref:	one for the owner, one while the connection is in the table
 * @rcu:	frees it
 * @served:	in the list of its LWK CPU; the link's list_lock
 * @ops:	set at creation
 * @data:	the owner's
 * @disowned:	the owner has closed it, @ops are not called any more; link->lock
 * @wait:	who waits for space, or for a change of @conn
 * @rx_lock:	protects the following
 * @rx_open:	@rx may be used
 * @polled:	the doorbell handler leaves @rx alone
 * @rx:		consumer
 * @tx_lock:	protects the following
 * @tx_open:	@tx may be used
 * @tx:		producer
 */
struct ikc_chan {
	struct ikc_conn conn;
	struct ikc_link *link;
	struct kref ref;
	struct rcu_head rcu;
	struct list_head served;
	const struct ikc_chan_ops *ops;
	void *data;
	bool disowned;
	wait_queue_head_t wait;

	spinlock_t rx_lock;
	bool rx_open;
	bool polled;
	struct ikc_rx rx;

	spinlock_t tx_lock;
	bool tx_open;
	struct ikc_tx tx;
};

/**
 * struct ikc_listener - a port of Linux
 * @link:	in the list of ports
 * @port:	its number
 * @ops:	of the channels that are opened to it
 * @accept:	look at a channel that an LWK opens, set @chan->data; -errno refuses
 *		it. On success the owner's reference is the listener's. Process context; may not
 *		call functions of this header. NULL: all are taken, and their reference is
 *		dropped when they close
 */
struct ikc_listener {
	struct list_head link;
	u32 port;
	const struct ikc_chan_ops *ops;
	int (*accept)(struct ihk_os *os, struct ikc_chan *chan);
};

/**
 * struct ikc_params - what ikc_connect() is to open
 * @port:	port of the LWK
 * @cpu:	LWK CPU number
 * @npackets:	capacity of each ring, a power of two from 2 to IKC_RING_MAX_PACKETS
 * @timeout_ms:	wait so long for the LWK's answer
 * @ops:	the owner's callbacks
 * @data:	the owner's, in @chan->data
 */
struct ikc_params {
	u32 port;
	u32 cpu;
	u32 npackets;
	u32 timeout_ms;
	const struct ikc_chan_ops *ops;
	void *data;
};

/**
 * ikc_listen() - offer a port to all LWKs
 * @listener: filled in, stays until ikc_unlisten()
 *
 * Context: process context.
 * Return: 0, -EADDRINUSE.
 */
int ikc_listen(struct ikc_listener *listener);

/**
 * ikc_unlisten() - offer a port no more
 * @listener: see ikc_listen()
 *
 * Channels that are open stay so. Context: process context.
 */
void ikc_unlisten(struct ikc_listener *listener);

/**
 * ikc_connect() - open a channel to a port of an LWK
 * @os: instance
 * @params: what to open
 * @out: the channel, with a reference for the caller
 *
 * Context: process context; waits, interruptible.
 * Return: 0, -EPIPE when the LWK does not run, -EINTR, -ETIMEDOUT, -EMFILE, -EPROTO,
 * -EINVAL, -ENOMEM, or what the LWK answered (-ECONNREFUSED: nobody listens).
 */
int ikc_connect(struct ihk_os *os, const struct ikc_params *params, struct ikc_chan **out);

/**
 * ikc_disconnect() - close a channel, and drop the owner's reference
 * @chan: open or ended
 *
 * On return no callback runs or will run. Waits for the LWK, but not for ever.
 * Context: process context, not in a callback.
 */
void ikc_disconnect(struct ikc_chan *chan);

/**
 * ikc_chan_put() - drop the owner's reference of a channel that has ended
 * @chan: channel
 *
 * Context: any.
 */
void ikc_chan_put(struct ikc_chan *chan);

/**
 * ikc_send() - send one packet
 * @chan: channel
 * @packet: copied
 * @flags: IKC_NOWAIT, or how to wait for space in process context: IKC_KILLABLE, IKC_NOINTR,
 *	   or 0 for interruptible
 *
 * Context: any with IKC_NOWAIT.
 * Return: 0, -EAGAIN when full, -EINTR, -ETIMEDOUT, -EPIPE when the channel has ended.
 */
int ikc_send(struct ikc_chan *chan, const struct ikc_packet *packet, unsigned int flags);

/**
 * ikc_granted() - does memory belong to the LWK of a channel, and to it alone?
 * @chan: channel, in any state: it remembers what was granted when its LWK booted
 * @start: first physical address
 * @end: first one behind it
 *
 * Context: any.
 * Return: whether [@start, @end) lies wholly in one granted piece of memory, outside of what Linux
 * and LWK share about the boot. Linux may use it until the channel's @closed callback returns.
 */
bool ikc_granted(const struct ikc_chan *chan, u64 start, u64 end);

/**
 * ikc_lwk_stopped() - is the LWK of a channel dead for good?
 * @chan: channel
 *
 * Context: any.
 * Return: true when none of its CPUs runs any more, so that it can touch nothing; always so in
 * the @closed callback of a channel that the LWK did not close itself.
 */
bool ikc_lwk_stopped(const struct ikc_chan *chan);

/**
 * ikc_break() - the LWK broke the protocol of a channel's port: PANIC
 * @chan: the owner's
 * @reason: in a few words
 *
 * Its CPUs are stopped and all channels closed, some time later. Context: any.
 */
void ikc_break(struct ikc_chan *chan, const char *reason);

/**
 * ikc_poll_start() - packets are fetched by ikc_receive() from now on
 * @chan: channel
 *
 * The LWK rings no doorbell for it meanwhile. Context: process context.
 */
void ikc_poll_start(struct ikc_chan *chan);

/**
 * ikc_poll_stop() - packets go to the receive callback again
 * @chan: channel
 *
 * Context: process context.
 */
void ikc_poll_stop(struct ikc_chan *chan);

/**
 * ikc_receive() - fetch one packet of a polled channel
 * @chan: channel between ikc_poll_start() and ikc_poll_stop()
 * @packet: where the copy goes
 *
 * Context: any. Return: 0, -EAGAIN when there is none, -EPIPE when the channel has ended.
 */
int ikc_receive(struct ikc_chan *chan, struct ikc_packet *packet);

#endif
