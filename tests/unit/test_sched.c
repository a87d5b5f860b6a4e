// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler, on two simulated CPUs: their threads are coroutines, and what a CPU does is one
 * call of cpu_run(), until it would halt. Interrupts and time come when a test says so.
 *
 * The sources are included, since the tests look at the queues themselves.
 */
#include <string.h>
#include <ucontext.h>

#include "lwk/sched/sched.c"
#include "lwk/sched/thread.c"
#include "lwk/sched/work.c"
#include "lwk/sched/worker.c"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NCPUS 2
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

void arch_user_save(struct thread *thread)
{
	CHECK(registers[shim_cpu.id] == thread);
}

void arch_user_load(struct thread *thread)
{
	registers[shim_cpu.id] = thread;
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
	for (u32 cpu = 0; cpu < NCPUS; cpu++) {
		cpus[cpu].self = &cpus[cpu];
		cpus[cpu].id = cpu;
		cpus[cpu].apic_id = cpu;
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

static void on_ended(struct thread *thread)
{
	CHECK(thread_current() == this_cpu()->runq.worker);
	CHECK(thread->state == THREAD_DEAD);
	thread_destroy(thread);
	nended++;
}

static void wait_for_flag(void *arg)
{
	note(*(char *)arg);
	for (;;) {
		thread_prepare_wait();
		if (flag)
			break;
		CHECK(thread_wait(THREAD_NO_DEADLINE));
	}
	thread_finish_wait();
	note(*(char *)arg);
}

static void wakes(void)
{
	struct thread a = { .name = "a", .ended = on_ended };
	struct thread b = { .name = "b", .ended = on_ended };
	char names[] = "ab";

	machine_new();
	CHECK(!thread_init_kernel(&a, 0, wait_for_flag, &names[0]));
	CHECK(!thread_init_kernel(&b, 1, wait_for_flag, &names[1]));
	thread_start(&a);
	thread_start(&b);
	CHECK_EQ(ipis[1], 1);
	cpu_run(0);
	cpu_run(1);
	CHECK(!strcmp(record, "ab"));
	/* For nothing: they wait again. */
	thread_wake(&a);
	thread_wake(&b);
	CHECK_EQ(ipis[1], 1);
	cpu_run(0);
	cpu_run(1);
	CHECK(!strcmp(record, "ab"));
	CHECK_EQ(a.state, THREAD_WAITING);
	flag = true;
	thread_wake(&b);
	thread_wake(&b);
	cpu_run(1);
	CHECK(!strcmp(record, "abb") && nended == 1);
	thread_wake(&a);
	cpu_run(0);
	CHECK(!strcmp(record, "abba") && nended == 2);
}

/* A wake between the look at the condition and the wait must not be lost. */
static void wake_before_wait(void *arg)
{
	(void)arg;
	thread_prepare_wait();
	thread_wake(thread_current());
	CHECK(thread_wait(THREAD_NO_DEADLINE));
	note('x');
	thread_prepare_wait();
	thread_wake(thread_current());
	thread_yield();
	note('y');
	thread_prepare_wait();
	CHECK(!thread_wait(time_ns() + 500));
	note('z');
}

static void early_wakes(void)
{
	struct thread a = { .name = "a", .ended = on_ended };

	machine_new();
	CHECK(!thread_init_kernel(&a, 0, wake_before_wait, NULL));
	thread_start(&a);
	cpu_run(0);
	CHECK(!strcmp(record, "xy"));
	CHECK_EQ(timer[0], now + 500);
	pass_time(0, 499);
	cpu_run(0);
	CHECK(!strcmp(record, "xy"));
	pass_time(0, 1);
	cpu_run(0);
	CHECK(!strcmp(record, "xyz") && nended == 1);
	CHECK_EQ(timer[0], 0);
}

static void sleep_for(void *arg)
{
	u64 until = now + *(u64 *)arg;

	do {
		thread_prepare_wait();
	} while (thread_wait(until));
	CHECK(now >= until);
	note((char)('0' + *(u64 *)arg / 100));
}

static void sleepers(void)
{
	static const u64 order[] = { 300, 100, 500, 200, 400 };
	struct thread threads[ARRAY_SIZE(order)];

	machine_new();
	memset(threads, 0, sizeof(threads));
	for (u32 i = 0; i < ARRAY_SIZE(order); i++) {
		threads[i].name = "sleeper";
		threads[i].ended = on_ended;
		CHECK(!thread_init_kernel(&threads[i], 0, sleep_for, (void *)&order[i]));
		thread_start(&threads[i]);
	}
	cpu_run(0);
	CHECK_EQ(timer[0], now + 100);
	/* Woken for nothing: the deadline stays. */
	thread_wake(&threads[0]);
	cpu_run(0);
	for (u32 i = 0; i < 5; i++) {
		pass_time(0, 100);
		cpu_run(0);
	}
	CHECK(!strcmp(record, "12345"));
	CHECK_EQ(nended, 5);
	CHECK(list_empty(&cpus[0].runq.sleepers));
}

/* A program: uses its whole slice, twice, and then ends. */
static void program(void *arg)
{
	struct thread *self = arg;

	for (u32 i = 0; i < 3; i++) {
		CHECK(registers[self->cpu] == self);
		note(self->name[0]);
		pass_time(self->cpu, SLICE_NS);
		/* A slice that is over is no deadline: it would come again at once, and again. */
		CHECK(!timer[self->cpu] || timer[self->cpu] > now);
		(void)arch_irq_save();
		sched_preempt();
		arch_irq_enable();
	}
	thread_exit();
}

static void slices(void)
{
	struct thread a = { .name = "a", .ended = on_ended };
	struct thread b = { .name = "b", .ended = on_ended };

	machine_new();
	user_fn = program;
	CHECK(!thread_init_user(&a, 1));
	CHECK_EQ(thread_pick_cpu(), 0);
	CHECK(!thread_init_user(&b, 1));
	thread_start(&a);
	thread_start(&b);
	cpu_run(1);
	CHECK(!strcmp(record, "ababab"));
	CHECK(a.preempted && b.preempted);
	CHECK_EQ(nended, 2);
	CHECK_EQ(cpus[1].runq.nusers, 0);
	/* Alone on its CPU, a program is never interrupted. */
	memset(record, 0, sizeof(record));
	memset(&a, 0, sizeof(a));
	a.name = "a";
	a.ended = on_ended;
	CHECK(!thread_init_user(&a, 1));
	thread_start(&a);
	cpu_run(1);
	CHECK(!strcmp(record, "aaa") && !a.preempted);
	CHECK_EQ(timer[1], 0);
}

/* A program with an alarm: it is due when the program has run for so long, not before. */
static void alarmed(void *arg)
{
	struct thread *self = arg;

	thread_set_alarm(1000);
	CHECK_EQ(timer[self->cpu], now + 1000);
	pass_time(self->cpu, 400);
	/* What passes while it waits does not count. */
	thread_prepare_wait();
	CHECK(!thread_wait(now + 5000));
	thread_finish_wait();
	CHECK(!self->attention);
	CHECK_EQ(timer[self->cpu], now + 600);
	pass_time(self->cpu, 599);
	CHECK(!self->attention);
	pass_time(self->cpu, 1);
	CHECK(self->attention);
	CHECK_EQ(timer[self->cpu], 0);
	self->attention = 0;
	thread_set_alarm(1000);
	thread_set_alarm(THREAD_NO_DEADLINE);
	CHECK_EQ(timer[self->cpu], 0);
	note('z');
	thread_exit();
}

static void alarms(void)
{
	struct thread a = { .name = "a", .ended = on_ended };

	machine_new();
	user_fn = alarmed;
	CHECK(!thread_init_user(&a, 0));
	thread_start(&a);
	cpu_run(0);
	CHECK_EQ(timer[0], now + 5000);
	pass_time(0, 5000);
	cpu_run(0);
	CHECK(!strcmp(record, "z"));
}

static u32 worked;

static void do_work(struct work *work)
{
	CHECK(thread_current() == this_cpu()->runq.worker);
	/* It may wait, and be queued again meanwhile. */
	if (!worked++)
		CHECK(work_queue(work, 1));
	thread_yield();
}

static void work_items(void)
{
	struct work work = { .fn = do_work };

	machine_new();
	CHECK(work_queue(&work, 1));
	CHECK(!work_queue(&work, 1));
	CHECK_EQ(ipis[1], 1);
	cpu_run(1);
	CHECK_EQ(worked, 2);
	CHECK_EQ(cpus[1].runq.worker->state, THREAD_WAITING);
}

static const struct unit_test tests[] = {
	UNIT_TEST(wakes),    UNIT_TEST(early_wakes), UNIT_TEST(sleepers),
	UNIT_TEST(slices),   UNIT_TEST(alarms),      UNIT_TEST(work_items),
};

UNIT_MAIN(tests)
