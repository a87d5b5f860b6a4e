/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of abi/test.def that are not in lwk/msg/test.c. Each takes its arguments
 * from words[1..] of the packet and puts its results into the same packet.
 */
#ifndef LWK_MSG_TEST_H
#define LWK_MSG_TEST_H

#include "abi/ihk_ioctl.h"
#include "lwk/include/msg/ikc.h"

/**
 * test_fill_memory() - allocate all memory, fill it, free it.
 * @chan: channel that asked
 * @packet: in: words[1], what to fill it with; out: words[0], bytes
 *
 * Context: work queue of the channel's CPU.
 * Return: 0.
 */
int test_fill_memory(struct ikc_channel *chan, struct ikc_packet *packet);

/**
 * test_pages_bench() - measure the page allocator.
 * @chan: channel that asked
 * @packet: in: words[1], mask of CPUs; words[2], blocks that each allocates and frees;
 *	words[3], their order. Out: words[0], nanoseconds that the slowest CPU took
 *
 * Context: work queue of the channel's CPU.
 * Return: 0, -EINVAL, -ENXIO if a CPU is not online, -ENOMEM.
 */
int test_pages_bench(struct ikc_channel *chan, struct ikc_packet *packet);

/**
 * test_leak_check() - count what is allocated, and check the page allocator.
 * @chan: channel that asked
 * @packet: out: words[0], live objects; words[1], pages in use
 *
 * Panics if the allocator contradicts itself.
 *
 * Context: work queue of the channel's CPU.
 * Return: 0.
 */
int test_leak_check(struct ikc_channel *chan, struct ikc_packet *packet);

/**
 * test_garble() - send random packets on the calling CPU's channels to mcctrl.
 * @chan: channel that asked
 * @packet: in: words[1], the seed; words[2], how many; words[3], a process that many of them name.
 *	Out: words[0], how many were sent
 *
 * Context: work queue of the channel's CPU.
 * Return: 0, -EINVAL, -ENOENT without such a channel, what ikc_send() returns.
 */
int test_garble(struct ikc_channel *chan, struct ikc_packet *packet);

/**
 * test_hold_work() - leave the calling CPU's work undone until test_release_work() on another.
 * @chan: channel that asked
 * @packet: unused
 *
 * Context: work queue of the channel's CPU.
 * Return: 0, -EBUSY while another CPU's is held, -ETIMEDOUT.
 */
int test_hold_work(struct ikc_channel *chan, struct ikc_packet *packet);

/**
 * test_release_work() - have the work done that test_hold_work() holds.
 * @chan: channel that asked
 * @packet: unused
 *
 * Context: work queue of the channel's CPU.
 * Return: 0, -ENOENT: none is held.
 */
int test_release_work(struct ikc_channel *chan, struct ikc_packet *packet);

#endif
