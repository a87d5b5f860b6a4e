// SPDX-License-Identifier: GPL-2.0-only
/* Where threads run: sets of CPUs, and moves between them. */
#include "tests/unit/sched_fixture.h"

static void set(struct cpumask *mask, u32 a, u32 b)
{
	*mask = (struct cpumask){ 0 };
	cpumask_set(mask, a);
	cpumask_set(mask, b);
}

static void wakes_elsewhere(void)
{
	struct cpumask two;
	struct thread a;

	machine_new();
	user_fn = waiter;
	user_init(&a, "a", 1);
	thread_start(&a);
	cpu_run(1);
	CHECK(a.state == THREAD_WAITING && !cpus[1].runq.nrunnable);
	/* Its own CPU is idle. */
	thread_wake(&a);
	cpu_run(1);
	CHECK(!strcmp(record, "11") && loaded[1] == 1 && saved[1] == 2);
	/* Busy: then the other one of the node, which has to be told. */
	cpus[1].runq.nrunnable = 1;
	thread_wake(&a);
	CHECK(a.cpu == 0 && a.state == THREAD_RUNNABLE && cpus[0].runq.nrunnable == 1);
	cpu_run(0);
	CHECK(!strcmp(record, "110") && loaded[0] == 1);
	/* What it left in the processor of CPU 1 is old by now. */
	cpus[0].runq.nrunnable = 1;
	cpus[1].runq.nrunnable = 0;
	thread_wake(&a);
	cpu_run(1);
	CHECK(!strcmp(record, "1101") && loaded[1] == 2);
	/* The node is busy; then what is allowed. */
	cpus[1].runq.nrunnable = 1;
	set(&two, 1, 3);
	thread_set_allowed(&a, &two);
	shim_cpu.id = 3;
	thread_wake(&a);
	CHECK(!ipis[3]);
	shim_cpu.id = 0;
	cpu_run(3);
	CHECK(!strcmp(record, "11013"));
	/* All are busy: it stays, behind what is there. */
	cpus[3].runq.nrunnable = 1;
	thread_wake(&a);
	CHECK(a.cpu == 3 && ipis[3] == 1);
	cpu_run(3);
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		cpus[cpu].runq.nrunnable = 0;
	flag = true;
	thread_wake(&a);
	cpu_run(3);
	CHECK_EQ(nended, 1);
	check_counts();
}

/* The deadline comes on the CPU where it fell asleep. */
static void sleeps_and_moves(void)
{
	struct thread a;
	u64 ns = 300;

	machine_new();
	user_fn = sleep_for;
	user_init(&a, "a", 2);
	coroutines[a.arch.ksp].arg = &ns;
	thread_start(&a);
	cpu_run(2);
	cpus[2].runq.nrunnable = 1;
	pass_time(2, 300);
	CHECK(a.cpu == 3 && ipis[3] == 1 && list_empty(&cpus[2].runq.sleepers));
	cpus[2].runq.nrunnable = 0;
	cpu_run(3);
	CHECK(!strcmp(record, "3") && nended == 1);
	check_counts();
}

static void set_allowed(void)
{
	struct cpumask two, got;
	struct thread a, b;

	machine_new();
	user_fn = waiter;
	set(&two, 0, 1);
	user_init(&a, "a", 3);
	/* New. */
	thread_set_allowed(&a, &two);
	CHECK(a.cpu <= 1 && cpus[a.cpu].runq.nusers == 1 && !cpus[3].runq.nusers);
	thread_get_allowed(&a, &got);
	CHECK(!memcmp(&got, &two, sizeof(got)));
	/* In a queue. */
	thread_start(&a);
	pin(&a, 2);
	CHECK(a.cpu == 2 && a.queued && ipis[2] == 1);
	cpu_run(0);
	cpu_run(1);
	CHECK(!record[0]);
	cpu_run(2);
	/* Waiting: when it is woken. */
	pin(&a, 3);
	CHECK_EQ(a.cpu, 2);
	thread_wake(&a);
	CHECK_EQ(a.cpu, 3);
	cpu_run(3);
	CHECK(!strcmp(record, "23"));
	/* What it makes inherits. */
	pin(&a, 1);
	cpus[0].runq.current = &a;
	user_init(&b, "b", thread_pick_cpu());
	cpus[0].runq.current = NULL;
	CHECK(b.cpu == 1 && !memcmp(&b.allowed, &a.allowed, sizeof(a.allowed)));
	thread_destroy(&b);
	flag = true;
	thread_wake(&a);
	cpu_run(1);
	CHECK_EQ(nended, 1);
	check_counts();
}

