/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Life of channels, between the files of lwk/msg/.
 */
#ifndef LWK_MSG_CHANNEL_H
#define LWK_MSG_CHANNEL_H

#include "lwk/include/msg/ikc.h"

/**
 * channel_create() - make a channel with two empty rings and an id.
 * @port: port that it is connected to
 * @cpu: LWK CPU number that owns it
 * @npackets: capacity of each ring, valid
 * @out: the channel, in IKC_NEW
 *
 * Context: any but NMI, no lock held.
 * Return: 0, -ENOMEM, -EMFILE when no id is left.
 */
int channel_create(u32 port, u32 cpu, u32 npackets, struct ikc_channel **out) __must_check;

/**
 * channel_destroy() - free a channel, its rings and its id.
 * @chan: in no CPU's list, nobody else knows it
 *
 * Context: any but NMI, no lock held.
 */
void channel_destroy(struct ikc_channel *chan);

/**
 * channel_announce() - let Linux's messages reach a new channel.
 * @chan: in IKC_NEW, complete
 * @state: IKC_CONNECTING or IKC_OPEN
 *
 * After IKC_CONNECTING the channel may be gone at any time.
 *
 * Context: any but NMI.
 */
void channel_announce(struct ikc_channel *chan, enum ikc_state state);

/**
 * channel_connected() - Linux has answered a connection that the LWK asked for.
 * @id: the LWK's id, any number
 * @host_id: Linux's id
 * @state: IKC_OPEN or IKC_DEAD
 *
 * Context: any but NMI.
 * Return: the channel, for the caller to hand over; NULL if no channel waits for that.
 */
struct ikc_channel *channel_connected(u32 id, u32 host_id, enum ikc_state state);

/**
 * channel_close() - Linux closes a channel; have its CPU answer and free it.
 * @id: the LWK's id, any number
 * @host_id: Linux's id, any number
 * @cookie: for the answer
 *
 * Context: any but NMI.
 * Return: false if there is no such channel, or Linux has closed it before.
 */
bool channel_close(u32 id, u32 host_id, u64 cookie) __must_check;

/**
 * channel_leave() - the LWK is about to close a channel.
 * @chan: of the calling CPU
 *
 * Does nothing if Linux was faster. Context: doorbell handler.
 */
void channel_leave(struct ikc_channel *chan);

/**
 * channel_left() - Linux has answered that; have the channel's CPU free it.
 * @id: the LWK's id; one that means nothing (any more) does not matter
 *
 * Context: any but NMI.
 */
void channel_left(u32 id);

/**
 * channel_hand_over() - put a channel into its CPU's list.
 * @chan: not in a list
 *
 * Context: any but NMI.
 */
void channel_hand_over(struct ikc_channel *chan);

/**
 * channel_adopt() - take the channels that were handed over into the CPU's list.
 *
 * Context: doorbell handler, interrupts off.
 */
void channel_adopt(void);

/**
 * channel_reap() - end the channels of the calling CPU that are to end.
 *
 * Context: doorbell handler, interrupts off.
 */
void channel_reap(void);

/**
 * connect_fill() - the payload of a connection message.
 * @chan: channel
 * @packet: result; @packet->msg and @packet->cookie are the caller's
 *
 * Context: any.
 */
void connect_fill(const struct ikc_channel *chan, struct ikc_packet *packet);

#endif
