// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread runs: one queue for each CPU, in the order of queue.h.
 *
 * At a return to user mode the current thread is compared with the next one, if somebody became
 * runnable or its slice is over. The queue's lock is held over the switch of stacks: whoever
 * comes in releases it, so a thread that another CPU wakes is never run before it has left its
 * stack. No two queues are locked at once: move.h.
 */
#include "lwk/include/sched/sched.h"

#include "lwk/include/arch_core.h"
#include "lwk/include/arch_sched.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/sched/worker.h"
#include "lwk/sched/move.h"
#include "lwk/sched/place.h"
#include "lwk/sched/queue.h"
#include "lwk/sched/timer.h"

static struct runq *this_runq(void)
{
	return &this_cpu()->runq;
}

struct thread *thread_current(void)
{
	/* A thread's CPU does not change while it runs, so no interrupt can make this wrong. */
	return READ_ONCE(this_runq()->current);
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
	if (rq->owner == thread && thread->regs_cpu == this_cpu()->id)
		return;
	arch_user_load(thread);
	rq->owner = thread;
	thread->regs_cpu = this_cpu()->id;
}

/* Behind a switch of stacks, on the new one. */
static void switched_in(struct runq *rq)
{
	struct thread *moving = rq->moving;
	struct thread *dead = rq->dead;

	rq->moving = NULL;
	rq->dead = NULL;
	if (dead)
		list_add_tail(&dead->run, &rq->ended);
	spin_unlock(&rq->lock);
	if (moving)
		move_attach(moving);
	if (dead)
		thread_wake(rq->worker);
}

static void begin_slice(struct runq *rq, const struct thread *thread, u64 now)
{
	u64 slice = thread ? queue_slice_ns(rq, thread) : THREAD_NO_DEADLINE;

	rq->slice_end_ns = slice == THREAD_NO_DEADLINE ? slice : now + slice;
}

static void account_switch(struct thread *prev, struct thread *next)
{
	u64 now = arch_tsc();

	if (prev)
		prev->kernel_tsc += now - prev->stamp_tsc;
	if (next)
		next->stamp_tsc = now;
}

static void set_current(struct runq *rq, struct thread *next)
{
	/* Sequentially consistent: before the look at @attention; partner is thread_notify(). */
	__atomic_store_n(&rq->current, next, __ATOMIC_SEQ_CST);
}

/* For restartable sequences, and the number of the CPU that programs have read. */
static void note_switch(struct thread *prev, struct thread *next)
{
	if (prev)
		prev->switched = prev->restarts;
	if (next && next->restarts && next->restart_cpu != this_cpu()->id)
		WRITE_ONCE(next->attention, 1);
}

/* Leave the current thread (or the idle loop) for @next. The lock is released on return. */
static void switch_to(struct runq *rq, struct thread *next)
{
	struct thread *prev = rq->current;
	u64 *save = prev ? &prev->arch.ksp : &rq->idle_ksp;
	u64 now;

	ASSERT(spin_lock_held(&rq->lock));
	/* Relaxed: whoever set it put a thread into the queue under the lock before. */
	WRITE_ONCE(rq->resched, 0);
	now = time_ns();
	queue_charge(rq, now);
	if (next == prev) {
		if (now >= rq->slice_end_ns)
			begin_slice(rq, next, now);
		timer_program(rq);
		spin_unlock(&rq->lock);
		return;
	}
	note_switch(prev, next);
	set_current(rq, next);
	begin_slice(rq, next, now);
	account_switch(prev, next);
	timer_program(rq);
	/* Another CPU may run it next. If not, they are in the processor still. */
	if (prev && rq->owner == prev)
		arch_user_save(prev);
	if (next && next->user)
		load_user(rq, next);
	arch_switch(save, next ? next->arch.ksp : rq->idle_ksp);
	switched_in(this_runq());
}

void sched_run(void)
{
	struct runq *rq = this_runq();

	do {
		while (!list_empty(&rq->ready)) {
			spin_lock(&rq->lock);
			switch_to(rq, queue_take(rq));
		}
	} while (move_pull());
}

/* One thread fewer, perhaps. Return: true if it is the current one, which leaves. */
static bool balance(struct runq *rq, u64 now)
{
	struct thread *thread = move_balance(rq, now);

	if (!thread)
		return false;
	if (thread == rq->current) {
		rq->moving = thread;
		return true;
	}
	spin_unlock(&rq->lock);
	move_attach(thread);
	spin_lock(&rq->lock);
	return false;
}

/* The current thread leaves for where it may run. Return: false if it may stay. */
static bool leave(struct runq *rq)
{
	struct thread *self = rq->current;

	if (!self->user || cpumask_test(&self->allowed, self->cpu))
		return false;
	move_detach(rq, self, place_runnable(self));
	rq->moving = self;
	return true;
}

