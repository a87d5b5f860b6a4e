// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that ask what time it is.
 */
#include "abi/errno.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/timeval.h"

s64 sys_clock_gettime(const u64 args[6])
{
	struct cpu_clock clock;
	struct clock_time now;
	struct timespec ts;

	if (clock_read((s32)args[0], &now))
		ts = (struct timespec){ (s64)now.sec, (s64)now.nsec };
	else if (cpu_clock_find((s32)args[0], &clock))
		ts = timespec_of(cpu_clock_ns(&clock));
	else
		return syscall_offload(SYSCALL_clock_gettime, args);
	return copy_to_user(args[1], &ts, sizeof(ts));
}

s64 sys_clock_getres(const u64 args[6])
{
	struct timespec ts;
	u64 ns;

	if (!clock_resolution((s32)args[0], &ns))
		return syscall_offload(SYSCALL_clock_getres, args);
	ts = timespec_of(ns);
	return args[1] ? copy_to_user(args[1], &ts, sizeof(ts)) : 0;
}

/* The time zone is Linux's to tell. */
s64 sys_gettimeofday(const u64 args[6])
{
	struct clock_time now;
	struct timeval tv;

	if (!args[0] || args[1] || !clock_read(CLOCK_REALTIME, &now))
		return syscall_offload(SYSCALL_gettimeofday, args);
	tv = (struct timeval){ (s64)now.sec, (s64)(now.nsec / NSEC_PER_USEC) };
	return copy_to_user(args[0], &tv, sizeof(tv));
}

s64 sys_time(const u64 args[6])
{
	struct clock_time now;

	if (!clock_read(CLOCK_REALTIME_COARSE, &now))
		return syscall_offload(SYSCALL_time, args);
	if (args[0] && copy_to_user(args[0], &now.sec, sizeof(now.sec)))
		return -EFAULT;
	return (s64)now.sec;
}
