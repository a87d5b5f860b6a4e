/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inter-kernel channels on the LWK's side (abi/ikc.h).
 *
 * A channel belongs to one CPU. That CPU alone receives from it, in its doorbell
 * handler, and alone frees it; so the receiving side needs no lock. Anybody may send.
 *
 * A message that cannot be answered in the handler is deferred: the channel is
 * paused, a function of its own runs from the CPU's work queue, then reception goes on.
 * A message that may take long is put aside by its handler, which holds the channel (ikc_hold)
 * until it is answered. A channel that is paused or held is not freed.
 */
#ifndef LWK_MSG_IKC_H
#define LWK_MSG_IKC_H

#include "abi/ikc.h"
#include "lwk/include/core/cpumask.h"
#include "lwk/include/sched/work.h"
#include "lwk/include/mm/page.h"
#include "lwk/include/spinlock.h"

/**
 * enum ikc_state - life of a channel; changes under the service's lock
 * @IKC_NEW:	its maker alone may touch it, whatever Linux says about its id
 * @IKC_CONNECTING: the LWK asked Linux to open it
 * @IKC_OPEN:	packets flow
 * @IKC_CLOSING: Linux closed it; its CPU answers and frees it
 * @IKC_LEAVING: the LWK closes it and waits for Linux's answer
 * @IKC_DEAD:	Linux has answered that, or refused to open it; its CPU frees it
 */
enum ikc_state {
	IKC_NEW,
	IKC_CONNECTING,
	IKC_OPEN,
	IKC_CLOSING,
	IKC_LEAVING,
	IKC_DEAD,
};

struct ikc_channel;

/** ikc_deferred_fn - answers a deferred message, with interrupts on */
typedef void (*ikc_deferred_fn)(struct ikc_channel *chan, const struct ikc_packet *packet);

/**
 * struct ikc_channel - one channel
 * @id:		the LWK's id, 0 for the master channel
 * @port:	port that it is connected to
 * @cpu:	LWK CPU number that owns it
 * @npackets:	capacity of each ring
 * @rings:	pages of both rings, Linux to LWK first; NULL for the master channel
 * @order:	of each of @rings
 *
 * @closed:	told that the channel is about to be freed, by its CPU, interrupts off; or NULL.
 *		Set by a handler of its messages
 * @data:	its owner's, likewise
 *
 * @opened:	told the outcome of a connection that the LWK asked for, in the first
 *		CPU's doorbell handler; 0 or a negative errno
 *
 * Set at creation: the fields above.
 *
 * @host_id:	the host's id; set before IKC_OPEN
 * @cookie:	of the host's DISCONNECT; set before IKC_CLOSING
 * @state:	enum ikc_state
 *
 * @tx_lock:	protects @tx
 * @tx:		producer
 * @waiters:	CPUs that wait for space in @tx; shared, atomic
 * @awaited:	@waiters is not empty; set after, taken before it
 *
 * Own CPU, interrupts off:
 * @next:	in the CPU's list, or on its way there
 * @rx:		consumer
 * @paused:	a deferred message is being answered
 * @holds:	ikc_hold() without ikc_release()
 * @broken:	the rings make no sense any more
 * @told:	Linux knows that
 * @has_reply:	@reply waits for space
 * @reply:	an answer that the ring had no space for
 * @deferred:	the message
 * @deferred_fn: what answers it
 * @work:	runs it
 */
struct ikc_channel {
	u32 id;
	u32 port;
	u32 cpu;
	u32 npackets;
	struct page *rings[2];
	u32 order;
	void (*closed)(struct ikc_channel *chan);
	void *data;
	void (*opened)(struct ikc_channel *chan, int err);

	u32 host_id;
	u64 cookie;
	u32 state;

	struct spinlock tx_lock;
	struct ikc_tx tx;
	struct cpumask waiters;
	u32 awaited;

	struct ikc_channel *next;
	struct ikc_rx rx;
	bool paused;
	u32 holds;
	bool broken;
	bool told;
	bool has_reply;
	struct ikc_packet reply;
	struct ikc_packet deferred;
	ikc_deferred_fn deferred_fn;
	struct work work;
};

/**
 * ikc_init() - attach the master channel.
 *
 * Context: first CPU, once, interrupts off.
 */
void ikc_init(void);

/**
 * ikc_receive() - serve all channels of the calling CPU.
 *
 * Context: doorbell handler, interrupts off.
 */
void ikc_receive(void);

/**
 * ikc_try_send() - send a packet if there is space.
 * @chan: channel
 * @packet: copied
 *
 * Context: any but NMI.
 * Return: 0, -EPIPE when the channel is not open, -EBADMSG when Linux broke the ring,
 * -EAGAIN when the ring is full: LWK_VEC_IKC will come to the calling CPU when there
 * is space.
 */
int ikc_try_send(struct ikc_channel *chan, const struct ikc_packet *packet) __must_check;

/**
 * ikc_send() - send a packet, halting until there is space.
 * @chan: the master channel, or a channel of the calling CPU
 * @packet: copied
 *
 * Context: work queue or boot, no lock held; lets interrupts in.
 * Return: as ikc_try_send(), but never -EAGAIN.
 */
int ikc_send(struct ikc_channel *chan, const struct ikc_packet *packet) __must_check;

/**
 * ikc_reply() - answer the message that is being handled.
 * @chan: channel that it came from
 * @packet: copied; sent as soon as there is space
 *
 * Context: a handler of abi/messages.def, once for each message.
 */
void ikc_reply(struct ikc_channel *chan, const struct ikc_packet *packet);

/**
 * ikc_defer() - answer the message that is being handled later.
 * @chan: channel that it came from, not the master channel
 * @packet: copied
 * @fn: called from the work queue of the channel's CPU
 *
 * Context: a handler of abi/messages.def.
 */
void ikc_defer(struct ikc_channel *chan, const struct ikc_packet *packet, ikc_deferred_fn fn);

/**
 * ikc_hold() - keep a channel's memory; it may be closed all the same.
 * @chan: channel of the calling CPU
 *
 * Context: interrupts disabled.
 */
void ikc_hold(struct ikc_channel *chan);

/**
 * ikc_release() - end of ikc_hold().
 * @chan: channel of the calling CPU
 *
 * Context: worker thread.
 */
void ikc_release(struct ikc_channel *chan);

/**
 * ikc_answer() - send an answer that may come to nothing, because nobody wants it any more.
 * @chan: channel of the calling CPU, held or paused
 * @packet: copied
 *
 * Context: worker thread, no lock held.
 */
void ikc_answer(struct ikc_channel *chan, const struct ikc_packet *packet);

/**
 * ikc_master() - the master channel.
 *
 * Context: any, after ikc_init().
 * Return: it.
 */
struct ikc_channel *ikc_master(void);

/*
 * Handlers of abi/messages.def. Each gets a private copy of the packet and returns 0,
 * or a negative errno for a message that may not come on this channel or makes no
 * sense; the sender hears that as UNKNOWN.
 *
 * Context of all: doorbell handler of the channel's CPU, interrupts off.
 */
#define IKC_TO_LWK(number, name, handler, doc) \
	int handler(struct ikc_channel *chan, const struct ikc_packet *packet);
#include "abi/messages.def"

#endif
