// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls about CPUs. Programs see those of the LWK, by its numbers.
 */
#include "abi/errno.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"

s64 sys_sched_yield(const u64 args[6])
{
	(void)args;
	thread_yield();
	return 0;
}

s64 sys_getcpu(const u64 args[6])
{
	const u32 cpu = this_cpu()->id;
	const u32 node = this_cpu()->node;

	if (args[0] && copy_to_user(args[0], &cpu, sizeof(cpu)))
		return -EFAULT;
	if (args[1] && copy_to_user(args[1], &node, sizeof(node)))
		return -EFAULT;
	return 0;
}

static bool is_self(u64 tid)
{
	return !(u32)tid || (u32)tid == task_current()->vtid;
}

/* Bytes of a set of all CPUs of the LWK, in whole words. */
static u64 set_len(void)
{
	return ALIGN_UP(percpu_count(), 64U) / 8;
}

s64 sys_sched_getaffinity(const u64 args[6])
{
	u64 words[IHK_MAX_CPUS / 64] = { 0 };

	if (args[1] * 8 < percpu_count() || args[1] % sizeof(u64))
		return -EINVAL;
	if (!is_self(args[0]))
		return -ESRCH;
	/* A thread stays on the CPU that it began on. */
	words[task_current()->thread.cpu / 64] = 1ULL << task_current()->thread.cpu % 64;
	if (copy_to_user(args[2], words, set_len()))
		return -EFAULT;
	return (s64)set_len();
}

s64 sys_sched_setaffinity(const u64 args[6])
{
	u64 words[IHK_MAX_CPUS / 64] = { 0 };
	u32 cpu = task_current()->thread.cpu;

	if (copy_from_user(words, args[2], MIN(args[1] & 0xffffffff, sizeof(words))))
		return -EFAULT;
	if (!is_self(args[0]))
		return -ESRCH;
	return words[cpu / 64] & (1ULL << cpu % 64) ? 0 : -EINVAL;
}
