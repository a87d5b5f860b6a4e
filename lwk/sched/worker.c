// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker threads: deferred work, and the end of threads.
 */
#include "lwk/include/sched/worker.h"

#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/sched/sched.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/sched/work.h"

static void worker_loop(void *arg)
{
	(void)arg;
	for (;;) {
		/* Before the look at the queue; partner is the wake-up in work_queue(). */
		thread_prepare_wait();
		if (work_run() || sched_reap())
			this_cpu()->stats_dirty = true;
		else
			thread_wait(THREAD_NO_DEADLINE);
	}
}

bool sched_reap(void)
{
	struct runq *rq = &this_cpu()->runq;
	struct thread *thread = NULL;
	u64 irq = spin_lock_irqsave(&rq->lock);

	if (!list_empty(&rq->ended)) {
		thread = list_first(&rq->ended, struct thread, run);
		list_del(&thread->run);
	}
	spin_unlock_irqrestore(&rq->lock, irq);
	if (thread)
		thread->ended(thread);
	return thread;
}

void worker_create(u32 cpu)
{
	struct thread *worker = kzalloc(sizeof(*worker));

	if (!worker)
		panic("sched: no memory for the worker of CPU %u", cpu);
	worker->name = "worker";
	if (thread_init_kernel(worker, cpu, worker_loop, NULL))
		panic("sched: no memory for the worker of CPU %u", cpu);
	percpu_of(cpu)->runq.worker = worker;
	thread_start(worker);
}