void sched_preempt(void)
{
	struct runq *rq = this_runq();
	struct thread *self = rq->current;
	bool slice_over;
	u64 now;

	if (likely(!READ_ONCE(rq->resched)))
		return;
	spin_lock(&rq->lock);
	now = time_ns();
	slice_over = now >= rq->slice_end_ns;
	queue_charge(rq, now);
	if (slice_over && rq->unsorted)
		queue_sort(rq);
	if ((slice_over && balance(rq, now)) || leave(rq)) {
		self->preempted++;
	} else if (queue_preempts(rq, slice_over)) {
		self->preempted++;
		queue_add(rq, self, !slice_over);
	} else {
		switch_to(rq, self);
		return;
	}
	switch_to(rq, queue_take(rq));
}

/* Lock the queue; the current thread's time is charged. */
static struct runq *yield_begin(u64 *irq)
{
	struct runq *rq = this_runq();

	*irq = spin_lock_irqsave(&rq->lock);
	/* Also between thread_prepare_wait() and thread_wait(): that wait is then over. */
	rq->current->state = THREAD_RUNNABLE;
	queue_charge(rq, time_ns());
	return rq;
}

/* @add: how it queues if it may stay. */
static void yield(void (*add)(struct runq *rq, struct thread *self))
{
	u64 irq;
	struct runq *rq = yield_begin(&irq);

	if (!leave(rq))
		add(rq, rq->current);
	switch_to(rq, queue_take(rq));
	arch_irq_restore(irq);
}

void thread_yield_to_cpu(u32 cpu)
{
	u64 irq;
	struct runq *rq = yield_begin(&irq);
	struct thread *self = rq->current;

	if (cpu != self->cpu && cpumask_test(&self->allowed, cpu)) {
		move_detach(rq, self, cpu);
		rq->moving = self;
	} else if (!leave(rq)) {
		queue_add_last(rq, self);
	}
	switch_to(rq, queue_take(rq));
	arch_irq_restore(irq);
}

void thread_yield(void)
{
	yield(queue_add_last);
}

void thread_yield_to_peers(void)
{
	yield(queue_add_behind_peers);
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

bool thread_wait(u64 deadline_ns)
{
	struct runq *rq;
	struct thread *self;
	u64 irq;

	perturb_point();
	irq = arch_irq_save();
	rq = this_runq();
	spin_lock(&rq->lock);
	self = rq->current;
	ASSERT(self);
	self->timed_out = false;
	if (self->state != THREAD_WAITING) {
		/* Woken since thread_prepare_wait(). */
		spin_unlock_irqrestore(&rq->lock, irq);
		return true;
	}
	self->deadline_ns = deadline_ns;
	if (deadline_ns != THREAD_NO_DEADLINE)
		timer_add(rq, self);
	self->switches++;
	move_count(self->cpu, self, -1U);
	switch_to(rq, queue_take(rq));
	self->waited_tsc = self->user_tsc + self->kernel_tsc;
	arch_irq_restore(irq);
	perturb_delay();
	return !self->timed_out;
}

void thread_set_allowed(struct thread *thread, const struct cpumask *cpus)
{
	bool detached = false;
	bool current = false;
	bool queued = false;
	struct runq *rq;
	u32 cpu;
	u64 irq;

	rq = queue_lock_of(thread, &irq);
	cpu = thread->cpu;
	thread->allowed = *cpus;
	queued = thread->queued;
	if (!cpumask_test(cpus, cpu)) {
		current = thread == rq->current;
		detached = queued;
		if (queued || thread->state == THREAD_NEW)
			move_detach(rq, thread, place_runnable(thread));
		else if (current)
			WRITE_ONCE(rq->resched, 1);
	}
	spin_unlock(&rq->lock);
	if (detached)
		move_attach(thread);
	else if (current)
		move_kick(cpu);
	else if (queued)
		move_offer(cpus, cpu);
	arch_irq_restore(irq);
}

void thread_get_allowed(struct thread *thread, struct cpumask *out)
{
	u64 irq;
	struct runq *rq = queue_lock_of(thread, &irq);

	*out = thread->allowed;
	spin_unlock_irqrestore(&rq->lock, irq);
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
	move_count(self->cpu, self, -1U);
	if (rq->owner == self)
		rq->owner = NULL;
	rq->dead = self;
	switch_to(rq, queue_take(rq));
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

static void unload_here(void *arg)
{
	struct runq *rq = this_runq();

	if (rq->loaded == arg)
		load_vm(rq, NULL);
}

void sched_unload_vm(struct vm *vm)
{
	for (u32 id = 0; id < percpu_count(); id++) {
		if (cpumask_test(&vm->cpus, id))
			call_cpu(id, unload_here, vm);
	}
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

void sched_init_cpu(struct runq *runq)
{
	spin_lock_init(&runq->lock, LOCK_RANK_RUNQ, "run queue");
	list_init(&runq->ready);
	list_init(&runq->sleepers);
	list_init(&runq->ended);
}

void sched_start(void)
{
	timer_start();
	for (u32 id = 0; id < percpu_count(); id++)
		worker_create(id);
}
