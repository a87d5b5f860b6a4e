// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux's clocks in the program's time pages: see clock.h, and lib/vdso/gettimeofday.c in Linux.
 *
 * The pages are Linux's, lent like any other, so reading them may wait, or fail. Where they are is
 * what mcexec says: what is read there may be anything, and must do no more harm than a wrong time.
 */
#include "lwk/include/proc/clock.h"

#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/clock.h"

/* By CLOCK_*, a bit each. */
#define FINE (1U << CLOCK_REALTIME | 1U << CLOCK_MONOTONIC | 1U << CLOCK_BOOTTIME | 1U << CLOCK_TAI)
#define RAW (1U << CLOCK_MONOTONIC_RAW)
#define COARSE (1U << CLOCK_REALTIME_COARSE | 1U << CLOCK_MONOTONIC_COARSE)

/* Linux changes the clocks at each of its ticks, for a moment. */
#define TRIES 100

static bool is_among(s32 id, u32 clocks)
{
	return id >= 0 && id < PROGRAM_NCLOCKS && clocks & 1U << id;
}

static u32 word_at(const struct user_clock *read, u16 at)
{
	u32 word;

	/* In place: the function takes longer than the rest. */
	__builtin_memcpy(&word, (const u8 *)read->head + at, sizeof(word));
	return word;
}

_Static_assert(PROGRAM_CLOCKS_HEAD_MAX <= sizeof(((struct user_clock *)0)->head), "it has room");

/* Return: 0; -EAGAIN: just then it changed; -EFAULT, -EOPNOTSUPP: it cannot be read here. */
static int read_once(const struct program_clocks *clocks, vaddr_t set, s32 id,
		     struct clock_time *time)
{
	struct user_clock read;
	struct clock_scale scale;
	u64 ns;

	read.seq_at = clocks->seq;
	read.clock_at = clocks->base + (u32)id * 2 * sizeof(u64);
	read.nwords = clocks->base / sizeof(u64);
	if (user_read_clock(set, &read))
		return -EFAULT;
	if ((s32)word_at(&read, clocks->mode) != clocks->tsc_mode)
		return -EOPNOTSUPP;
	if (read.seq & 1 || read.seq != read.seq_after)
		return -EAGAIN;
	time->sec = read.sec;
	time->nsec = read.nsec;
	if (is_among(id, COARSE))
		return 0;
	scale.base = read.nsec;
	scale.mult = word_at(&read, clocks->mult);
	scale.shift = word_at(&read, clocks->shift);
	__builtin_memcpy(&scale.cycle_last, (const u8 *)read.head + clocks->cycle_last,
			 sizeof(scale.cycle_last));
	if (scale.shift >= 64)
		return -EOPNOTSUPP;
	ns = clock_scale_ns(&scale, read.cycles);
	time->sec += ns / NSEC_PER_SEC;
	time->nsec = ns % NSEC_PER_SEC;
	return 0;
}

bool clock_read(s32 id, struct clock_time *time)
{
	const struct process *process = task_current()->process;
	const struct program_clocks *clocks = &process->clocks;
	vaddr_t set = process->clocks_at;
	int err = -EAGAIN;

	if (!clocks->len || !is_among(id, FINE | RAW | COARSE))
		return false;
	if (id == CLOCK_MONOTONIC_RAW)
		set += clocks->len;
	for (u32 i = 0; err == -EAGAIN && i < TRIES; i++)
		err = read_once(clocks, set, id, time);
	return !err;
}

bool clock_resolution(s32 id, u64 *ns)
{
	const struct process *process = task_current()->process;
	const struct program_clocks *clocks = &process->clocks;
	vaddr_t set = process->clocks_at;
	s32 mode;
	u32 res;

	if (!clocks->len || !is_among(id, FINE | RAW | COARSE) ||
	    copy_from_user(&mode, set + clocks->mode, sizeof(mode)) ||
	    copy_from_user(&res, set + clocks->res, sizeof(res)) || mode != clocks->tsc_mode)
		return false;
	*ns = is_among(id, COARSE) ? clocks->coarse_ns : res;
	return true;
}
