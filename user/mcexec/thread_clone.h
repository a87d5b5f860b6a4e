/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads as the C library cannot make them: with ids that the program has chosen, or with their
 * creator's I/O context.
 */
#ifndef MCEXEC_THREAD_CLONE_H
#define MCEXEC_THREAD_CLONE_H

#include <stdbool.h>

#include "abi/types.h"

struct body;

/**
 * struct body_offer - by which a thread's creator learns of what it is to take over
 * @body:	result, on the thread's stack
 * @state:	0, until the thread has answered
 */
struct body_offer {
	struct body *body;
	u32 state;
};

/**
 * thread_clone_wanted() - is there anything that the C library does not know of?
 * @args:	of OFFLOAD_NR_THREAD
 *
 * Context: any. Return: true if so.
 */
bool thread_clone_wanted(const u64 *args);

/**
 * thread_clone_leave() - end, and go on as the thread that the creator makes
 * @offer:	the creator's, who waits for it in thread_clone()
 *
 * Context: a thread of thread_spawn() that blocks all signals and holds nothing. Return: true: it
 * is that thread; false: there is none, and the caller is to end.
 */
bool thread_clone_leave(struct body_offer *offer);

/**
 * thread_clone() - make the thread
 * @offer:	of one that comes to thread_clone_leave()
 * @args:	of OFFLOAD_NR_THREAD
 *
 * Context: a twin that blocks all signals. Return: 0 or -errno.
 */
s64 thread_clone(struct body_offer *offer, const u64 *args);

#endif
