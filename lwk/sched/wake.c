// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a thread becomes runnable, and where: see wake.h.
 */
#include "lwk/sched/wake.h"

#include "lwk/include/arch_core.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/thread.h"
#include "lwk/sched/move.h"
#include "lwk/sched/place.h"
#include "lwk/sched/queue.h"

bool thread_wake_locked(struct runq *rq, struct thread *thread)
{
	u32 cpu = thread->cpu;

	ASSERT(spin_lock_held(&rq->lock));
	thread->state = THREAD_RUNNABLE;
	if (thread == rq->current)
		return false; /* about to wait, and will not */
	if (thread->deadline_ns != THREAD_NO_DEADLINE)
		list_del(&thread->timer);
	thread->deadline_ns = THREAD_NO_DEADLINE;
	if (thread->user)
		cpu = place_runnable(thread);
	move_count(thread->cpu, thread, 1);
	if (cpu != thread->cpu) {
		move_detach(rq, thread, cpu);
		return true;
	}
	queue_leave(rq, thread);
	queue_join(rq, thread);
	queue_add(rq, thread, true);
	WRITE_ONCE(rq->resched, 1);
	return false;
}

void thread_wake(struct thread *thread)
{
	struct cpumask allowed;
	bool detached = false;
	bool queued = false;
	struct runq *rq;
	u32 cpu;
	u64 irq;

	perturb_delay();
	/* What the caller stored comes before the look at the state: thread_prepare_wait(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rq = queue_lock_of(thread, &irq);
	if (thread->state == THREAD_WAITING) {
		detached = thread_wake_locked(rq, thread);
		queued = thread->queued;
	}
	cpu = thread->cpu;
	if (queued)
		allowed = thread->allowed;
	spin_unlock(&rq->lock);
	if (detached)
		move_attach(thread);
	/* It may have ended meanwhile: it is not looked at any more. */
	if (queued) {
		move_kick(cpu);
		move_offer(&allowed, cpu);
	}
	arch_irq_restore(irq);
}

void thread_start(struct thread *thread)
{
	u64 irq;
	/* Others may have found it, and moved it, before it runs. */
	struct runq *rq = queue_lock_of(thread, &irq);
	struct cpumask allowed = thread->allowed;
	u32 cpu = thread->cpu;

	ASSERT(thread->state == THREAD_NEW);
	thread->state = THREAD_RUNNABLE;
	move_count(cpu, thread, 1);
	thread->vruntime = 0;
	thread->arrival_ns = time_ns();
	queue_join(rq, thread);
	queue_add(rq, thread, false);
	WRITE_ONCE(rq->resched, 1);
	spin_unlock(&rq->lock);
	move_kick(cpu);
	move_offer(&allowed, cpu);
	arch_irq_restore(irq);
}
