/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All channels of one boot: what boot.c and the doorbells need of them, and what
 * ikc.c (channels) and ikc_link.c (connections) need of each other.
 */
#ifndef IHK_IKC_LINK_H
#define IHK_IKC_LINK_H

#include "boot.h"
#include "ikc.h"

/**
 * struct ikc_link - all channels of one boot
 * @boot:	its boot; valid until ikc_link_down() has returned
 * @os:		its instance, valid likewise
 * @ref:	one for the boot, one for each channel
 * @rcu:	frees it
 * @ncpus:	LWK CPUs, entries of @served
 * @lock:	connections; protects the following
 * @down:	the peer is dead: none of its CPUs runs; also read without lock
 * @proto:	state machine
 * @ranges:	granted memory, for @proto
 * @tx:		master ring to the LWK
 * @rx:		master ring from the LWK
 * @starved:	@tx was full: look again at the next doorbell; also read without lock
 * @runs:	times that @work ran, which it does after each bell that @tx asked for
 * @wait:	who waits for room in @tx
 * @work:	takes packets out of @rx
 * @drain_work:	goes on with data channels that were too full for the interrupt
 * @list_lock:	protects changes of the lists in @served, interrupts off; readers use RCU
 * @served:	open channels by LWK CPU
 */
struct ikc_link {
	struct ihk_boot *boot;
	struct ihk_os *os;
	struct kref ref;
	struct rcu_head rcu;
	u32 ncpus;

	struct mutex lock;
	bool down;
	struct ikc_proto proto;
	struct ikc_range *ranges;
	struct ikc_tx tx;
	struct ikc_rx rx;
	bool starved;
	u32 runs;
	wait_queue_head_t wait;
	struct work_struct work;
	struct work_struct drain_work;

	spinlock_t list_lock;
	struct list_head served[];
};

/**
 * ikc_link_create() - attach the master rings of a boot that has not started
 * @boot: boot area filled in; sets @boot->link
 *
 * Reports. Context: process context.
 * Return: 0, -ENOMEM.
 */
int ikc_link_create(struct ihk_boot *boot);

/**
 * ikc_link_down() - the peer is dead: end all channels
 * @link: may be down already; none of its CPUs runs any more
 *
 * On return nobody touches a ring or sends a doorbell any more; who waited got
 * -EPIPE. No work item is left either, once no doorbell handler reaches it.
 * Context: process context, sleeps.
 */
void ikc_link_down(struct ikc_link *link);

/**
 * ikc_link_put() - drop a reference
 * @link: the boot's one: it is down and no doorbell handler reaches it
 *
 * Context: any.
 */
void ikc_link_put(struct ikc_link *link);

/**
 * ikc_link_drain() - take everything out of the rings of some channels
 * @link: of a live boot
 * @linux_cpu: channels that this Linux CPU serves, and the master channel
 *
 * Context: hard interrupt, or process context; RCU read side.
 */
void ikc_link_drain(struct ikc_link *link, unsigned int linux_cpu);

/** ikc_link_drain_later() - have a work item drain all channels. Context: process context. */
void ikc_link_drain_later(struct ikc_link *link);

/**
 * ikc_leave() - leave a channel open until its LWK ends, and drop the owner's reference
 * @chan: channel; @chan->data becomes NULL
 *
 * For a last packet that closing the channel could overtake. The receive callback may
 * still run. Context: process context.
 */
void ikc_leave(struct ikc_chan *chan);

/** ikc_init() - listen to the ports of this module. Return: 0 or -errno. */
int ikc_init(void);
/** ikc_exit() - undo ikc_init(). No boot is live. */
void ikc_exit(void);

/*
 * ikc.c
 */

/** ikc_chan_new() - a channel that is not connected yet, with the owner's reference, or NULL. */
struct ikc_chan *ikc_chan_new(struct ikc_link *link, const struct ikc_chan_ops *ops);

/** ikc_chan_of() - the channel of a connection other than the master's. */
static inline struct ikc_chan *ikc_chan_of(struct ikc_conn *conn)
{
	return container_of(conn, struct ikc_chan, conn);
}

/**
 * ikc_chan_attach() - take checked rings into use
 * @chan: not open
 * @to_lwk: physical address of the ring to the LWK
 * @to_host: physical address of the ring from the LWK
 *
 * Context: link->lock. Return: 0, -EPROTO when the rings' heads are not as agreed.
 */
int ikc_chan_attach(struct ikc_chan *chan, u64 to_lwk, u64 to_host);

/** ikc_chan_open() - packets may flow. Context: link->lock, process context. */
void ikc_chan_open(struct ikc_chan *chan);

/** ikc_chan_close() - touch the rings no more; may be repeated. Context: process context. */
void ikc_chan_close(struct ikc_chan *chan);

/**
 * ikc_chan_drain() - take packets out of a channel
 * @chan: open, or closed meanwhile; the caller sees to it that it stays
 *
 * Context: hard interrupt, or process context.
 * Return: false when there may be more, but enough were taken for one time.
 */
bool ikc_chan_drain(struct ikc_chan *chan);

#endif
