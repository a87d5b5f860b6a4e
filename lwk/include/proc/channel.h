/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channels to mcctrl: one for each CPU and port.
 */
#ifndef LWK_PROC_CHANNEL_H
#define LWK_PROC_CHANNEL_H

#include "lwk/include/compiler.h"

struct ikc_channel;
struct ikc_packet;

/**
 * syscall_channel_open() - a channel to port SYSCALL is ready.
 * @chan: of the calling CPU
 *
 * Context: a handler of its messages.
 * Return: 0, -EEXIST if the CPU has one already.
 */
int syscall_channel_open(struct ikc_channel *chan) __must_check;

/**
 * syscall_channel_send() - send a packet on the calling CPU's channel.
 * @packet: copied
 *
 * Context: a thread, interrupts enabled, no lock held. While the channel is full other threads run,
 * or the CPU halts.
 * Return: 0; -EPIPE without channel.
 */
int syscall_channel_send(const struct ikc_packet *packet) __must_check;

#endif