/* A program in user mode that is told to go, twice. */
static void wanderer(void *arg)
{
	struct thread *self = arg;

	for (u32 i = 0; i < 3; i++) {
		CHECK(registers[shim_cpu.id] == self && self->cpu == shim_cpu.id);
		note((char)('0' + shim_cpu.id));
		shim_cpu.id ^= 2;
		pin(self, shim_cpu.id ^ 1);
		shim_cpu.id ^= 2;
		CHECK_EQ(ipis[shim_cpu.id], 1);
		(void)arch_irq_save();
		sched_preempt();
		arch_irq_enable();
		CHECK_EQ(self->cpu, shim_cpu.id);
	}
	thread_exit();
}

static void leaves_at_once(void)
{
	struct thread a;

	machine_new();
	user_fn = wanderer;
	user_init(&a, "a", 0);
	thread_start(&a);
	cpu_run(0);
	CHECK(!strcmp(record, "0") && ipis[3] == 1);
	cpu_run(3);
	cpu_run(0);
	CHECK(!strcmp(record, "030"));
	cpu_run(3);
	CHECK_EQ(nended, 1);
	check_counts();
}

static void idle_pulls(void)
{
	struct thread a, b, c;

	machine_new();
	user_fn = waiter;
	user_init(&a, "a", 0);
	user_init(&b, "b", 0);
	user_init(&c, "c", 0);
	pin(&a, 0);
	thread_start(&a);
	thread_start(&b);
	/* An idle CPU is told that there is more than one now. */
	CHECK_EQ(ipis[1], 1);
	thread_start(&c);
	cpu_run(2);
	CHECK(!strcmp(record, "22"));
	CHECK(a.cpu == 0 && b.cpu == 2 && c.cpu == 2);
	cpu_run(1);
	CHECK(!strcmp(record, "22"));
	cpu_run(0);
	CHECK(!strcmp(record, "220"));
	flag = true;
	thread_wake(&a);
	thread_wake(&b);
	thread_wake(&c);
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		cpu_run(cpu);
	CHECK_EQ(nended, 3);
	check_counts();
}

static void picks(void)
{
	struct cpumask some;
	struct thread a;

	machine_new();
	user_fn = waiter;
	CHECK_EQ(thread_pick_cpu(), 0);
	user_init(&a, "a", 0);
	CHECK_EQ(thread_pick_cpu(), 1);
	shim_cpu.id = 3;
	CHECK_EQ(thread_pick_cpu(), 2);
	shim_cpu.id = 0;
	set(&some, 0, 3);
	CHECK_EQ(thread_pick_cpu_among(&some), 3);
	thread_destroy(&a);
	check_counts();
}

static void unloads(void)
{
	struct vm vm = { .refs = 1 };
	struct thread a;

	machine_new();
	user_fn = waiter;
	user_init(&a, "a", 0);
	a.vm = &vm;
	thread_start(&a);
	cpu_run(0);
	pin(&a, 2);
	thread_wake(&a);
	cpu_run(2);
	/* Where it was its tables are loaded still, and are told of changes. */
	CHECK(cpus[0].runq.loaded == &vm && cpumask_test(&vm.cpus, 0) && cpumask_test(&vm.cpus, 2));
	flag = true;
	thread_wake(&a);
	cpu_run(2);
	CHECK(cpumask_test(&vm.cpus, 0) && !cpumask_test(&vm.cpus, 2));
	sched_unload_vm(&vm);
	CHECK(calls == 1 && !cpus[0].runq.loaded && !cpumask_test(&vm.cpus, 0));
}

