// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread runs: one queue for each CPU, first come, first served.
 *
 * A thread that becomes runnable goes to the front and is to run at the next return to user
 * mode: what it waited for is there, and it will mostly wait again soon. A user thread whose slice
 * is over goes to the end. The queue's lock is held over the switch of stacks: whoever comes in
 * releases it, so a thread that another CPU wakes is never run before it has left its stack.
 */
#include "lwk/include/sched/sched.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_sched.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/sched/worker.h"

#define SLICE_NS (10 * NSEC_PER_MSEC)

static struct runq *this_runq(void)
{
	return &this_cpu()->runq;
}

struct thread *thread_current(void)
{
	/* A thread's CPU does not change while it runs, so no interrupt can make this wrong. */
	return READ_ONCE(this_runq()->current);
}

/* Return: when the alarm of the current thread is due if it runs on. */
static u64 alarm_at(const struct thread *thread)
{
	u64 user_ns, kernel_ns;

	if (!thread || !thread->alarm_ns)
		return THREAD_NO_DEADLINE;
	thread_times(thread, &user_ns, &kernel_ns);
	return time_ns() + thread->alarm_ns - MIN(thread->alarm_ns, user_ns + kernel_ns);
}

/* The interrupt for the next deadline, or none. */
static void program_timer(struct runq *rq)
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

static void load_vm(struct runq *rq, struct vm *vm)
{
	struct vm *old = rq->loaded;

	if (vm == old)
		return;
	if (vm)
		vm_activate(vm);
	arch_load_tables(vm ? vm->pt.root : arch_kernel_tables()->root);
	rq->loaded = vm;
	if (old)
		vm_deactivate(old);
}

static void load_user(struct runq *rq, struct thread *thread)
{
	load_vm(rq, thread->vm);
	arch_user_stack(thread);
	if (rq->owner == thread)
		return;
	if (rq->owner)
		arch_user_save(rq->owner);
	arch_user_load(thread);
	rq->owner = thread;
}

/* Behind a switch of stacks, on the new one. */
static void switched_in(struct runq *rq)
{
	struct thread *dead = rq->dead;

	rq->dead = NULL;
	if (dead)
		list_add_tail(&dead->run, &rq->ended);
	spin_unlock(&rq->lock);
	if (dead)
		thread_wake(rq->worker);
}

static struct thread *take_next(struct runq *rq)
{
	struct thread *next;

	if (list_empty(&rq->ready))
		return NULL;
	next = list_first(&rq->ready, struct thread, run);
	list_del(&next->run);
	next->queued = false;
	return next;
}

static void account_switch(struct thread *prev, struct thread *next)
{
	u64 now = arch_tsc();

	if (prev)
		prev->kernel_tsc += now - prev->stamp_tsc;
	if (next)
		next->stamp_tsc = now;
}

/* Leave the current thread (or the idle loop) for @next. The lock is released on return. */
static void switch_to(struct runq *rq, struct thread *next)
{
	struct thread *prev = rq->current;
	u64 *save = prev ? &prev->arch.ksp : &rq->idle_ksp;

	ASSERT(spin_lock_held(&rq->lock));
	/* Relaxed: whoever set it put a thread into the queue under the lock before. */
	WRITE_ONCE(rq->resched, 0);
	if (next == prev) {
		spin_unlock(&rq->lock);
		return;
	}
	WRITE_ONCE(rq->current, next);
	rq->slice_end_ns = time_ns() + SLICE_NS;
	account_switch(prev, next);
	program_timer(rq);
	if (next && next->user)
		load_user(rq, next);
	arch_switch(save, next ? next->arch.ksp : rq->idle_ksp);
	switched_in(this_runq());
}

static void enqueue(struct runq *rq, struct thread *thread, bool first)
{
	thread->queued = true;
	if (first)
		list_add(&thread->run, &rq->ready);
	else
		list_add_tail(&thread->run, &rq->ready);
}

void sched_run(void)
{
	struct runq *rq = this_runq();

	while (!list_empty(&rq->ready)) {
		spin_lock(&rq->lock);
		switch_to(rq, take_next(rq));
	}
}

void sched_preempt(void)
{
	struct runq *rq = this_runq();
	struct thread *self = rq->current;
	struct thread *next;

	if (likely(!READ_ONCE(rq->resched)))
		return;
	spin_lock(&rq->lock);
	next = take_next(rq);
	if (next) {
		self->preempted++;
		enqueue(rq, self, time_ns() < rq->slice_end_ns);
	}
	switch_to(rq, next ? next : self);
}

void thread_yield(void)
{
	struct runq *rq = this_runq();
	u64 irq = spin_lock_irqsave(&rq->lock);

	/* Also between thread_prepare_wait() and thread_wait(): that wait is then over. */
	rq->current->state = THREAD_RUNNABLE;
	enqueue(rq, rq->current, false);
	switch_to(rq, take_next(rq));
	arch_irq_restore(irq);
}

bool thread_should_yield(void)
{
	struct runq *rq = this_runq();

	return READ_ONCE(rq->resched) || READ_ONCE(rq->ready.next) != &rq->ready;
}

void thread_prepare_wait(void)
{
	/* Before the look at the condition; partner is the fence in thread_wake(). */
	__atomic_store_n(&thread_current()->state, THREAD_WAITING, __ATOMIC_SEQ_CST);
}

void thread_finish_wait(void)
{
	WRITE_ONCE(thread_current()->state, THREAD_RUNNABLE);
}

