/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making a twin give up the system call that it makes for its LWK thread, for the LWK's own
 * reasons: a tracer stops the thread, or a tracer that waits for its children has something to see.
 *
 * No signal could do that without the call's ending as if the program had a handler for it. A task
 * work ends the call's sleep instead. If Linux would make the call anew, the twin answers with
 * Linux's number for that (ERESTARTSYS and the like); if the call was not yet made, it is not.
 */
#ifndef MCCTRL_INTERRUPT_H
#define MCCTRL_INTERRUPT_H

#include <linux/types.h>

struct interrupt;
struct proxy;
struct mcctrl_wait;

/**
 * interrupt_create() - for the calling thread
 * @proxy: its process, which says where calls are made
 *
 * Context: process. Return: NULL without memory.
 */
struct interrupt *interrupt_create(const struct proxy *proxy);

/** interrupt_destroy() - the twin is forgotten; its thread may be there still. Context: process. */
void interrupt_destroy(struct interrupt *interrupt);

/** interrupt_exit() - the module goes: nothing of it runs in a twin any more. Context: process. */
void interrupt_exit(void);

/**
 * interrupt_request() - INTERRUPT
 * @interrupt: the twin's, kept by RCU
 * @seq: its number
 *
 * Context: any.
 */
void interrupt_request(struct interrupt *interrupt, u64 seq);

/**
 * interrupt_begin() - the twin has taken a request
 * @interrupt: the twin's
 * @seen: number of the last INTERRUPT that the LWK thread had heard of
 * @wait: user address of the request
 *
 * Context: the twin. Return: whether it is not to be begun.
 */
bool interrupt_begin(struct interrupt *interrupt, u64 seen, struct mcctrl_wait __user *wait);

#endif
