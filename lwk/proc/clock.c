// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux's clocks in the program's time pages: see clock.h, and lib/vdso/gettimeofday.c in Linux.
 *
 * The pages are Linux's, lent like any other, so reading them may wait, or fail. Where they are is
 * what mcexec says: what is read there may be anything, and must do no more harm than a wrong time.
 */
#include "lwk/include/proc/clock.h"

#include "abi/errno.h"
#include "lwk/include/arch.h"
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
	return (u32)id < PROGRAM_NCLOCKS && clocks >> id & 1;
}

/*
 * In the order of the vDSO's reader. The pages end below the end of user space, and the fields are
 * in them: program_check.c.
 * Return: 0; -EAGAIN: just then it changed; -EFAULT, -EOPNOTSUPP: it cannot be read here.
 */
static inline int read_once(const struct program_clocks *clocks, vaddr_t set, s32 id,
			    struct clock_time *time)
{
	vaddr_t pair = set + clocks->base + (u64)(u32)id * 2 * sizeof(u64);
	struct clock_scale scale;
	u32 seq, seq_after;
	u64 cycles, sec;
	s32 mode;
	int err = 0;
	u64 ns;

	user_open();
	user_load(seq, set + clocks->seq, err);
	cycles = arch_tsc_ordered();
	user_load(mode, set + clocks->mode, err);
	user_load(scale.cycle_last, set + clocks->cycle_last, err);
	user_load(scale.mult, set + clocks->mult, err);
	user_load(scale.shift, set + clocks->shift, err);
	user_load(sec, pair, err);
	user_load(scale.base, pair + sizeof(u64), err);
	user_load(seq_after, set + clocks->seq, err);
	user_close();
	if (err)
		return err;
	if (mode != clocks->tsc_mode)
		return -EOPNOTSUPP;
	if (seq & 1 || seq != seq_after)
		return -EAGAIN;
	if (is_among(id, COARSE)) {
		*time = (struct clock_time){ sec, scale.base };
		return 0;
	}
	ns = clock_scale_ns(&scale, cycles);
	*time = (struct clock_time){ sec + ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
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