static void add_sleeper(struct runq *rq, struct thread *thread)
{
	struct list_node *at = rq->sleepers.next;

	while (at != &rq->sleepers &&
	       list_entry(at, struct thread, timer)->deadline_ns <= thread->deadline_ns)
		at = at->next;
	list_add_tail(&thread->timer, at);
}

bool thread_wait(u64 deadline_ns)
{
	struct runq *rq = this_runq();
	struct thread *self = rq->current;
	u64 irq = spin_lock_irqsave(&rq->lock);

	ASSERT(self);
	self->timed_out = false;
	if (self->state != THREAD_WAITING) {
		/* Woken since thread_prepare_wait(). */
		spin_unlock_irqrestore(&rq->lock, irq);
		return true;
	}
	self->deadline_ns = deadline_ns;
	if (deadline_ns != THREAD_NO_DEADLINE)
		add_sleeper(rq, self);
	self->switches++;
	switch_to(rq, take_next(rq));
	arch_irq_restore(irq);
	return !self->timed_out;
}

static void wake_locked(struct runq *rq, struct thread *thread)
{
	thread->state = THREAD_RUNNABLE;
	if (thread == rq->current)
		return; /* about to wait, and will not */
	if (thread->deadline_ns != THREAD_NO_DEADLINE)
		list_del(&thread->timer);
	thread->deadline_ns = THREAD_NO_DEADLINE;
	enqueue(rq, thread, true);
	WRITE_ONCE(rq->resched, 1);
}

void thread_wake(struct thread *thread)
{
	struct percpu *cpu = percpu_of(READ_ONCE(thread->cpu));
	struct runq *rq = &cpu->runq;
	bool woken = false;
	u64 irq;

	/* What the caller stored comes before the look at the state: thread_prepare_wait(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	irq = spin_lock_irqsave(&rq->lock);
	if (thread->state == THREAD_WAITING) {
		wake_locked(rq, thread);
		woken = thread->queued;
	}
	spin_unlock_irqrestore(&rq->lock, irq);
	if (woken && cpu != this_cpu())
		arch_ipi(cpu->apic_id, LWK_VEC_RESCHED);
}

void thread_start(struct thread *thread)
{
	struct percpu *cpu = percpu_of(thread->cpu);
	struct runq *rq = &cpu->runq;
	u64 irq = spin_lock_irqsave(&rq->lock);

	ASSERT(thread->state == THREAD_NEW);
	thread->state = THREAD_RUNNABLE;
	enqueue(rq, thread, false);
	WRITE_ONCE(rq->resched, 1);
	spin_unlock_irqrestore(&rq->lock, irq);
	if (cpu != this_cpu())
		arch_ipi(cpu->apic_id, LWK_VEC_RESCHED);
}

void thread_exit(void)
{
	struct runq *rq = this_runq();
	struct thread *self = rq->current;

	ASSERT(self->ended);
	if (self->vm)
		thread_set_vm(NULL);
	(void)arch_irq_save();
	spin_lock(&rq->lock);
	self->state = THREAD_DEAD;
	if (rq->owner == self)
		rq->owner = NULL;
	rq->dead = self;
	switch_to(rq, take_next(rq));
	panic("sched: thread %s runs after its end", self->name);
}

void thread_set_vm(struct vm *vm)
{
	struct runq *rq = this_runq();
	u64 irq = arch_irq_save();

	rq->current->vm = vm;
	load_vm(rq, vm);
	arch_irq_restore(irq);
}

void thread_begin_kernel(void (*fn)(void *arg), void *arg)
{
	switched_in(this_runq());
	arch_irq_enable();
	fn(arg);
	thread_exit();
}

void thread_begin_user(void)
{
	switched_in(this_runq());
}

void thread_set_alarm(u64 run_ns)
{
	struct runq *rq = this_runq();
	u64 irq = spin_lock_irqsave(&rq->lock);
	struct thread *self = rq->current;
	u64 user_ns, kernel_ns;

	thread_times(self, &user_ns, &kernel_ns);
	self->alarm_ns = 0;
	if (run_ns < THREAD_NO_DEADLINE - user_ns - kernel_ns)
		self->alarm_ns = user_ns + kernel_ns + run_ns;
	program_timer(rq);
	spin_unlock_irqrestore(&rq->lock, irq);
}

static void check_alarm(struct thread *thread)
{
	if (alarm_at(thread) > time_ns())
		return;
	thread->alarm_ns = 0;
	thread_notify(thread);
}

/* Deadlines that have come; the end of a slice; the alarm of the current thread. */
static void on_timer(void)
{
	struct runq *rq = this_runq();
	u64 now = time_ns();

	spin_lock(&rq->lock);
	while (!list_empty(&rq->sleepers)) {
		struct thread *first = list_first(&rq->sleepers, struct thread, timer);

		if (first->deadline_ns > now)
			break;
		first->timed_out = true;
		wake_locked(rq, first);
	}
	if (!list_empty(&rq->ready) && now >= rq->slice_end_ns)
		WRITE_ONCE(rq->resched, 1);
	check_alarm(rq->current);
	program_timer(rq);
	spin_unlock(&rq->lock);
}

void sched_init_cpu(struct runq *runq)
{
	spin_lock_init(&runq->lock, LOCK_RANK_RUNQ, "run queue");
	list_init(&runq->ready);
	list_init(&runq->sleepers);
	list_init(&runq->ended);
}

void sched_start(void)
{
	irq_set_handler(LWK_VEC_TIMER, on_timer);
	for (u32 id = 0; id < percpu_count(); id++)
		worker_create(id);
}
