// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold for the calling process, in its own books and in those of all whose it is a part.
 */
#include "lwk/include/assert.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/sched.h"
#include "lwk/proc/internal.h"

static void check_tasks(struct process *process)
{
	u64 irq = spin_lock_irqsave(&process->lock);
	const struct task *task;
	u32 ntasks = 0;
	u32 nlive = 0;

	list_for_each(task, &process->tasks, link) {
		ASSERT(task->process == process && task->thread.user);
		ntasks++;
		nlive += !task->leaving;
	}
	ASSERT(ntasks == process->ntasks && nlive == process->nlive);
	ASSERT(READ_ONCE(process->refs) >= ntasks + (process->state != PROCESS_GONE));
	spin_unlock_irqrestore(&process->lock, irq);
}

void process_check(void)
{
	struct process *process = task_current()->process;

	check_tasks(process);
	sched_check();
	vm_check(process->vm);
}
