// SPDX-License-Identifier: GPL-2.0-only
/*
 * How threads get from the queue of one CPU to that of another: see move.h.
 */
#include "lwk/sched/move.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/thread.h"
#include "lwk/sched/place.h"
#include "lwk/sched/queue.h"

/* Ten slices: so rare that caches of a moved thread are of no account. */
#define BALANCE_NS (100 * NSEC_PER_MSEC)

void move_kick(u32 cpu)
{
	if (cpu != this_cpu()->id)
		arch_ipi(percpu_of(cpu)->apic_id, LWK_VEC_RESCHED);
}

void move_count(u32 cpu, const struct thread *thread, u32 n)
{
	/* Sequentially consistent: partners are the looks of move_offer() and move_pull(). */
	if (thread->user)
		__atomic_fetch_add(&percpu_of(cpu)->runq.nrunnable, n, __ATOMIC_SEQ_CST);
}

void move_detach(struct runq *rq, struct thread *thread, u32 cpu)
{
	ASSERT(spin_lock_held(&rq->lock) && thread->user);
	if (thread->queued)
		queue_remove(rq, thread);
	queue_leave(rq, thread);
	if (thread->state == THREAD_RUNNABLE) {
		move_count(thread->cpu, thread, -1U);
		move_count(cpu, thread, 1);
	}
	__atomic_fetch_sub(&rq->nusers, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&percpu_of(cpu)->runq.nusers, 1, __ATOMIC_RELAXED);
	thread->arrival_ns = time_ns();
	WRITE_ONCE(thread->cpu, cpu);
}

/*
 * A thread is in the queue of a CPU that runs others: have an idle one come for it, of which there
 * was none when the queue was chosen. Either this sees that CPU idle, or that CPU,
 * which looks before it halts, sees the thread.
 */
void move_offer(const struct cpumask *allowed, u32 cpu)
{
	u32 idle;

	if (READ_ONCE(percpu_of(cpu)->runq.nrunnable) < 2)
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	idle = place_idle(allowed, cpu);
	if (idle < percpu_count())
		move_kick(idle);
}

void move_attach(struct thread *thread)
{
	for (;;) {
		u32 cpu = thread->cpu;
		struct runq *rq = &percpu_of(cpu)->runq;
		struct cpumask allowed;

		spin_lock(&rq->lock);
		queue_join(rq, thread);
		if (cpumask_test(&thread->allowed, cpu)) {
			allowed = thread->allowed;
			queue_add(rq, thread, true);
			WRITE_ONCE(rq->resched, 1);
			spin_unlock(&rq->lock);
			move_kick(cpu);
			move_offer(&allowed, cpu);
			return;
		}
		/* Not any more. */
		move_detach(rq, thread, place_runnable(thread));
		spin_unlock(&rq->lock);
	}
}

/* Is the queue of @cpu one where a thread that shares by time gets its share? */
static bool takes_turns(u32 cpu)
{
	struct runq *rq = &percpu_of(cpu)->runq;
	bool fair;

	spin_lock(&rq->lock);
	fair = !queue_has_realtime(rq);
	spin_unlock(&rq->lock);
	return fair;
}

struct thread *move_balance(struct runq *rq, u64 now_ns)
{
	u32 me = this_cpu()->id;
	struct thread *thread;
	struct cpumask cpus;
	u32 to;

	ASSERT(spin_lock_held(&rq->lock));
	if (now_ns < rq->crowded_ns + BALANCE_NS)
		return NULL;
	rq->crowded_ns = now_ns;
	queue_fair_cpus(rq, &cpus);
	to = place_fewer(me, &cpus);
	if (to == percpu_count())
		return NULL;
	/* No two at once: this CPU's threads may change, but not the current one. */
	spin_unlock(&rq->lock);
	if (!takes_turns(to))
		to = percpu_count();
	spin_lock(&rq->lock);
	thread = to < percpu_count() ? queue_oldest(rq, to) : NULL;
	/* They may have gone meanwhile, and only this one is left. */
	if (!thread || list_empty(&rq->ready))
		return NULL;
	move_detach(rq, thread, to);
	return thread;
}

bool move_pull(void)
{
	u32 me = this_cpu()->id;
	u32 ncpus = percpu_count();

	/* This CPU has been idle for others before this look; partner is move_offer(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u32 i = place_busy(me, 0); i < 2 * ncpus; i = place_busy(me, i + 1)) {
		struct runq *from = &percpu_of((me + i) % ncpus)->runq;
		struct thread *thread;

		spin_lock(&from->lock);
		thread = queue_find(from, me);
		if (thread)
			move_detach(from, thread, me);
		spin_unlock(&from->lock);
		if (thread) {
			move_attach(thread);
			return true;
		}
	}
	return false;
}
