// SPDX-License-Identifier: GPL-2.0-only
/* Which thread runs: policies, priorities, weights. */
#include "tests/unit/sched_fixture.h"

static void user_init_policy(struct thread *thread, const char *name, u32 policy, u32 priority)
{
	const struct thread_sched sched = { .policy = policy, .priority = priority };

	CHECK(policy_is_sound(&sched));
	user_init(thread, name, 1);
	pin(thread, 1);
	thread_set_sched(thread, &sched);
}

/* Two programs on one CPU, of which a starts first. */
static void run_two(const char *want, u32 policy_a, u32 priority_a, u32 policy_b, u32 priority_b)
{
	struct thread a, b;

	memset(record, 0, sizeof(record));
	user_fn = program;
	user_init_policy(&a, "a", policy_a, priority_a);
	user_init_policy(&b, "b", policy_b, priority_b);
	thread_start(&a);
	thread_start(&b);
	cpu_run(1);
	if (strcmp(record, want))
		printf("# got %s, want %s\n", record, want);
	CHECK(!strcmp(record, want));
	check_counts();
}

static void policies(void)
{
	machine_new();
	run_two("aaabbb", SCHED_FIFO, 10, SCHED_OTHER, 0);
	run_two("bbbaaa", SCHED_OTHER, 0, SCHED_RR, 1);
	run_two("bbbaaa", SCHED_RR, 10, SCHED_FIFO, 11);
	run_two("aaabbb", SCHED_FIFO, 10, SCHED_FIFO, 10);
	run_two("aaabbb", SCHED_RR, 10, SCHED_RR, 10);
}

static void round_robin(void)
{
	machine_new();
	step_ns = RR_SLICE_NS;
	run_two("ababab", SCHED_RR, 10, SCHED_RR, 10);
	run_two("aaabbb", SCHED_FIFO, 10, SCHED_RR, 10);
	run_two("abbbaa", SCHED_RR, 10, SCHED_FIFO, 10);
}

/* A thread of the kernel that waits for what a program of less rank does, by yielding. */
static void gives_way(void *arg)
{
	(void)arg;
	note('k');
	thread_yield();
	note('K');
}

static void giving_way(void)
{
	struct thread kernel = { .name = "kernel", .ended = on_ended };
	struct thread a;

	machine_new();
	user_fn = program;
	CHECK(!thread_init_kernel(&kernel, 1, gives_way, NULL));
	user_init_policy(&a, "a", SCHED_FIFO, 99);
	thread_start(&a);
	thread_start(&kernel);
	cpu_run(1);
	/* For a slice, though it has none. */
	CHECK(!strcmp(record, "kaKaa"));
	check_counts();
}

static struct thread *deferred;

static void serves(void *arg)
{
	(void)arg;
	note('k');
}

/* A program in a long call: four steps are a slice. */
static void works_long(void *arg)
{
	struct thread *self = arg;

	for (u32 i = 0; i < 8; i++) {
		note(self->name[0]);
		pass_time(self->cpu, SLICE_NS / 4);
		if (i == 1)
			thread_start(deferred);
		thread_cond_resched();
	}
	thread_exit();
}

static void work_beside(const char *want, u32 policy, u32 priority)
{
	struct thread kernel = { .name = "kernel", .ended = on_ended };
	struct boot_monitor monitor = { .counter = 0 };
	struct thread a, b;

	memset(record, 0, sizeof(record));
	CHECK(!thread_init_kernel(&kernel, 1, serves, NULL));
	deferred = &kernel;
	user_fn = works_long;
	user_init_policy(&a, "a", policy, priority);
	user_fn = program;
	user_init_policy(&b, "b", SCHED_OTHER, 0);
	cpus[1].monitor = &monitor;
	thread_start(&a);
	thread_start(&b);
	cpu_run(1);
	cpus[1].monitor = NULL;
	if (strcmp(record, want))
		printf("# got %s, want %s\n", record, want);
	CHECK(!strcmp(record, want));
	CHECK(monitor.counter >= 8);
	check_counts();
}

/* Others have their turns, as they would if it were in user mode: no more, and no fewer. */
static void long_calls(void)
{
	machine_new();
	work_beside("aakaaaaaabbb", SCHED_FIFO, 1);
	/* Before it goes on after the kernel's, who has run least is next. */
	work_beside("aakbaaaabaab", SCHED_OTHER, 0);
}

static u32 turns[2];
static u64 counted_end;

static void counted(void *arg)
{
	struct thread *self = arg;

	while (now < counted_end) {
		turns[self->name[0] - 'a']++;
		pass_time(self->cpu, SLICE_NS);
		(void)arch_irq_save();
		sched_preempt();
		arch_irq_enable();
	}
	thread_exit();
}

static void share(u32 policy, s32 nice)
{
	const struct thread_sched sched = { .policy = policy, .nice = nice };
	struct thread a, b;

	user_fn = counted;
	user_init_policy(&a, "a", SCHED_OTHER, 0);
	user_init_policy(&b, "b", SCHED_OTHER, 0);
	thread_set_sched(&b, &sched);
	turns[0] = turns[1] = 0;
	counted_end = now + 2000 * SLICE_NS;
	thread_start(&a);
	thread_start(&b);
	cpu_run(1);
	CHECK(turns[0] + turns[1] == 2000);
}

