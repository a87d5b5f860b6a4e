/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spare twins: threads that are made before the program makes one of its own, which has one of them
 * as its twin if it is as Linux would make it then. mcctrl sees to that.
 */
#ifndef MCEXEC_SPARE_H
#define MCEXEC_SPARE_H

#include <stdbool.h>

#include "user/mcexec/twin.h"

/**
 * spare_setup() - how many the program wants
 * @count:	so many are kept ready once it has made its first thread, 0: none
 *
 * Context: start of the process.
 */
void spare_setup(unsigned int count);

/** spare_forget() - the parent has some, not this process. Context: a new process, by fork(2). */
void spare_forget(void);

/**
 * spare_refill() - make one that is missing, which makes the next
 * @setup:	what all twins share
 *
 * It begins as the calling thread's child. Where Linux refuses one there is none.
 *
 * Context: a thread that is about to be a twin's, or a spare, and blocks all signals.
 */
void spare_refill(struct twin_setup *setup);

/**
 * spare_close() - have no thread that is not the program's, until spare_open()
 * @setup:	what all twins share
 *
 * Several threads may, at the same time.
 *
 * Context: a twin. Return: whether there were any: what Linux has refused for want of room, it may
 * not refuse again.
 */
bool spare_close(const struct twin_setup *setup);

/** spare_open() - again there may be spares. Context: who has called spare_close(). */
void spare_open(void);

/**
 * spare_make_room() - make a thread or process, once more without spares if need be
 * @setup:	what all twins share
 * @make:	Return: -EAGAIN: Linux has no room; -EEXIST: an id is taken; else: it is done
 * @arg:	for @make
 *
 * Context: a twin. Return: @make's.
 */
s64 spare_make_room(const struct twin_setup *setup, s64 (*make)(void *arg), void *arg);

#endif
