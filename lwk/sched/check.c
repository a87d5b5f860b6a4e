// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold for the queues of all CPUs, whenever none of them is locked.
 */
#include "lwk/include/assert.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/sched/sched.h"
#include "lwk/sched/queue.h"

static void check_ready(u32 cpu, const struct runq *rq)
{
	const struct thread *thread;
	u32 nusers = rq->current && rq->current->user;

	list_for_each(thread, &rq->ready, run) {
		ASSERT(thread->cpu == cpu && thread->queued && thread != rq->current);
		ASSERT(thread->state == THREAD_RUNNABLE);
		ASSERT(!thread->user || cpumask_test(&thread->allowed, cpu));
		nusers += thread->user;
	}
	/* Those on their way here count already. */
	ASSERT(nusers <= READ_ONCE(rq->nrunnable));
	ASSERT(nusers <= READ_ONCE(rq->nusers));
	ASSERT(rq->unsorted || queue_is_sorted(rq));
}

static void check_sleepers(u32 cpu, const struct runq *rq)
{
	const struct thread *thread;
	u64 last = 0;

	list_for_each(thread, &rq->sleepers, timer) {
		ASSERT(thread->cpu == cpu && !thread->queued && thread != rq->current);
		ASSERT(thread->state == THREAD_WAITING);
		ASSERT(thread->deadline_ns >= last && thread->deadline_ns != THREAD_NO_DEADLINE);
		last = thread->deadline_ns;
	}
}

static void check_current(u32 cpu, const struct thread *thread)
{
	ASSERT(thread->cpu == cpu && !thread->queued);
	ASSERT(thread->state == THREAD_RUNNABLE || thread->state == THREAD_WAITING);
}

void sched_check(void)
{
	for (u32 cpu = 0; cpu < percpu_count(); cpu++) {
		struct runq *rq = &percpu_of(cpu)->runq;
		u64 irq = spin_lock_irqsave(&rq->lock);

		check_ready(cpu, rq);
		check_sleepers(cpu, rq);
		if (rq->current)
			check_current(cpu, rq->current);
		spin_unlock_irqrestore(&rq->lock, irq);
	}
}
