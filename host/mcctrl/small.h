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
 * @mark:	offload_slot.small of the request at hand, sound, or 0
 * @data:	as offload_slot.data
 */
struct small {
	u64 mark;
	u8 data[OFFLOAD_DATA_LEN];
};

/**
 * small_read() - take what a slot has
 * @small: copy
 * @slot: with a request
 *
 * Context: the twin, inside slot_srcu. Return: offload_slot.small, unchecked.
 */
u64 small_read(struct small *small, const struct offload_slot *slot);

/** small_write() - give what was fetched. Context: the twin, inside slot_srcu. */
void small_write(const struct small *small, struct offload_slot *slot);

/** small_give() - hand a request's over to mcexec. Context: the twin. Return: 0, -EFAULT. */
int small_give(const struct small *small, u64 to) __must_check;

/** small_fetch() - take what a call has written. Context: the twin. Return: 0, -EFAULT. */
int small_fetch(struct small *small, u64 from) __must_check;

#endif
