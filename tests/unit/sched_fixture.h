/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler, on four simulated CPUs of two nodes: their threads are coroutines, and what a
 * CPU does is one call of cpu_run(), until it would halt. Interrupts and time come when a test says
 * so.
 *
 * The sources are included, since the tests look at the queues themselves.
 */
#ifndef UNIT_SCHED_FIXTURE_H
#define UNIT_SCHED_FIXTURE_H

#include <string.h>
#include <ucontext.h>

#include "lwk/sched/check.c"
#include "lwk/sched/move.c"
#include "lwk/sched/place.c"
#include "lwk/sched/policy.c"
#include "lwk/sched/queue.c"
#include "lwk/sched/sched.c"
#include "lwk/sched/thread.c"
#include "lwk/sched/timer.c"
#include "lwk/sched/wake.c"
#include "lwk/sched/work.c"
#include "lwk/sched/worker.c"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NCPUS 4
#define MAX_THREADS 16
#define STACK_LEN (256 << 10)
#define LOG_LEN 64

/* A stack pointer is the number of a coroutine; those below NCPUS are the idle loops. */
static struct {
	ucontext_t context;
	char stack[STACK_LEN];
	void (*fn)(void *arg);
	void *arg;
} coroutines[NCPUS + MAX_THREADS];

static u32 ncoroutines = NCPUS;
static struct percpu cpus[NCPUS];
static u64 now;
static u64 timer[NCPUS]; /* 0: stopped */
static u32 ipis[NCPUS];
static void (*timer_handler)(void);
static struct pgtable tables;
static char record[LOG_LEN];

struct percpu *percpu_of(u32 id)
{
	return &cpus[id];
}

u32 percpu_count(void)
{
	return NCPUS;
}

void *shim_this_cpu(void)
{
	return &cpus[shim_cpu.id];
}

void arch_ipi(u32 apic_id, u32 vector)
{
	CHECK_EQ(vector, LWK_VEC_RESCHED);
	ipis[apic_id]++;
}

u64 time_ns(void)
{
	return now;
}

u64 time_tsc_to_ns(u64 ticks)
{
	return ticks;
}

u64 arch_tsc(void)
{
	return now;
}

void arch_irq_enable(void)
{
	shim_cpu.irqs_off = false;
}

void irq_set_handler(u32 vector, void (*handler)(void))
{
	CHECK_EQ(vector, LWK_VEC_TIMER);
	timer_handler = handler;
}

void arch_timer_set(u64 ns)
{
	timer[shim_cpu.id] = ns;
}

void arch_timer_stop(void)
{
	timer[shim_cpu.id] = 0;
}

struct pgtable *arch_kernel_tables(void)
{
	return &tables;
}

void arch_load_tables(paddr_t root)
{
	(void)root;
}

static u32 calls __maybe_unused;

void call_cpu(u32 cpu, void (*fn)(void *arg), void *arg)
{
	struct shim_cpu before = shim_cpu;

	calls++;
	shim_cpu.id = cpu;
	shim_cpu.irqs_off = true;
	fn(arg);
	shim_cpu = before;
}

static void coroutine_main(void)
{
	for (u32 i = NCPUS; i < ncoroutines; i++) {
		struct thread *self = thread_current();

		if (self->arch.ksp != i)
			continue;
		if (coroutines[i].fn)
			thread_begin_kernel(coroutines[i].fn, coroutines[i].arg);
	}
	CHECK(false);
}

static int new_coroutine(struct thread *thread, void (*fn)(void *arg), void *arg)
{
	u32 i = ncoroutines++;

	CHECK(i < ARRAY_SIZE(coroutines));
	coroutines[i].fn = fn;
	coroutines[i].arg = arg;
	CHECK(!getcontext(&coroutines[i].context));
	coroutines[i].context.uc_stack.ss_sp = coroutines[i].stack;
	coroutines[i].context.uc_stack.ss_size = STACK_LEN;
	makecontext(&coroutines[i].context, coroutine_main, 0);
	thread->arch.ksp = i;
	return 0;
}

int arch_thread_init_kernel(struct thread *thread, void (*fn)(void *arg), void *arg)
{
	return new_coroutine(thread, fn, arg);
}

/* What a user thread does is a function, too: it stands for the program. */
static void (*user_fn)(void *arg);

int arch_thread_init_user(struct thread *thread)
{
	return new_coroutine(thread, user_fn, thread);
}

void arch_thread_destroy(struct thread *thread)
{
	(void)thread;
}

void arch_switch(u64 *save, u64 load)
{
	u64 from = *save;

	CHECK(!arch_irqs_enabled());
	CHECK_EQ(lock_rank_depth(), 1);
	CHECK(!swapcontext(&coroutines[from].context, &coroutines[load].context));
}

