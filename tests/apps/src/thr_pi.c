// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutexes with priority inheritance: what pthreads makes of them, robust ones whose owners end,
 * and who runs when several threads of different priorities want one on one CPU.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"
#include "threads.h"

#define THREADS 4
#define ROUNDS 500
#define WAITERS 0x80000000U

static void init(pthread_mutex_t *mutex, int type, int robust, int pshared)
{
	pthread_mutexattr_t attr;

	MUST(!pthread_mutexattr_init(&attr));
	MUST(!pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	MUST(!pthread_mutexattr_settype(&attr, type));
	MUST(!pthread_mutexattr_setrobust(&attr, robust));
	MUST(!pthread_mutexattr_setpshared(&attr, pshared));
	printf("init: %d\n", pthread_mutex_init(mutex, &attr));
}

static void wait_for_waiter(pthread_mutex_t *mutex)
{
	while (!(__atomic_load_n((unsigned int *)&mutex->__data.__lock, __ATOMIC_RELAXED) &
		 WAITERS))
		sched_yield();
}

static const char *name(int err)
{
	return err ? error_name(err) : "0";
}

/* Contention, conditions */

static pthread_mutex_t mutex, other;
static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static long count, place, taken;

static void *contend(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		MUST(!pthread_mutex_lock(&mutex));
		count++;
		if (i % 16 == 0)
			sched_yield();
		MUST(!pthread_mutex_unlock(&mutex));
	}
	return NULL;
}

static void put(long value)
{
	pthread_mutex_lock(&mutex);
	while (place)
		pthread_cond_wait(&empty, &mutex);
	place = value;
	pthread_cond_signal(&full);
	pthread_mutex_unlock(&mutex);
}

static void take(void)
{
	pthread_mutex_lock(&mutex);
	while (!place)
		pthread_cond_wait(&full, &mutex);
	taken += place;
	place = 0;
	pthread_cond_signal(&empty);
	pthread_mutex_unlock(&mutex);
}

static void *produce_or_consume(void *arg)
{
	for (long i = 1; i <= 100; i++) {
		if ((long)arg % 2)
			put(i);
		else
			take();
	}
	return NULL;
}

static void *try_it(void *arg)
{
	struct timespec soon;

	(void)arg;
	printf("trylock: %s\n", name(pthread_mutex_trylock(&mutex)));
	clock_gettime(CLOCK_REALTIME, &soon);
	printf("timedlock: %s\n", name(pthread_mutex_timedlock(&mutex, &soon)));
	soon.tv_sec += soon.tv_nsec >= 990000000;
	soon.tv_nsec = (soon.tv_nsec + 10000000) % 1000000000;
	printf("timedlock soon: %s\n", name(pthread_mutex_timedlock(&mutex, &soon)));
	clock_gettime(CLOCK_MONOTONIC, &soon);
	printf("clocklock: %s\n", name(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &soon)));
	printf("unlock: %s\n", name(pthread_mutex_unlock(&mutex)));
	return NULL;
}

