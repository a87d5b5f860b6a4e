// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls about CPUs. Programs see those of the LWK, by Linux's numbers.
 */
#include "abi/errno.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/topology.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

#define PRIO_PROCESS 0

s64 sys_sched_yield(const u64 args[6])
{
	(void)args;
	thread_yield_to_peers();
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

/* Return: 0: Linux lets the caller change the schedule of another process; or an error. */
static s64 check_permission(u32 id)
{
	/* Setting the priority that it has already asks just that. */
	s64 nice = offload_request3(SYSCALL_getpriority, PRIO_PROCESS, id, 0);

	if (nice < 0)
		return nice;
	return offload_request3(SYSCALL_setpriority, PRIO_PROCESS, id, (u64)(20 - nice));
}

static int get_allowed(struct task *task, void *ctx)
{
	thread_get_allowed(&task->thread, ctx);
	return 0;
}

static int set_allowed(struct task *task, void *ctx)
{
	thread_set_allowed(&task->thread, ctx);
	return 0;
}

s64 sys_sched_getaffinity(const u64 args[6])
{
	u32 len = (u32)args[1];
	struct linux_cpus set;
	struct cpumask cpus;

	if ((u64)len * 8 < topology_linux_ncpus() || len % sizeof(u64))
		return -EINVAL;
	/* What is not a thread of the LWK is for Linux to find. */
	if (task_with_vtid((u32)args[0], get_allowed, &cpus))
		return syscall_offload(SYSCALL_sched_getaffinity, args);
	topology_to_linux(&cpus, &set);
	len = MIN(len, (u32)BITMAP_WORDS(topology_linux_ncpus()) * 8);
	return copy_to_user(args[2], set.words, len) ? -EFAULT : (s64)len;
}

s64 sys_sched_setaffinity(const u64 args[6])
{
	u32 len = MIN((u32)args[1], (u32)BITMAP_WORDS(topology_linux_ncpus()) * 8);
	struct linux_cpus set = { 0 };
	struct cpumask cpus;
	s64 err;

	if (copy_from_user(set.words, args[2], len))
		return -EFAULT;
	if (task_with_vtid((u32)args[0], NULL, NULL))
		return syscall_offload(SYSCALL_sched_setaffinity, args);
	if (!task_is_sibling((u32)args[0])) {
		err = check_permission((u32)args[0]);
		if (err)
			return err;
	}
	topology_from_linux(&set, &cpus);
	if (bitmap_next_set(cpus.words, percpu_count(), 0) == percpu_count())
		return -EINVAL;
	return task_with_vtid((u32)args[0], set_allowed, &cpus);
}
