// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls about CPUs. Programs see those of the LWK, by Linux's numbers.
 */
#include "abi/errno.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/topology.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

s64 sys_sched_yield(const u64 args[6])
{
	(void)args;
	thread_yield();
	return 0;
}

s64 sys_getcpu(const u64 args[6])
{
	const u32 cpu = this_cpu()->linux_cpu;
	const u32 node = this_cpu()->linux_node;

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

s64 sys_sched_getaffinity(const u64 args[6])
{
	u32 len = (u32)args[1];
	struct cpumask here = { 0 };
	struct linux_cpus set;

	if ((u64)len * 8 < topology_linux_ncpus() || len % sizeof(u64))
		return -EINVAL;
	if (!is_self(args[0]))
		return -ESRCH;
	/* A thread stays on the CPU that it began on. */
	cpumask_set(&here, task_current()->thread.cpu);
	topology_to_linux(&here, &set);
	len = MIN(len, (u32)BITMAP_WORDS(topology_linux_ncpus()) * 8);
	return copy_to_user(args[2], set.words, len) ? -EFAULT : (s64)len;
}

s64 sys_sched_setaffinity(const u64 args[6])
{
	u32 len = MIN((u32)args[1], (u32)BITMAP_WORDS(topology_linux_ncpus()) * 8);
	struct linux_cpus set = { 0 };
	struct cpumask cpus;

	if (copy_from_user(set.words, args[2], len))
		return -EFAULT;
	if (!is_self(args[0]))
		return -ESRCH;
	topology_from_linux(&set, &cpus);
	return cpumask_test(&cpus, task_current()->thread.cpu) ? 0 : -EINVAL;
}
