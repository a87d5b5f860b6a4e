// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that sleep.
 */
#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/timeval.h"

#define TIMER_ABSTIME 1

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

/* Return: 0 or -EINTR. */
static int sleep_until(u64 deadline)
{
	return signal_sleep(never, NULL, deadline);
}

/* Relative sleeps go by CLOCK_MONOTONIC, whatever the clock, and never start again. */
static s64 sleep_relative(u64 ns, vaddr_t left_at)
{
	u64 now = time_ns();
	u64 deadline = now + MIN(ns, THREAD_NO_DEADLINE - now);
	struct timespec left;

	if (!sleep_until(deadline))
		return 0;
	now = time_ns();
	left = timespec_of(deadline > now ? deadline - now : 0);
	if (left_at && copy_to_user(left_at, &left, sizeof(left)))
		return -EFAULT;
	return -EINTR;
}

s64 sys_nanosleep(const u64 args[6])
{
	struct timespec ts;
	u64 ns;

	if (copy_from_user(&ts, args[0], sizeof(ts)))
		return -EFAULT;
	return timespec_to_ns(&ts, &ns) ? sleep_relative(ns, args[1]) : -EINVAL;
}

/* A clock of CPU time stands still for who waits, unless other threads use it. */
static s64 sleep_cpu_clock(const struct cpu_clock *clock, u64 ns, bool absolute, vaddr_t left_at)
{
	u64 now = cpu_clock_ns(clock);
	u64 until = absolute ? ns : now + MIN(ns, THREAD_NO_DEADLINE - now);
	struct timespec left;

	if (!cpu_clock_sleep(clock, until))
		return 0;
	if (absolute)
		return -ERESTARTNOHAND;
	now = cpu_clock_ns(clock);
	left = timespec_of(until > now ? until - now : 0);
	if (left_at && copy_to_user(left_at, &left, sizeof(left)))
		return -EFAULT;
	return -EINTR;
}

s64 sys_clock_nanosleep(const u64 args[6])
{
	bool absolute = args[1] & TIMER_ABSTIME;
	struct cpu_clock clock;
	struct timespec ts;
	bool cpu;
	u64 ns;
	int err;

	/* On the time of a thread nobody can wait, or only another one. */
	cpu = cpu_clock_find((s32)args[0], &clock) && !clock.vtid;
	if (!cpu && args[0] != CLOCK_MONOTONIC && (args[0] != CLOCK_REALTIME || absolute))
		return syscall_offload(SYSCALL_clock_nanosleep, args);
	if (copy_from_user(&ts, args[2], sizeof(ts)))
		return -EFAULT;
	if (!timespec_to_ns(&ts, &ns))
		return -EINVAL;
	if (cpu)
		return sleep_cpu_clock(&clock, ns, absolute, args[3]);
	if (!absolute)
		return sleep_relative(ns, args[3]);
	err = clock_deadline(&ns);
	if (err)
		return err;
	return sleep_until(ns) ? -ERESTARTNOHAND : 0;
}