/* Give a CPU a thread that computes, without running it. */
static void computes(struct thread *thread, const char *name, u32 cpu)
{
	struct runq *rq = &cpus[cpu].runq;

	user_init(thread, name, cpu);
	thread_start(thread);
	(void)arch_irq_save();
	spin_lock(&rq->lock);
	if (!rq->current)
		rq->current = queue_take(rq);
	spin_unlock(&rq->lock);
	arch_irq_enable();
}

/* A slice ends on @cpu after @ns. Return: who went elsewhere. */
static struct thread *slice_ends(u32 cpu, u64 ns)
{
	struct shim_cpu before = shim_cpu;
	struct runq *rq = &cpus[cpu].runq;
	struct thread *moved;

	now += ns;
	shim_cpu.id = cpu;
	shim_cpu.irqs_off = true;
	spin_lock(&rq->lock);
	moved = move_balance(rq, now);
	if (moved && moved == rq->current)
		rq->current = queue_take(rq);
	spin_unlock(&rq->lock);
	if (moved)
		move_attach(moved);
	shim_cpu = before;
	sched_check();
	return moved;
}

static void forget_all(void)
{
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		memset(&cpus[cpu].runq, 0, sizeof(cpus[cpu].runq));
}

/* Three threads on two CPUs: each has one for itself in turn. */
static void takes_turns_alone(void)
{
	struct thread *alone[6];
	struct thread a, b, c;
	u32 crowded = 0;

	machine_new();
	/* The other node has its own, as many. */
	cpus[2].runq.nrunnable = 2;
	cpus[3].runq.nrunnable = 2;
	computes(&c, "c", 1);
	computes(&a, "a", 0);
	computes(&b, "b", 0);
	/* Not for the first who waits for a moment. */
	CHECK(!slice_ends(0, SLICE_NS));
	for (u32 i = 0; i < ARRAY_SIZE(alone); i++) {
		CHECK(slice_ends(crowded, BALANCE_NS));
		CHECK(list_empty(&cpus[crowded].runq.ready));
		alone[i] = cpus[crowded].runq.current;
		crowded ^= 1;
		CHECK(cpus[crowded].runq.nrunnable == 2 && !list_empty(&cpus[crowded].runq.ready));
	}
	CHECK(alone[0] != alone[1] && alone[1] != alone[2] && alone[2] != alone[0]);
	for (u32 i = 0; i < 3; i++)
		CHECK(alone[i] == alone[i + 3]);
	/* Nobody goes to where a SCHED_FIFO thread may keep the CPU. */
	cpus[!crowded].runq.current->sched.policy = SCHED_FIFO;
	CHECK(!slice_ends(crowded, BALANCE_NS));
	forget_all();
}

static void stays(void)
{
	struct thread a, b, c;

	machine_new();
	computes(&a, "a", 0);
	computes(&b, "b", 0);
	computes(&c, "c", 0);
	/* All others have as many. */
	for (u32 cpu = 1; cpu < NCPUS; cpu++)
		cpus[cpu].runq.nrunnable = 3;
	CHECK(!slice_ends(0, BALANCE_NS));
	/* The other node has one fewer: it would have one more then. */
	cpus[3].runq.nrunnable = 2;
	CHECK(!slice_ends(0, BALANCE_NS));
	/* None may go. */
	pin(&a, 0);
	pin(&b, 0);
	pin(&c, 0);
	cpus[3].runq.nrunnable = 1;
	CHECK(!slice_ends(0, BALANCE_NS));
	/* One may, though it came last. */
	thread_all_cpus(&c.allowed);
	CHECK(slice_ends(0, BALANCE_NS) == &c && c.cpu == 3 && ipis[3] == 1);
	forget_all();
}

static const struct unit_test tests[] = {
	UNIT_TEST(wakes_elsewhere), UNIT_TEST(sleeps_and_moves), UNIT_TEST(set_allowed),
	UNIT_TEST(leaves_at_once),  UNIT_TEST(idle_pulls),       UNIT_TEST(picks),
	UNIT_TEST(unloads),         UNIT_TEST(takes_turns_alone), UNIT_TEST(stays),
};

UNIT_MAIN(tests)
