/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small arguments of system calls that Linux makes for a program.
 */
#ifndef LWK_SYS_SMALL_H
#define LWK_SYS_SMALL_H

#include "lwk/include/config.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"

#define SMALL_MAX 2	/* buffers of one call */

/**
 * struct small_out - where a buffer in the slot goes
 * @to:		user address
 * @at:		place in offload_slot.data
 * @len:	bytes
 * @counted:	the result of the call says how many of these
 */
struct small_out {
	vaddr_t to;
	u16 at;
	u16 len;
	bool counted;
};

/**
 * struct small - what of a call travels in the slot
 * @mark:	offload_slot.small
 * @args:	of the call; of one that is made with less room than the program gives, other ones
 * @used:	bytes of offload_slot.data in use
 * @cut:	that room, or 0
 * @nouts:	how many of @outs
 * @outs:	what it writes
 */
struct small {
	u64 mark;
	u64 args[6];
	u32 used;
	u32 cut;
	u32 nouts;
	struct small_out outs[SMALL_MAX];
};

/* Which calls may have some: abi/small.def. */
extern const bool small_calls[SYSCALL_COUNT];

/**
 * small_is_due() - may a call have small arguments, and is it among the caller's first?
 * @nr: system call
 *
 * Context: the task. Return: true: see small_pack().
 */
static inline bool small_is_due(u64 nr)
{
	return small_calls[nr] && task_current()->small_calls < SMALL_CALLS;
}

/**
 * small_pack() - put what a call reads into the caller's slot, and make room for what it writes.
 * @nr: system call, of which small_is_due() is true
 * @args: its arguments, for Linux
 * @small: what was done
 *
 * What is not at hand, or may not be written, is left where it is, for Linux to find.
 *
 * Context: the task, interrupts enabled, no lock held, no request under way.
 */
void small_pack(u64 nr, const u64 args[6], struct small *small);

/**
 * small_unpack() - give the program what the call has written.
 * @small: from small_pack()
 * @ret: the call's result
 *
 * Context: the task, interrupts enabled, no lock held, no request under way.
 * Return: @ret; -EFAULT: another thread has unmapped it meanwhile.
 */
s64 small_unpack(const struct small *small, s64 ret) __must_check;

/**
 * small_is_short() - did the call need more room than it was given?
 * @small: from small_pack()
 * @ret: the call's result
 *
 * Return: true: it is to be made anew, without small arguments. It has changed nothing.
 */
bool small_is_short(const struct small *small, s64 ret);

#endif
