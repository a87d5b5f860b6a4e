/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judging what an LWK, or mcexec, tells mcctrl: pure functions on private copies.
 *
 * Includes abi/ alone, so that unit tests compile it for the host.
 */
#ifndef MCCTRL_CHECK_H
#define MCCTRL_CHECK_H

#include "abi/layout.h"
#include "abi/maps.h"
#include "abi/mcctrl_ioctl.h"
#include "abi/offload.h"
#include "abi/process.h"

#define CHECK_PAGE_MASK ((u64)LWK_PAGE_SIZE - 1)

/** struct extent - pages of the program that Linux may map: [start, start + npages pages) */
struct extent {
	u64 start;
	u64 paddr;
	u32 npages;
	u32 write;
};

/**
 * check_init() - answer to INIT_CHANNEL: do both sides mean the same?
 * @answer: copy of the payload
 * @control: on a control channel, which has a buffer
 *
 * Return: 0, -EPROTO.
 */
int check_init(const struct msg_init_channel *answer, _Bool control);

/**
 * check_desc() - load descriptor of mcexec: what mcctrl itself relies on
 * @desc: copy
 *
 * The rest of it the LWK judges. Return: 0, -EPROTO for another version, -EINVAL.
 */
int check_desc(const struct program_load_desc *desc);

/**
 * check_layout() - layout of a prepared process
 * @layout: copy
 * @ncpus: CPUs of the LWK
 *
 * Whether the slot lies in granted memory is the caller's to ask. Return: 0, -EPROTO.
 */
int check_layout(const struct program_layout *layout, u32 ncpus);

/**
 * check_extent() - answer to REMOTE_PAGE_FAULT
 * @answer: copy of the payload
 * @addr: user address that was asked for
 * @write: for writing
 * @out: the extent
 *
 * Whether it lies in granted memory is the caller's to ask. Return: 0, -EPROTO.
 */
int check_extent(const struct msg_fault_answer *answer, u64 addr, _Bool write,
		 struct extent *out);

/** check_user_range() - is [start, end) not empty, page-aligned, and the program's? */
_Bool check_user_range(u64 start, u64 end);

/**
 * check_child() - CHILD_SIGNAL: may Linux send that?
 * @child: copy of the payload
 *
 * Which thread it is for is the caller's to look up. Return: 0, -EPROTO.
 */
int check_child(const struct msg_child *child);

/**
 * check_maps() - OFFLOAD_FILE_MAPS
 * @ranges: copy
 * @len: bytes of it
 * @from: address that was asked for
 *
 * Return: 0, -EPROTO.
 */
int check_maps(const struct maps_range *ranges, u32 len, u64 from);

/**
 * check_small() - offload_slot.small
 * @small: copy
 *
 * Return: is all of what it says inside offload_slot.data?
 */
_Bool check_small(u64 small);

/**
 * check_request() - does a slot hold a request that can be meant?
 * @wait: copy of number and arguments
 *
 * Whether there is such a system call Linux judges. Return: 0, -EPROTO.
 */
int check_request(const struct mcctrl_wait *wait);

#endif
