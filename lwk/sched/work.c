// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work queues, one for each CPU.
 */
#include "lwk/include/sched/work.h"

#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/sched/thread.h"

bool work_queue(struct work *work, u32 cpu)
{
	struct percpu *target = percpu_of(cpu);
	u64 irq;

	/* Acquire: partner of the release in work_run(). */
	if (__atomic_exchange_n(&work->queued, 1, __ATOMIC_ACQUIRE))
		return false;
	work->next = NULL;
	irq = spin_lock_irqsave(&target->work_lock);
	*target->work_tail = work;
	target->work_tail = &work->next;
	spin_unlock_irqrestore(&target->work_lock, irq);
	thread_wake(target->runq.worker);
	return true;
}

static struct work *take_first(struct percpu *cpu)
{
	u64 irq = spin_lock_irqsave(&cpu->work_lock);
	struct work *work = cpu->work_head;

	if (work) {
		cpu->work_head = work->next;
		if (!cpu->work_head)
			cpu->work_tail = &cpu->work_head;
	}
	spin_unlock_irqrestore(&cpu->work_lock, irq);
	return work;
}

bool work_run(void)
{
	struct percpu *cpu = this_cpu();
	struct work *work;
	bool any = false;

	while ((work = take_first(cpu))) {
		/* Release: the item may be queued anew by whoever sees this. */
		__atomic_store_n(&work->queued, 0, __ATOMIC_RELEASE);
		monitor_touch();
		work->fn(work);
		any = true;
	}
	return any;
}
