// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of a run queue: see queue.h.
 */
#include "lwk/sched/queue.h"

#include "lwk/include/assert.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/policy.h"
#include "lwk/include/sched/thread.h"

#define SLICE_NS (10 * NSEC_PER_MSEC)
#define RR_SLICE_NS (100 * NSEC_PER_MSEC)
#define WEIGHT_NORMAL 1024
#define WEIGHT_IDLE 3
#define RANK_KERNEL 200
#define RANK_REALTIME 100

/* Linux's, for nice -20 to 19: a step is 10 % more or less of the CPU. */
static const u32 weights[] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
	1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
	110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
};

_Static_assert(ARRAY_SIZE(weights) == NICE_MAX - NICE_MIN + 1, "a weight for each");

struct runq *queue_lock_of(struct thread *thread, u64 *irq)
{
	for (;;) {
		u32 cpu = READ_ONCE(thread->cpu);
		struct runq *rq = &percpu_of(cpu)->runq;

		*irq = spin_lock_irqsave(&rq->lock);
		if (READ_ONCE(thread->cpu) == cpu)
			return rq;
		spin_unlock_irqrestore(&rq->lock, *irq);
	}
}

static bool is_fair(const struct thread *thread)
{
	return thread->user && !policy_is_realtime(thread->sched.policy);
}

static u32 rank(const struct thread *thread)
{
	if (!thread->user)
		return RANK_KERNEL;
	return is_fair(thread) ? 0 : RANK_REALTIME + thread->sched.priority;
}

static u32 weight(const struct thread *thread)
{
	return thread->sched.policy == SCHED_IDLE ? WEIGHT_IDLE :
						     weights[thread->sched.nice - NICE_MIN];
}

/* Does @a come before @b? @tie: what is said if neither has to. */
static bool before(const struct thread *a, const struct thread *b, bool tie)
{
	if (rank(a) != rank(b))
		return rank(a) > rank(b);
	if (!is_fair(a) || a->vruntime == b->vruntime)
		return tie;
	return a->vruntime < b->vruntime;
}

/* Of whoever is only next for a moment, nothing is made: see move_balance(). */
static void note_crowd(struct runq *rq)
{
	if (list_empty(&rq->ready))
		rq->crowded_ns = time_ns();
}

void queue_add(struct runq *rq, struct thread *thread, bool first)
{
	struct list_node *at = rq->ready.next;

	note_crowd(rq);
	while (at != &rq->ready && !before(thread, list_entry(at, struct thread, run), first))
		at = at->next;
	list_add_tail(&thread->run, at);
	thread->queued = true;
}

void queue_add_last(struct runq *rq, struct thread *thread)
{
	note_crowd(rq);
	list_add_tail(&thread->run, &rq->ready);
	thread->queued = true;
	rq->unsorted = true;
}

void queue_sort(struct runq *rq)
{
	struct list_node old;
	struct thread *thread;

	list_init(&old);
	while (!list_empty(&rq->ready)) {
		thread = list_first(&rq->ready, struct thread, run);
		list_del(&thread->run);
		list_add_tail(&thread->run, &old);
	}
	while (!list_empty(&old)) {
		thread = list_first(&old, struct thread, run);
		list_del(&thread->run);
		queue_add(rq, thread, false);
	}
	rq->unsorted = false;
}

void queue_add_behind_peers(struct runq *rq, struct thread *thread)
{
	const struct thread *other;

	if (is_fair(thread)) {
		list_for_each(other, &rq->ready, run) {
			if (is_fair(other))
				thread->vruntime = MAX(thread->vruntime, other->vruntime);
		}
	}
	queue_add(rq, thread, false);
}

void queue_remove(struct runq *rq, struct thread *thread)
{
	(void)rq;
	ASSERT(thread->queued);
	list_del(&thread->run);
	thread->queued = false;
}

struct thread *queue_take(struct runq *rq)
{
	struct thread *next;

