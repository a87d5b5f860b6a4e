// SPDX-License-Identifier: GPL-2.0-only
/* Priority inheritance: who is boosted, along chains, and who comes next. */
#include <string.h>

#include "lwk/proc/pi.c"
#include "tests/unit/boost_fixture.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NTASKS 5

static struct task tasks[NTASKS];
static struct pi_waiter waiters[NTASKS];
static struct pi_state states[NTASKS];
static u32 woken;
static u64 saved;

void thread_wake(struct thread *thread)
{
	woken = (u32)(container_of(thread, struct task, thread) - tasks);
}

static void set_priority(u32 i, u32 priority)
{
	tasks[i].thread.given = (struct thread_sched){
		.policy = priority ? SCHED_FIFO : SCHED_OTHER,
		.priority = priority,
	};
	tasks[i].thread.sched = tasks[i].thread.given;
}

/* Task i has priority 10 * i, and futex i is its own. */
static void begin(void)
{
	pi_init();
	memset(tasks, 0, sizeof(tasks));
	memset(waiters, 0, sizeof(waiters));
	memset(states, 0, sizeof(states));
	for (u32 i = 0; i < NTASKS; i++) {
		list_init(&tasks[i].pi.held);
		set_priority(i, 10 * i);
		waiters[i].task = &tasks[i];
		list_init(&states[i].waiters);
	}
	saved = spin_lock_irqsave(&lock);
	for (u32 i = 0; i < NTASKS; i++)
		pi_attach_locked(&states[i], &(struct futex_key){ .offset = i }, &tasks[i]);
}

static void end(void)
{
	for (u32 i = 0; i < NTASKS; i++)
		pi_detach_locked(&states[i]);
	spin_unlock_irqrestore(&lock, saved);
}

static u32 priority(u32 i)
{
	return tasks[i].thread.sched.priority;
}

static int wait_for(u32 waiter, u32 state)
{
	return pi_wait_locked(&states[state], &waiters[waiter]);
}

static void one_owner(void)
{
	begin();
	CHECK(!wait_for(2, 0));
	CHECK_EQ(priority(0), 20);
	CHECK(!wait_for(3, 0));
	CHECK(!wait_for(1, 0));
	CHECK_EQ(priority(0), 30);
	CHECK(pi_best_locked(&states[0]) == &waiters[3]);
	pi_leave_locked(&waiters[3]);
	CHECK_EQ(priority(0), 20);
	pi_pass_locked(&states[0], false);
	CHECK(woken == 2 && waiters[2].granted && !tasks[2].pi.waiting);
	CHECK(states[0].owner == &tasks[2] && !states[0].orphan);
	CHECK(!priority(0) && priority(2) == 20);
	/* Who waits on is the new owner's. */
	CHECK(!wait_for(4, 0));
	CHECK(priority(2) == 40 && !priority(0));
	pi_pass_locked(&states[0], true);
	CHECK(woken == 4 && states[0].orphan && priority(2) == 20);
	pi_leave_locked(&waiters[1]);
	end();
}

/* 4 waits for 1, which waits for 2, which waits for 0. */
static void chain(void)
{
	begin();
	CHECK(!wait_for(2, 0));
	CHECK(!wait_for(1, 2));
	CHECK(priority(0) == 20 && priority(2) == 20);
	CHECK(!wait_for(4, 1));
	CHECK(priority(1) == 40 && priority(2) == 40 && priority(0) == 40);
	/* The order among those who wait changes with what is lent to them. */
	CHECK(!wait_for(3, 0));
	CHECK(pi_best_locked(&states[0]) == &waiters[2]);
	pi_leave_locked(&waiters[4]);
	CHECK(priority(1) == 10 && priority(2) == 20 && priority(0) == 30);
	CHECK(pi_best_locked(&states[0]) == &waiters[3]);
	pi_leave_locked(&waiters[3]);
	CHECK_EQ(priority(0), 20);
	pi_leave_locked(&waiters[1]);
	pi_leave_locked(&waiters[2]);
	CHECK(!priority(0));
	end();
}

static void deadlocks(void)
{
	begin();
	CHECK_EQ(wait_for(0, 0), -EDEADLK);
	CHECK(!wait_for(1, 0) && !wait_for(2, 1));
	CHECK_EQ(wait_for(0, 2), -EDEADLK);
	CHECK(!tasks[0].pi.waiting && list_empty(&states[2].waiters));
	pi_leave_locked(&waiters[2]);
	CHECK(!wait_for(0, 2));
	pi_leave_locked(&waiters[0]);
	pi_leave_locked(&waiters[1]);
	end();
}

static void new_policies(void)
{
	begin();
	CHECK(!wait_for(1, 0) && !wait_for(2, 1));
	CHECK_EQ(priority(0), 20);
	set_priority(2, 50);
	spin_unlock_irqrestore(&lock, saved);
	pi_sched_changed(&tasks[2]);
	pi_sched_changed(&tasks[4]);
	saved = spin_lock_irqsave(&lock);
	CHECK(priority(0) == 50 && priority(1) == 50);
	pi_leave_locked(&waiters[2]);
	pi_leave_locked(&waiters[1]);
	CHECK(!priority(0) && priority(1) == 10);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(one_owner),
	UNIT_TEST(chain),
	UNIT_TEST(deadlocks),
	UNIT_TEST(new_policies),
};

UNIT_MAIN(tests)
