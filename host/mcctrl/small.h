/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small arguments between a slot and mcexec: abi/offload.h, OFFLOAD_DATA_LEN.
 */
#ifndef MCCTRL_SMALL_H
#define MCCTRL_SMALL_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "abi/mcctrl_ioctl.h"

/**
 * struct small - a twin's own copy; no page fault of mcexec's holds up who waits for slots
 * @mark:	offload_slot.small of the request at hand
 * @data:	as offload_slot.data
 */
struct small {
	u64 mark;
	u8 data[OFFLOAD_DATA_LEN];
};

/**
 * small_read() - take what a slot has
 * @small:	copy; @mark is the slot's, unchecked, and 0 afterwards if it is refused
 * @slot:	with a request
 *
 * Context: the twin, inside slot_srcu. Return: 0; -EPROTO: it lies beyond the slot.
 */
int small_read(struct small *small, const struct offload_slot *slot) __must_check;

/** small_write() - give what was fetched. Context: the twin, inside slot_srcu. */
void small_write(const struct small *small, struct offload_slot *slot);

/**
 * small_give() - hand a request's over to mcexec
 * @small:	from small_read()
 * @arg:	where mcexec has its request
 * @wait:	the request; arguments whose data travels point to it afterwards
 *
 * Context: the twin. Return: 0, -EFAULT.
 */
int small_give(const struct small *small, struct mcctrl_wait __user *arg,
	       struct mcctrl_wait *wait) __must_check;

/**
 * small_fetch() - take what a call has written
 * @small:	from small_read()
 * @arg:	where mcexec has its request
 * @ret:	the call's result: one that failed has written nothing
 *
 * Context: the twin. Return: 0, -EFAULT.
 */
int small_fetch(struct small *small, struct mcctrl_wait __user *arg, s64 ret) __must_check;

#endif
