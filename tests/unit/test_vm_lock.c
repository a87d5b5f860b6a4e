// SPDX-License-Identifier: GPL-2.0-only
/* The lock of an address space, whose waiters sleep: exclusion, and that none sleeps on. */
#include "lwk/include/mm/vm_lock.h"

#include <pthread.h>

#include "lwk/include/core/time.h"
#include "lwk/include/sched/thread.h"
#include "lwk/mm/internal.h"
#include "tests/unit/unit.h"

#define CPUS 4
#define ROUNDS 20000

static struct thread threads[CPUS];
static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t state_changed = PTHREAD_COND_INITIALIZER;
/* A thread waits awake for so many looks, then others want its CPU. */
static u32 looks_awake;

struct thread *thread_current(void)
{
	return &threads[arch_cpu_id()];
}

bool thread_should_yield(void)
{
	static _Thread_local u32 looks;

	if (++looks <= looks_awake)
		return false;
	looks = 0;
	return true;
}

u64 time_ns(void)
{
	return 1;
}

void thread_prepare_wait(void)
{
	__atomic_store_n(&thread_current()->state, THREAD_WAITING, __ATOMIC_SEQ_CST);
}

void thread_finish_wait(void)
{
	__atomic_store_n(&thread_current()->state, THREAD_RUNNABLE, __ATOMIC_RELAXED);
}

bool thread_wait(u64 deadline_ns)
{
	CHECK_EQ(deadline_ns, THREAD_NO_DEADLINE);
	CHECK(arch_irqs_enabled());
	pthread_mutex_lock(&state_lock);
	while (__atomic_load_n(&thread_current()->state, __ATOMIC_RELAXED) == THREAD_WAITING)
		pthread_cond_wait(&state_changed, &state_lock);
	pthread_mutex_unlock(&state_lock);
	return true;
}

void thread_wake(struct thread *thread)
{
	pthread_mutex_lock(&state_lock);
	__atomic_store_n(&thread->state, THREAD_RUNNABLE, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&state_changed);
	pthread_mutex_unlock(&state_lock);
}

static struct vm_lock lock;
/* Equal, but while a writer is inside. */
static u64 left, right;

static void init(u32 looks)
{
	page_topology.ncpus = CPUS;
	looks_awake = looks;
	vm_lock_init(&lock);
	left = 0;
	right = 0;
}

static void write_and_read(u32 cpu)
{
	u32 token;

	for (u32 i = 0; i < ROUNDS; i++) {
		if ((i + cpu) % 3) {
			token = vm_lock_read(&lock);
			CHECK_EQ(left, right);
			vm_unlock_read(&lock, token);
			continue;
		}
		vm_lock_write(&lock);
		CHECK_EQ(left++, right);
		CHECK_EQ(left, ++right);
		if (i % 2) {
			vm_unlock_write(&lock);
			continue;
		}
		token = vm_lock_downgrade(&lock);
		CHECK_EQ(left, right);
		vm_unlock_read(&lock, token);
	}
}

static void exclusion(void)
{
	for (u32 looks = 0; looks <= 20; looks += 10) {
		init(looks);
		unit_threads(CPUS, write_and_read);
		/* Of ROUNDS + cpu numbers in a row, those that three divides. */
		CHECK(left >= CPUS * (ROUNDS / 3) && left <= CPUS * (ROUNDS / 3 + 1));
		CHECK_EQ(left, right);
		CHECK_EQ(lock.nsleepers, 0);
		CHECK(list_empty(&lock.sleepers));
	}
}

/* Until so many of the others sleep. */
static void wait_for_sleepers(u32 count)
{
	while (__atomic_load_n(&lock.nsleepers, __ATOMIC_SEQ_CST) != count)
		arch_cpu_relax();
}

static void sleep_for_a_writer(u32 cpu)
{
	if (!cpu) {
		wait_for_sleepers(CPUS - 1);
		left = 1;
		vm_unlock_write(&lock);
		return;
	}
	if (cpu == 1) {
		vm_lock_write(&lock);
		CHECK_EQ(left, 1);
		vm_unlock_write(&lock);
		return;
	}
	vm_unlock_read(&lock, vm_lock_read(&lock));
	CHECK_EQ(left, 1);
}

static void a_writer_wakes(void)
{
	init(0);
	vm_lock_write(&lock);
	unit_threads(CPUS, sleep_for_a_writer);
	CHECK_EQ(lock.nsleepers, 0);
}

static u32 held;

/* A writer waits for the readers, and others for the writer, whom a third lets in. */
static void sleep_for_readers(u32 cpu)
{
	if (!cpu) {
		wait_for_sleepers(CPUS - 1);
		CHECK_EQ(left, 0);
		vm_unlock_read(&lock, held);
		return;
	}
	if (cpu == 1) {
		vm_lock_write(&lock);
		left = 1;
		vm_unlock_write(&lock);
		return;
	}
	wait_for_sleepers(cpu - 1);
	vm_unlock_read(&lock, vm_lock_read(&lock));
	CHECK_EQ(left, 1);
}

static void the_last_reader_wakes(void)
{
	init(0);
	held = vm_lock_read(&lock);
	unit_threads(CPUS, sleep_for_readers);
	CHECK_EQ(lock.nsleepers, 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(exclusion),
	UNIT_TEST(a_writer_wakes),
	UNIT_TEST(the_last_reader_wakes),
};

UNIT_MAIN(tests)
