// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time namespaces: what Linux adds to CLOCK_MONOTONIC for a process. Its threads have the same, and
 * only setns(2), while there is one alone, changes it: fork(2) and execve(2) make other processes.
 */
#include "abi/errno.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/thread.h"

int clock_deadline(u64 *ns)
{
	struct process *process = task_current()->process;
	s64 biased, offset;

	if (*ns == THREAD_NO_DEADLINE)
		return 0;
	/* Relaxed: one word, and whoever asks hears the same. */
	biased = READ_ONCE(process->time_offset);
	if (!biased) {
		biased = offload_request3(OFFLOAD_NR_TIME_OFFSET, 0, 0, 0);
		if (biased < 0)
			return (int)biased;
		WRITE_ONCE(process->time_offset, biased);
	}
	offset = biased - OFFLOAD_TIME_BIAS;
	if (offset < 0)
		*ns += MIN(-(u64)offset, THREAD_NO_DEADLINE - *ns);
	else
		*ns -= MIN((u64)offset, *ns);
	return 0;
}

void clock_forget_offset(void)
{
	WRITE_ONCE(task_current()->process->time_offset, 0);
}
