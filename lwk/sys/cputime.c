// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that tell what the program has used. What children have used is in Linux's books,
 * which have the LWK's part too.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/timeval.h"

#define RUSAGE_SELF 0
#define RUSAGE_THREAD 1

#define NSEC_PER_TICK 10000000ULL /* of times(2): CLK_TCK is 100 on every Linux */

/* Linux's struct rusage. */
struct rusage {
	struct timeval user;
	struct timeval kernel;
	s64 maxrss;
	s64 unused1[3];
	s64 minflt;
	s64 majflt;
	s64 unused2[6];
	s64 nvcsw;
	s64 nivcsw;
};

_Static_assert(sizeof(struct rusage) == 144, "as Linux has it");

static struct cpu_usage usage_of(bool whole_process)
{
	struct process *process = task_current()->process;
	struct cpu_usage usage = { 0 };
	u64 irq;

	if (!whole_process) {
		cpu_usage_add_task(&usage, task_current());
		return usage;
	}
	irq = spin_lock_irqsave(&process->lock);
	cpu_usage_of_process(process, &usage);
	spin_unlock_irqrestore(&process->lock, irq);
	return usage;
}

s64 sys_getrusage(const u64 args[6])
{
	struct rusage rusage = { .maxrss = 0 };
	struct cpu_usage usage;
	s32 who = (s32)args[0];

	/* The error for others is Linux's, too. */
	if (who != RUSAGE_SELF && who != RUSAGE_THREAD)
		return syscall_offload(SYSCALL_getrusage, args);
	usage = usage_of(who == RUSAGE_SELF);
	rusage.user = timeval_of(usage.user_ns);
	rusage.kernel = timeval_of(usage.kernel_ns);
	rusage.maxrss = (s64)vm_peak_resident(task_current()->process->vm) << (PAGE_SHIFT - 10);
	rusage.minflt = (s64)usage.minflt;
	rusage.nvcsw = (s64)usage.switches;
	rusage.nivcsw = (s64)usage.preempted;
	return copy_to_user(args[1], &rusage, sizeof(rusage));
}

/* The children's, and what time it is, are Linux's. */
s64 sys_times(const u64 args[6])
{
	s64 ret = syscall_offload(SYSCALL_times, args);
	struct cpu_usage usage;
	u64 tms[2];

	if (!args[0] || ret == -EFAULT || ret == -ERESTARTNOINTR)
		return ret;
	usage = usage_of(true);
	tms[0] = usage.user_ns / NSEC_PER_TICK;
	tms[1] = usage.kernel_ns / NSEC_PER_TICK;
	return copy_to_user(args[0], tms, sizeof(tms)) ? -EFAULT : ret;
}
