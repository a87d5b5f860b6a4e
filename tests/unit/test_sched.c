// SPDX-License-Identifier: GPL-2.0-only
/* The scheduler on one CPU: waits, wake-ups, deadlines, slices, deferred work. */
#include "tests/unit/sched_fixture.h"

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

static void slices(void)
{
	struct thread a = { .name = "a", .ended = on_ended };
	struct thread b = { .name = "b", .ended = on_ended };

	machine_new();
	user_fn = program;
	CHECK(!thread_init_user(&a, 1));
	CHECK_EQ(thread_pick_cpu(), 0);
	CHECK(!thread_init_user(&b, 1));
	pin(&a, 1);
	pin(&b, 1);
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
