/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program uses on the LWK, in Linux's books of its process.
 */
#ifndef MCCTRL_USAGE_H
#define MCCTRL_USAGE_H

#include <linux/types.h>

#include "abi/offload.h"

/**
 * struct usage - what an LWK thread has used, as far as it is in the books
 * @began_ns:	when it had used nothing
 * @user_ns:	time in user mode
 * @kernel_ns:	time in the LWK
 * @minflt:	page faults
 * @switches:	times that it gave up the CPU to wait
 * @preempted:	times that it had to give up the CPU
 */
struct usage {
	u64 began_ns;
	u64 user_ns;
	u64 kernel_ns;
	u64 minflt;
	u64 switches;
	u64 preempted;
};

/** usage_init() - a thread that has not run yet. Context: any. */
void usage_init(struct usage *usage);

/**
 * usage_is_new() - does a slot say anything that is not entered?
 * @usage: of the calling twin
 * @slot: its slot
 *
 * Context: the twin.
 */
bool usage_is_new(const struct usage *usage, const struct offload_slot *slot);

/**
 * usage_take() - enter what a slot says on top of what is entered already
 * @usage: of the calling twin
 * @slot: its slot; nothing in it is believed that cannot be
 *
 * Context: the twin, interrupts enabled; does not sleep.
 */
void usage_take(struct usage *usage, const struct offload_slot *slot);

/**
 * usage_before() - what threads that have ended are said to have used: programs before execve(2)
 * @user_ns: result
 * @kernel_ns: result
 *
 * Context: the proxy, interrupts enabled.
 */
void usage_before(u64 *user_ns, u64 *kernel_ns);

#endif
