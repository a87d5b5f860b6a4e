/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small arguments: what a call's pointers point to has come along, or is to go back.
 */
#ifndef MCEXEC_SMALL_H
#define MCEXEC_SMALL_H

#include <stddef.h>

#include "abi/mcctrl_ioctl.h"

/**
 * small_arguments() - arguments that point to what has come along
 * @wait:	the request
 * @data:	what has come along, OFFLOAD_DATA_LEN bytes
 * @args:	the request's; changed where they do
 *
 * Context: a twin.
 */
void small_arguments(const struct mcctrl_wait *wait, u8 *data, u64 args[6]);

/**
 * small_find() - where is what an argument points to?
 * @wait:	the request
 * @data:	as for small_arguments()
 * @i:		the argument's index
 *
 * Context: a twin. Return: in @data; NULL: in the program's memory.
 */
static inline const u8 *small_find(const struct mcctrl_wait *wait, const u8 *data, int i)
{
	u32 place = offload_small(wait->small, (u32)i);

	return place ? data + (place - 1) * OFFLOAD_DATA_UNIT : NULL;
}

#endif