static void show_plain(void)
{
	pthread_t thread;

	init(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
	run(contend, THREADS);
	printf("count %ld\n", count);
	run(produce_or_consume, THREADS);
	printf("taken %ld\n", taken);
	init(&mutex, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
	printf("lock: %s\n", name(pthread_mutex_lock(&mutex)));
	printf("lock again: %s\n", name(pthread_mutex_lock(&mutex)));
	MUST(!pthread_create(&thread, NULL, try_it, NULL));
	MUST(!pthread_join(thread, NULL));
	printf("unlock: %s\n", name(pthread_mutex_unlock(&mutex)));
	printf("unlock again: %s\n", name(pthread_mutex_unlock(&mutex)));
}

/* Owners that end */

static void show_owner(const char *who, pthread_mutex_t *of)
{
	int err = pthread_mutex_lock(of);

	printf("%s: %s\n", who, name(err));
	if (err == EOWNERDEAD)
		printf("consistent: %s\n", name(pthread_mutex_consistent(of)));
	printf("unlock: %s\n", name(pthread_mutex_unlock(of)));
}

static void *lock_and_end(void *arg)
{
	MUST(!pthread_mutex_lock(arg));
	return NULL;
}

static void *wait_for_lock(void *arg)
{
	show_owner("who waited", arg);
	return NULL;
}

static void *hold_until_awaited(void *arg)
{
	pthread_t waiter;

	MUST(!pthread_mutex_lock(arg));
	MUST(!pthread_create(&waiter, NULL, wait_for_lock, arg));
	wait_for_waiter(arg);
	return (void *)waiter;
}

static void show_robust(void)
{
	static pthread_mutex_t robust;
	pthread_t thread;
	void *waiter;

	init(&robust, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
	MUST(!pthread_create(&thread, NULL, lock_and_end, &robust));
	MUST(!pthread_join(thread, NULL));
	show_owner("after a thread", &robust);
	MUST(!pthread_create(&thread, NULL, hold_until_awaited, &robust));
	MUST(!pthread_join(thread, &waiter));
	MUST(!pthread_join((pthread_t)waiter, NULL));
	show_owner("afterwards", &robust);
	MUST(!pthread_create(&thread, NULL, lock_and_end, &robust));
	MUST(!pthread_join(thread, NULL));
	printf("lock: %s\n", name(pthread_mutex_lock(&robust)));
	printf("unlock without more: %s\n", name(pthread_mutex_unlock(&robust)));
	printf("lock: %s\n", name(pthread_mutex_lock(&robust)));
}

static void show_processes(void)
{
	pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	MUST(shared != MAP_FAILED);
	init(shared, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
	pid = fork_must();
	if (!pid) {
		lock_and_end(shared);
		_exit(3);
	}
	reap(pid, "owner");
	show_owner("after a process", shared);
	/* The parent owns it, the child waits. */
	MUST(!pthread_mutex_lock(shared));
	pid = fork_must();
	if (!pid) {
		show_owner("a process that waited", shared);
		_exit(4);
	}
	wait_for_waiter(shared);
	MUST(!pthread_mutex_unlock(shared));
	reap(pid, "who waited");
	/* The child owns it when it ends, the parent waits. */
	pid = fork_must();
	if (!pid) {
		lock_and_end(shared);
		wait_for_waiter(shared);
		_exit(5);
	}
	while (!__atomic_load_n(&shared->__data.__lock, __ATOMIC_RELAXED))
		sched_yield();
	show_owner("parent", shared);
	reap(pid, "owner");
}

/* Priorities: all on one CPU, so who may run does. Nothing but futexes is used meanwhile. */

static char order[32];
static sem_t go[4], ready;

static void note(char what)
{
	order[strlen(order)] = what;
}

static void begin(int i, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	MUST(!sched_setscheduler(0, SCHED_FIFO, &param));
	sem_post(&ready);
	sem_wait(&go[i]);
}

/* It has a mutex, and is preempted with it. */
static void *low(void *arg)
{
	struct sched_param param;

	begin(0, 10);
	pthread_mutex_lock(arg);
	sem_post(&ready);
	note('l');
	pthread_mutex_unlock(arg);
	note('e');
	sched_getparam(0, &param);
	return (void *)(long)param.sched_priority;
}

static void *medium(void *arg)
{
	(void)arg;
	begin(1, 20);
	note('m');
	return NULL;
}

static void *high(void *arg)
{
	begin(2, 30);
	note('w');
	pthread_mutex_lock(arg);
	note('h');
	pthread_mutex_unlock(arg);
	return NULL;
}

/* It stands between low and high. */
static void *between(void *arg)
{
	begin(3, 15);
	pthread_mutex_lock(&other);
	sem_post(&ready);
	note('b');
	pthread_mutex_lock(arg);
	note('B');
	pthread_mutex_unlock(arg);
	pthread_mutex_unlock(&other);
	return NULL;
}

static void show_order(const char *what, pthread_mutex_t *of, bool chain)
{
	void *(*const fns[])(void *arg) = { low, medium, high, between };
	int n = chain ? 4 : 3;
	pthread_t threads[4];
	void *result;

	memset(order, 0, sizeof(order));
	for (int i = 0; i < n; i++) {
		MUST(!sem_init(&go[i], 0, 0));
		MUST(!pthread_create(&threads[i], NULL, fns[i],
				     chain && i == 2 ? &other : of));
		sem_wait(&ready);
	}
	sem_post(&go[0]);
	sem_wait(&ready);
	if (chain) {
		sem_post(&go[3]);
		sem_wait(&ready);
	}
	sem_post(&go[2]);
	sem_post(&go[1]);
	for (int i = 0; i < n; i++)
		MUST(!pthread_join(threads[i], i ? NULL : &result));
	printf("%s: %s, priority of low %ld\n", what, order, (long)result);
}

static void show_priorities(void)
{
	const struct sched_param param = { .sched_priority = 40 };
	static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
	cpu_set_t all, one;

	MUST(!sched_getaffinity(0, sizeof(all), &all));
	CPU_ZERO(&one);
	for (int i = CPU_SETSIZE - 1; i >= 0; i--) {
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &one);
			break;
		}
	}
	MUST(!sched_setaffinity(0, sizeof(one), &one));
	MUST(!sched_setscheduler(0, SCHED_FIFO, &param));
	MUST(!sem_init(&ready, 0, 0));
	init(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
	init(&other, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
	show_order("without inheritance", &plain, false);
	show_order("with inheritance", &mutex, false);
	show_order("by way of another", &mutex, true);
}

int main(void)
{
	show_plain();
	show_robust();
	show_processes();
	show_priorities();
	return 0;
}
