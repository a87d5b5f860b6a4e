/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks that a killed program held in memory that it shares with others. Linux marks them when
 * the twin ends (set_robust_list(2)), since it is given the list of the thread
 * that the twin stands for. Before that, no thread of the program may run on the LWK any more:
 * with the mark, others enter.
 */
#ifndef MCCTRL_ROBUST_H
#define MCCTRL_ROBUST_H

#include <linux/types.h>

struct proxy;

/**
 * robust_leave() - the calling twin may not ask for a request again before it dies
 * @proxy: its
 * @runs: its thread does, as far as that is known: it waits for no answer
 *
 * If it is being killed, it waits for the LWK to have stopped the thread, as Linux does for frames
 * that it has lent: an LWK that does not answer is declared dead. Nothing is done for a program
 * that shares no memory that it may write to. Context: a twin, no lock held.
 */
void robust_leave(struct proxy *proxy, bool runs);

#endif