/* Whose registers are in the processor. */
static struct thread *registers[NCPUS];
static u32 saved[NCPUS], loaded[NCPUS];

void arch_user_save(struct thread *thread)
{
	CHECK(registers[shim_cpu.id] == thread);
	CHECK_EQ(thread->regs_cpu, shim_cpu.id);
	saved[shim_cpu.id]++;
}

void arch_user_load(struct thread *thread)
{
	registers[shim_cpu.id] = thread;
	loaded[shim_cpu.id]++;
}

void arch_user_stack(const struct thread *thread)
{
	CHECK(thread->user);
}

/* One CPU, until it would halt. */
static void cpu_run(u32 cpu)
{
	struct shim_cpu before = shim_cpu;

	shim_cpu.id = cpu;
	shim_cpu.irqs_off = true;
	ipis[cpu] = 0;
	sched_run();
	CHECK(!cpus[cpu].runq.current);
	CHECK_EQ(lock_rank_depth(), 0);
	sched_check();
	shim_cpu = before;
}

/* Time passes; the timer interrupts this CPU if it is due. */
static void pass_time(u32 cpu, u64 ns)
{
	struct shim_cpu before = shim_cpu;

	now += ns;
	if (!timer[cpu] || timer[cpu] > now)
		return;
	timer[cpu] = 0;
	shim_cpu.id = cpu;
	shim_cpu.irqs_off = true;
	timer_handler();
	shim_cpu = before;
}

static void note(char c)
{
	size_t len = strlen(record);

	CHECK(len + 1 < sizeof(record));
	record[len] = c;
}

static void machine_new(void)
{
	shim_page_alloc_init(NCPUS, 1, 64ULL << 20);
	CHECK(!kmalloc_init());
	now = 1000;
	memset(ipis, 0, sizeof(ipis));
	for (u32 cpu = 0; cpu < NCPUS; cpu++) {
		cpus[cpu].self = &cpus[cpu];
		cpus[cpu].id = cpu;
		cpus[cpu].apic_id = cpu;
		cpus[cpu].node = cpu / 2;
		spin_lock_init(&cpus[cpu].work_lock, LOCK_RANK_WORK, "work queue");
		cpus[cpu].work_tail = &cpus[cpu].work_head;
		sched_init_cpu(&cpus[cpu].runq);
		cpus[cpu].runq.idle_ksp = cpu;
	}
	sched_start();
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		cpu_run(cpu);
	memset(record, 0, sizeof(record));
}

static bool flag;
static u32 nended;

static __maybe_unused void on_ended(struct thread *thread)
{
	CHECK(thread_current() == this_cpu()->runq.worker);
	CHECK(thread->state == THREAD_DEAD);
	thread_destroy(thread);
	nended++;
}

static __maybe_unused void sleep_for(void *arg)
{
	u64 until = now + *(u64 *)arg;

	do {
		thread_prepare_wait();
	} while (thread_wait(until));
	CHECK(now >= until);
	note((char)('0' + *(u64 *)arg / 100));
}

static u64 step_ns = SLICE_NS;

/* A program: uses its whole slice, twice, and then ends. */
static __maybe_unused void program(void *arg)
{
	struct thread *self = arg;

	for (u32 i = 0; i < 3; i++) {
		CHECK(registers[self->cpu] == self);
		note(self->name[0]);
		pass_time(self->cpu, step_ns);
		/* A slice that is over is no deadline: it would come again at once, and again. */
		CHECK(!timer[self->cpu] || timer[self->cpu] > now);
		(void)arch_irq_save();
		sched_preempt();
		arch_irq_enable();
	}
	thread_exit();
}

static __maybe_unused void pin(struct thread *thread, u32 cpu)
{
	struct cpumask cpus_ = { 0 };

	cpumask_set(&cpus_, cpu);
	thread_set_allowed(thread, &cpus_);
}

/* A program that waits, again and again, and notes where it goes on. */
static __maybe_unused void waiter(void *arg)
{
	struct thread *self = arg;

	for (;;) {
		CHECK(registers[shim_cpu.id] == self && self->cpu == shim_cpu.id);
		note((char)('0' + shim_cpu.id));
		thread_prepare_wait();
		if (flag)
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
	thread_exit();
}

static __maybe_unused void user_init(struct thread *thread, const char *name, u32 cpu)
{
	*thread = (struct thread){ .name = name, .ended = on_ended };
	CHECK(!thread_init_user(thread, cpu));
}

static __maybe_unused void check_counts(void)
{
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		CHECK(!cpus[cpu].runq.nrunnable && !cpus[cpu].runq.nusers);
	sched_check();
}

#endif