/* Linux's weights: 1024 against 1024, 335, 15 and 3. */
static void shares(void)
{
	machine_new();
	share(SCHED_OTHER, 0);
	CHECK_EQ(turns[0], 1000);
	share(SCHED_BATCH, 0);
	CHECK_EQ(turns[0], 1000);
	share(SCHED_OTHER, 5);
	CHECK(turns[1] >= 492 && turns[1] <= 494);
	share(SCHED_OTHER, 19);
	CHECK(turns[1] >= 28 && turns[1] <= 30);
	share(SCHED_IDLE, 0);
	CHECK(turns[1] >= 5 && turns[1] <= 7);
}

static struct thread *sleeper;

/* Wakes the other one, which waits, in the middle of a slice. */
static void waker(void *arg)
{
	struct thread *self = arg;

	note(self->name[0]);
	thread_yield();
	pass_time(self->cpu, SLICE_NS / 2);
	flag = true;
	thread_wake(sleeper);
	(void)arch_irq_save();
	sched_preempt();
	arch_irq_enable();
	note(self->name[0]);
	thread_exit();
}

static void wake_up(const char *want, u32 policy)
{
	struct thread a, b;

	memset(record, 0, sizeof(record));
	flag = false;
	user_fn = waker;
	user_init_policy(&a, "a", SCHED_OTHER, 0);
	user_fn = waiter;
	user_init_policy(&b, "b", policy, 0);
	sleeper = &b;
	thread_start(&a);
	thread_start(&b);
	cpu_run(1);
	CHECK(!strcmp(record, want));
	check_counts();
}

static void preemption(void)
{
	machine_new();
	wake_up("a11a", SCHED_OTHER);
	wake_up("a1a1", SCHED_BATCH);
	wake_up("a1a1", SCHED_IDLE);
}

/* In a queue: it moves there. For children: what the flag says. */
static void changes(void)
{
	const struct thread_sched fifo = { SCHED_FIFO, -5, 1, true };
	struct thread_sched sched;
	struct thread a, b;

	machine_new();
	user_fn = program;
	user_init_policy(&a, "a", SCHED_OTHER, 0);
	user_init_policy(&b, "b", SCHED_OTHER, 0);
	thread_start(&a);
	thread_start(&b);
	thread_set_sched(&b, &fifo);
	thread_get_sched(&b, &sched);
	CHECK(!memcmp(&sched, &fifo, sizeof(sched)));
	cpu_run(1);
	CHECK(!strcmp(record, "bbbaaa"));
	cpus[0].runq.current = &b;
	user_init(&a, "a", 0);
	CHECK(a.sched.policy == SCHED_OTHER && !a.sched.priority && !a.sched.nice &&
	      !a.sched.reset_on_fork);
	cpus[0].runq.current = NULL;
	thread_destroy(&a);
	check_counts();
}

/* What others lend counts if it is better, and is neither told of nor inherited. */
static void boosts(void)
{
	const struct thread_sched fifo = { .policy = SCHED_FIFO, .priority = 5 };
	const struct thread_sched batch = { .policy = SCHED_BATCH, .nice = -3 };
	struct thread_sched sched;
	struct thread a, b;

	machine_new();
	user_fn = program;
	user_init_policy(&a, "a", SCHED_OTHER, 0);
	user_init_policy(&b, "b", SCHED_OTHER, 0);
	thread_start(&a);
	thread_start(&b);
	CHECK(thread_boost(&b, &fifo, &sched) && sched.priority == 5);
	CHECK(!thread_boost(&b, &fifo, &sched));
	thread_get_sched(&b, &sched);
	CHECK(sched.policy == SCHED_OTHER && !sched.priority);
	/* A new policy of its own does not end it. */
	thread_set_sched(&b, &batch);
	thread_get_boosted_sched(&b, &sched);
	CHECK(sched.policy == SCHED_FIFO && sched.priority == 5);
	cpu_run(1);
	CHECK(!strcmp(record, "bbbaaa"));
	user_init_policy(&a, "a", SCHED_FIFO, 9);
	CHECK(!thread_boost(&a, &fifo, &sched) && sched.priority == 9);
	CHECK(!thread_boost(&a, NULL, &sched));
	thread_set_sched(&a, &batch);
	CHECK(thread_boost(&a, &fifo, &sched));
	CHECK(thread_boost(&a, NULL, &sched) && sched.policy == SCHED_BATCH && sched.nice == -3);
	cpus[0].runq.current = &a;
	user_init(&b, "b", 0);
	CHECK(b.sched.policy == SCHED_BATCH && b.given.policy == SCHED_BATCH);
	cpus[0].runq.current = NULL;
	thread_destroy(&a);
	thread_destroy(&b);
	check_counts();
}

static const struct unit_test tests[] = {
	UNIT_TEST(policies),   UNIT_TEST(round_robin), UNIT_TEST(shares),
	UNIT_TEST(preemption), UNIT_TEST(changes),   UNIT_TEST(giving_way), UNIT_TEST(boosts),
	UNIT_TEST(long_calls),
};

UNIT_MAIN(tests)
