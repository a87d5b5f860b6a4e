// SPDX-License-Identifier: GPL-2.0-only
/* What sched_check() says of queues that are not sound: each mistake on its own. */
#include "tests/unit/sched_fixture.h"

static struct thread a, b, early, late;
static u64 soon = 500, later = 900;

/* Two programs that are ready on CPU 0, two threads that sleep there. */
static void begin(void)
{
	machine_new();
	CHECK(!thread_init_kernel(&early, 0, sleep_for, &soon));
	CHECK(!thread_init_kernel(&late, 0, sleep_for, &later));
	thread_start(&early);
	thread_start(&late);
	cpu_run(0);
	user_fn = program;
	user_init(&a, "a", 0);
	user_init(&b, "b", 0);
	pin(&a, 0);
	pin(&b, 0);
	a.sched.policy = SCHED_FIFO;
	a.sched.priority = 5;
	b.sched.policy = SCHED_FIFO;
	b.sched.priority = 3;
	thread_start(&a);
	thread_start(&b);
	sched_check();
}

/* A mistake: a field of a struct that gets a value. */
struct mistake {
	void *field;
	u64 len;
	u64 value;
	const char *says;
};

static void make(void *arg)
{
	const struct mistake *mistake = arg;

	memcpy(mistake->field, &mistake->value, mistake->len);
	sched_check();
}

#define MISTAKE(field, value, says) { &(field), sizeof(field), (u64)(value), says }

static void check_all(struct mistake *mistakes, u32 n)
{
	for (u32 i = 0; i < n; i++)
		CHECK(unit_panics(make, &mistakes[i], mistakes[i].says));
	sched_check();
}

static void ready(void)
{
	struct runq *rq = &cpus[0].runq;
	struct mistake mistakes[] = {
		MISTAKE(a.cpu, 1, "thread->cpu == cpu && thread->queued"),
		MISTAKE(b.queued, false, "thread->queued"),
		MISTAKE(rq->current, &a, "thread != rq->current"),
		MISTAKE(a.state, THREAD_WAITING, "thread->state == THREAD_RUNNABLE"),
		MISTAKE(a.allowed.words[0], 2, "cpumask_test(&thread->allowed, cpu)"),
		MISTAKE(rq->nrunnable, 1, "nusers <= READ_ONCE(rq->nrunnable)"),
		MISTAKE(rq->nusers, 1, "nusers <= READ_ONCE(rq->nusers)"),
		MISTAKE(b.sched.priority, 6, "queue_is_sorted(rq)"),
	};

	begin();
	check_all(mistakes, ARRAY_SIZE(mistakes));
}

static void sleepers(void)
{
	struct mistake mistakes[] = {
		MISTAKE(early.cpu, 1, "thread->cpu == cpu && !thread->queued"),
		MISTAKE(late.queued, true, "!thread->queued"),
		MISTAKE(early.state, THREAD_RUNNABLE, "thread->state == THREAD_WAITING"),
		MISTAKE(late.deadline_ns, 1, "thread->deadline_ns >= last"),
		MISTAKE(late.deadline_ns, THREAD_NO_DEADLINE, "THREAD_NO_DEADLINE"),
	};

	begin();
	check_all(mistakes, ARRAY_SIZE(mistakes));
}

static struct mistake current_mistakes[] = {
	MISTAKE(a.cpu, 2, "thread->cpu == cpu && !thread->queued"),
	MISTAKE(a.queued, true, "!thread->queued"),
	MISTAKE(a.state, THREAD_DEAD, "thread->state == THREAD_RUNNABLE ||"),
};

/* The one that runs looks itself, as threads do that return from a call. */
static void look(void *arg)
{
	CHECK(thread_current() == arg);
	check_all(current_mistakes, ARRAY_SIZE(current_mistakes));
	note('l');
	thread_exit();
}

static void running(void)
{
	machine_new();
	user_fn = look;
	user_init(&a, "a", 0);
	pin(&a, 0);
	thread_start(&a);
	cpu_run(0);
	CHECK(!strcmp(record, "l"));
}

static const struct unit_test tests[] = {
	UNIT_TEST(ready),
	UNIT_TEST(sleepers),
	UNIT_TEST(running),
};

UNIT_MAIN(tests)
