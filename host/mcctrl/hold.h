/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holding signals back from a twin, so that it comes to make the calls of its LWK thread.
 *
 * Passing a signal on takes a round trip to the LWK. If the next one is there by then, as those
 * of a fast timer on a slow machine are, the twin would do nothing else: each signal puts the call
 * off again. So after some in a row, while the LWK thread waits for a call, the twin blocks
 * all signals (mcexec does that, in the handler), which wait in Linux's queues until the call is
 * made. A call that sleeps has to be interrupted by them: a timer ends the hold.
 *
 * Whether a twin holds is seen by what it blocks when it asks for a request: no handler of its
 * runs then that could change that.
 */
#ifndef MCCTRL_HOLD_H
#define MCCTRL_HOLD_H

#include <linux/types.h>

struct hold;

/** hold_create() - for the calling thread. Context: process. Return: NULL without memory. */
struct hold *hold_create(void);

/** hold_destroy() - the twin is forgotten; its thread may be there still. Context: process. */
void hold_destroy(struct hold *hold);

/**
 * hold_relayed() - the LWK has acknowledged a signal that the calling twin passed on
 * @hold: the twin's
 * @asked: the LWK thread waits for a call
 *
 * Context: the twin. Return: whether the twin is to block all signals when its handler returns.
 */
bool hold_relayed(struct hold *hold, bool asked);

/**
 * hold_blocked() - the calling twin is about to block a signal that the LWK refused, or handles
 * @hold: the twin's
 * @mask: its bit
 *
 * What it blocks for that is no hold. Context: the twin.
 */
void hold_blocked(struct hold *hold, u64 mask);

/**
 * hold_begin() - the twin is about to wait for a request; does it block more than it should?
 * @hold: the twin's
 *
 * Context: the twin.
 */
void hold_begin(struct hold *hold);

/**
 * hold_taken() - the twin has taken a request for which it is to block what its thread does
 * @hold: the twin's
 * @mask: what the LWK thread blocks, and the twin without a hold
 *
 * Ends a hold for which there is no need any more. Context: the twin. Return: whether it holds; if
 * not, @mask is what it blocks.
 */
bool hold_taken(struct hold *hold, u64 mask);

/**
 * hold_done() - a call has been made and answered: nothing is held back any more
 * @hold: the twin's
 *
 * Context: the twin.
 */
void hold_done(struct hold *hold);

#endif