	if (list_empty(&rq->ready))
		return NULL;
	next = list_first(&rq->ready, struct thread, run);
	queue_remove(rq, next);
	if (is_fair(next))
		rq->min_vruntime = MAX(rq->min_vruntime, next->vruntime);
	return next;
}

static void add_allowed(const struct thread *thread, struct cpumask *cpus)
{
	for (u32 i = 0; i < ARRAY_SIZE(cpus->words); i++)
		cpus->words[i] |= thread->allowed.words[i];
}

void queue_fair_cpus(const struct runq *rq, struct cpumask *cpus)
{
	const struct thread *thread;

	*cpus = (struct cpumask){ { 0 } };
	if (rq->current && is_fair(rq->current))
		add_allowed(rq->current, cpus);
	list_for_each(thread, &rq->ready, run) {
		if (is_fair(thread))
			add_allowed(thread, cpus);
	}
}

struct thread *queue_oldest(struct runq *rq, u32 cpu)
{
	struct thread *oldest = NULL;
	struct thread *thread;

	if (rq->current && is_fair(rq->current) && cpumask_test(&rq->current->allowed, cpu))
		oldest = rq->current;
	list_for_each(thread, &rq->ready, run) {
		if (is_fair(thread) && cpumask_test(&thread->allowed, cpu) &&
		    (!oldest || thread->arrival_ns < oldest->arrival_ns))
			oldest = thread;
	}
	return oldest;
}

bool queue_has_realtime(const struct runq *rq)
{
	const struct thread *thread;

	if (rq->current && rq->current->user && !is_fair(rq->current))
		return true;
	list_for_each(thread, &rq->ready, run) {
		if (thread->user && !is_fair(thread))
			return true;
	}
	return false;
}

struct thread *queue_find(struct runq *rq, u32 cpu)
{
	struct thread *thread;

	list_for_each(thread, &rq->ready, run) {
		if (thread->user && cpumask_test(&thread->allowed, cpu))
			return thread;
	}
	return NULL;
}

bool queue_is_sorted(const struct runq *rq)
{
	const struct thread *last = NULL;
	const struct thread *thread;

	list_for_each(thread, &rq->ready, run) {
		if (last && before(thread, last, false))
			return false;
		last = thread;
	}
	return true;
}

bool queue_preempts(const struct runq *rq, bool slice_over)
{
	const struct thread *self = rq->current;
	const struct thread *next;

	if (list_empty(&rq->ready))
		return false;
	next = list_first(&rq->ready, struct thread, run);
	if (rank(next) != rank(self) || (!slice_over && !is_fair(next)))
		return rank(next) > rank(self);
	if (!is_fair(next))
		return self->sched.policy == SCHED_RR;
	if (slice_over)
		return next->vruntime <= self->vruntime;
	/* As it woke up: what works in the background waits for the end of a slice. */
	return next->sched.policy == SCHED_OTHER && next->vruntime < self->vruntime;
}

void queue_charge(struct runq *rq, u64 now_ns)
{
	struct thread *self = rq->current;

	if (self && is_fair(self)) {
		self->vruntime += (s64)((now_ns - rq->charged_ns) * WEIGHT_NORMAL / weight(self));
		if (list_empty(&rq->ready))
			rq->min_vruntime = MAX(rq->min_vruntime, self->vruntime);
	}
	rq->charged_ns = now_ns;
}

void queue_join(struct runq *rq, struct thread *thread)
{
	/* Who has slept may catch up on a slice, so that it runs soon, and not on more. */
	thread->vruntime = rq->min_vruntime + MAX(thread->vruntime, -(s64)SLICE_NS);
}

void queue_leave(struct runq *rq, struct thread *thread)
{
	thread->vruntime -= rq->min_vruntime;
}

u64 queue_slice_ns(const struct runq *rq, const struct thread *thread)
{
	if (is_fair(thread) || rq->unsorted)
		return SLICE_NS;
	return thread->sched.policy == SCHED_RR ? RR_SLICE_NS : THREAD_NO_DEADLINE;
}
