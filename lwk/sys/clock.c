// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that ask what time it is.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/core/time.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

/* A struct timespec or timeval. */
static inline s64 put_time(vaddr_t at, u64 sec, u64 part)
{
	int err = 0;

	if (at > LWK_TASK_END - 2 * sizeof(u64))
		return -EFAULT;
	user_open();
	user_store(sec, at, err);
	user_store(part, at + sizeof(u64), err);
	user_close();
	return err;
}

s64 sys_clock_gettime(const u64 args[6])
{
	struct cpu_clock clock;
	struct clock_time now;
	u64 ns;

	if (likely(clock_read((s32)args[0], &now)))
		return put_time(args[1], now.sec, now.nsec);
	if (!cpu_clock_find((s32)args[0], &clock))
		return syscall_offload(SYSCALL_clock_gettime, args);
	ns = cpu_clock_ns(&clock);
	return put_time(args[1], ns / NSEC_PER_SEC, ns % NSEC_PER_SEC);
}

s64 sys_clock_getres(const u64 args[6])
{
	u64 ns;

	if (!clock_resolution((s32)args[0], &ns))
		return syscall_offload(SYSCALL_clock_getres, args);
	return args[1] ? put_time(args[1], ns / NSEC_PER_SEC, ns % NSEC_PER_SEC) : 0;
}

/* The time zone is Linux's to tell. */
s64 sys_gettimeofday(const u64 args[6])
{
	struct clock_time now;

	if (!args[0] || args[1] || !clock_read(CLOCK_REALTIME, &now))
		return syscall_offload(SYSCALL_gettimeofday, args);
	return put_time(args[0], now.sec, now.nsec / NSEC_PER_USEC);
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
