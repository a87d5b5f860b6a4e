// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU time that processes and threads have used, and the clocks that tell it.
 */
#include "lwk/include/proc/cputime.h"

#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/proc/cputime_internal.h"

/* clockid_t below zero, as Linux makes it. */
#define CLOCK_OF_THREAD 4
#define CLOCK_WHICH(id) ((id) & 3)
#define CLOCK_VIRT 1
#define CLOCK_FD 3
#define CLOCK_PID(id) (~((id) >> 3))

void cpu_usage_add_task(struct cpu_usage *usage, const struct task *task)
{
	u64 user_ns, kernel_ns;

	thread_times(&task->thread, &user_ns, &kernel_ns);
	usage->user_ns += user_ns;
	usage->kernel_ns += kernel_ns;
	usage->minflt += READ_ONCE(task->minflt);
	usage->switches += READ_ONCE(task->thread.switches);
	usage->preempted += READ_ONCE(task->thread.preempted);
}

void cpu_usage_of_process(const struct process *process, struct cpu_usage *usage)
{
	const struct task *task;

	ASSERT(spin_lock_held(&process->lock));
	*usage = process->ended;
	list_for_each(task, &process->tasks, link)
		cpu_usage_add_task(usage, task);
}

static bool is_own_thread(u32 vtid)
{
	struct process *process = task_current()->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	const struct task *task;
	bool found = false;

	list_for_each(task, &process->tasks, link)
		found = found || task->vtid == vtid;
	spin_unlock_irqrestore(&process->lock, irq);
	return found;
}

bool cpu_clock_find(s32 clockid, struct cpu_clock *clock)
{
	const struct task *self = task_current();
	u32 id = (u32)CLOCK_PID(clockid);

	*clock = (struct cpu_clock){ 0 };
	if (clockid == CLOCK_PROCESS_CPUTIME_ID)
		return true;
	if (clockid == CLOCK_THREAD_CPUTIME_ID) {
		clock->vtid = self->vtid;
		return true;
	}
	if (clockid >= 0 || CLOCK_WHICH(clockid) == CLOCK_FD)
		return false;
	clock->user_only = CLOCK_WHICH(clockid) == CLOCK_VIRT;
	if (!(clockid & CLOCK_OF_THREAD))
		return !id || id == self->process->vpid;
	clock->vtid = id ? id : self->vtid;
	return is_own_thread(clock->vtid);
}

u64 cpu_clock_ns(const struct cpu_clock *clock)
{
	struct process *process = task_current()->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	u64 ns = cpu_clock_ns_locked(process, clock);

	spin_unlock_irqrestore(&process->lock, irq);
	return ns;
}

u64 cpu_clock_ns_locked(const struct process *process, const struct cpu_clock *clock)
{
	struct cpu_usage usage = { 0 };
	const struct task *task;

	ASSERT(spin_lock_held(&process->lock));
	if (!clock->vtid)
		cpu_usage_of_process(process, &usage);
	list_for_each(task, &process->tasks, link) {
		if (task->vtid == clock->vtid)
			cpu_usage_add_task(&usage, task);
	}
	return usage.user_ns + (clock->user_only ? 0 : usage.kernel_ns);
}
