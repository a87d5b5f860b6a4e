// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user threads compete by: their own policies, or better ones that they have from those who
 * wait for them.
 */
#include "lwk/include/sched/policy.h"

#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/thread.h"
#include "lwk/sched/move.h"
#include "lwk/sched/queue.h"

static bool same(const struct thread_sched *a, const struct thread_sched *b)
{
	return a->policy == b->policy && a->nice == b->nice && a->priority == b->priority;
}

static struct thread_sched in_force(const struct thread *thread)
{
	return thread->boosted && policy_beats(&thread->boost, &thread->given) ? thread->boost :
										  thread->given;
}

/* What runs may have begun as one that runs until it waits. */
static void shorten_slice(struct runq *rq, const struct thread *thread, u64 now)
{
	u64 slice = queue_slice_ns(rq, thread);

	if (slice != THREAD_NO_DEADLINE)
		rq->slice_end_ns = MIN(rq->slice_end_ns, now + slice);
}

/* Return: the CPU that has to look whether another thread should run, or percpu_count(). */
static u32 apply_locked(struct runq *rq, struct thread *thread)
{
	struct thread_sched sched = in_force(thread);
	bool current = thread == rq->current;
	u64 now = time_ns();

	ASSERT(spin_lock_held(&rq->lock));
	if (current)
		queue_charge(rq, now);
	if (!thread->queued) {
		thread->sched = sched;
	} else {
		queue_remove(rq, thread);
		thread->sched = sched;
		queue_leave(rq, thread);
		queue_join(rq, thread);
		queue_add(rq, thread, false);
		current = true;
	}
	if (!current)
		return percpu_count();
	if (thread == rq->current)
		shorten_slice(rq, thread, now);
	WRITE_ONCE(rq->resched, 1);
	return thread->cpu;
}

static void look_again(u32 cpu)
{
	if (cpu < percpu_count())
		move_kick(cpu);
}

void thread_set_sched(struct thread *thread, const struct thread_sched *sched)
{
	u64 irq;
	struct runq *rq = queue_lock_of(thread, &irq);
	u32 cpu;

	if (!policy_is_realtime(thread->given.policy) && policy_is_realtime(sched->policy))
		thread->waited_tsc = READ_ONCE(thread->user_tsc) + READ_ONCE(thread->kernel_tsc);
	thread->given = *sched;
	cpu = apply_locked(rq, thread);
	spin_unlock(&rq->lock);
	look_again(cpu);
	arch_irq_restore(irq);
}

bool thread_boost(struct thread *thread, const struct thread_sched *boost,
		  struct thread_sched *sched)
{
	u64 irq;
	struct runq *rq = queue_lock_of(thread, &irq);
	u32 cpu = percpu_count();
	bool changed;

	thread->boosted = boost;
	if (boost)
		thread->boost = *boost;
	*sched = in_force(thread);
	changed = !same(&thread->sched, sched);
	if (changed)
		cpu = apply_locked(rq, thread);
	spin_unlock(&rq->lock);
	look_again(cpu);
	arch_irq_restore(irq);
	return changed;
}

void thread_get_boosted_sched(struct thread *thread, struct thread_sched *out)
{
	u64 irq;
	struct runq *rq = queue_lock_of(thread, &irq);

	*out = thread->sched;
	spin_unlock_irqrestore(&rq->lock, irq);
}

void thread_get_sched(struct thread *thread, struct thread_sched *out)
{
	u64 irq;
	struct runq *rq = queue_lock_of(thread, &irq);

	*out = thread->given;
	spin_unlock_irqrestore(&rq->lock, irq);
}
