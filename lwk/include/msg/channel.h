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
 * @out: the channel, in IKC_CONNECTING
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
 * channel_find() - look up a channel.
 * @id: any number
 *
 * Context: the first CPU's doorbell handler; the channel cannot vanish there before its
 * state says that it may.
 * Return: the channel, or NULL.
 */
struct ikc_channel *channel_find(u32 id);

/**
 * channel_move() - change a channel's state.
 * @chan: channel
 * @from: the state that it must be in
 * @to: the new state
 *
 * Context: any but NMI.
 * Return: false, and no change, if it is in another state.
 */
bool channel_move(struct ikc_channel *chan, enum ikc_state from, enum ikc_state to) __must_check;

/**
 * channel_hand_over() - put a channel into its CPU's list.
 * @chan: not in a list
 *
 * Context: any but NMI.
 */
void channel_hand_over(struct ikc_channel *chan);

/**
 * channel_notify() - have a channel's CPU look at it.
 * @chan: in its CPU's list, or handed over
 *
 * Context: any but NMI.
 */
void channel_notify(const struct ikc_channel *chan);

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
