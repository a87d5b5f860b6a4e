// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timer of a CPU: see timer.h.
 */
#include "lwk/sched/timer.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/thread.h"
#include "lwk/sched/move.h"
#include "lwk/sched/wake.h"

/* Return: when the alarm of the current thread is due if it runs on. */
static u64 alarm_at(const struct thread *thread)
{
	u64 user_ns, kernel_ns;

	if (!thread || !thread->alarm_ns)
		return THREAD_NO_DEADLINE;
	thread_times(thread, &user_ns, &kernel_ns);
	return time_ns() + thread->alarm_ns - MIN(thread->alarm_ns, user_ns + kernel_ns);
}

void timer_program(struct runq *rq)
{
	u64 next = THREAD_NO_DEADLINE;

	if (!list_empty(&rq->sleepers))
		next = list_first(&rq->sleepers, struct thread, timer)->deadline_ns;
	/* A slice that is over has been: it ends at the return to user mode. */
	if (rq->current && rq->current->user && !list_empty(&rq->ready) && !rq->resched)
		next = MIN(next, rq->slice_end_ns);
	next = MIN(next, alarm_at(rq->current));
	if (next != THREAD_NO_DEADLINE)
		arch_timer_set(next);
	else if (rq->timer_armed)
		arch_timer_stop();
	rq->timer_armed = next != THREAD_NO_DEADLINE;
}

void timer_add(struct runq *rq, struct thread *thread)
{
	struct list_node *at = rq->sleepers.next;

	while (at != &rq->sleepers &&
	       list_entry(at, struct thread, timer)->deadline_ns <= thread->deadline_ns)
		at = at->next;
	list_add_tail(&thread->timer, at);
}

void thread_set_alarm(u64 run_ns)
{
	struct runq *rq = &this_cpu()->runq;
	u64 irq = spin_lock_irqsave(&rq->lock);
	struct thread *self = rq->current;
	u64 user_ns, kernel_ns;

	thread_times(self, &user_ns, &kernel_ns);
	self->alarm_ns = 0;
	if (run_ns < THREAD_NO_DEADLINE - user_ns - kernel_ns)
		self->alarm_ns = user_ns + kernel_ns + run_ns;
	timer_program(rq);
	spin_unlock_irqrestore(&rq->lock, irq);
}

static void check_alarm(struct thread *thread)
{
	if (alarm_at(thread) > time_ns())
		return;
	thread->alarm_ns = 0;
	thread_notify(thread);
}

/* Wake those whose deadlines have come. @detached: result, those to be attached elsewhere. */
static void wake_sleepers(struct runq *rq, u64 now, struct list_node *detached)
{
	while (!list_empty(&rq->sleepers)) {
		struct thread *first = list_first(&rq->sleepers, struct thread, timer);

		if (first->deadline_ns > now)
			break;
		first->timed_out = true;
		if (thread_wake_locked(rq, first))
			list_add_tail(&first->run, detached);
	}
}

/* Deadlines that have come; the end of a slice; the alarm of the current thread. */
static void on_timer(void)
{
	struct runq *rq = &this_cpu()->runq;
	u64 now = time_ns();
	struct list_node detached;

	list_init(&detached);
	spin_lock(&rq->lock);
	wake_sleepers(rq, now, &detached);
	if (!list_empty(&rq->ready) && now >= rq->slice_end_ns)
		WRITE_ONCE(rq->resched, 1);
	check_alarm(rq->current);
	timer_program(rq);
	spin_unlock(&rq->lock);
	while (!list_empty(&detached)) {
		struct thread *thread = list_first(&detached, struct thread, run);

		list_del(&thread->run);
		move_attach(thread);
	}
}

void timer_start(void)
{
	irq_set_handler(LWK_VEC_TIMER, on_timer);
}
