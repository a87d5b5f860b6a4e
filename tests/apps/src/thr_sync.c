// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads contend for what pthreads has to offer: mutexes, condition variables, barriers,
 * readers-writer locks, semaphores, spin locks, once.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "threads.h"

#define THREADS 6
#define ROUNDS 2000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static long by_mutex, by_rwlock, by_spin, torn, onces, serial;

static void count_once(void)
{
	onces++;
}

static void *contend(void *arg)
{
	static long pair[2];

	(void)arg;
	pthread_once(&once, count_once);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		by_mutex++;
		pthread_mutex_unlock(&mutex);
		if (i % 8 == 0) {
			pthread_rwlock_wrlock(&rwlock);
			by_rwlock++;
			pair[0]++;
			pair[1]++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			if (pair[0] != pair[1])
				torn = 1;
		}
		pthread_rwlock_unlock(&rwlock);
		if (i % 16 == 0) {
			pthread_spin_lock(&spin);
			by_spin++;
			pthread_spin_unlock(&spin);
		}
	}
	for (int i = 0; i < 20; i++) {
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void show_contention(void)
{
	MUST(!pthread_barrier_init(&barrier, NULL, THREADS));
	MUST(!pthread_spin_init(&spin, 0));
	run(contend, THREADS);
	printf("mutex %ld, rwlock %ld, spin %ld, torn %ld, once %ld, serial %ld\n", by_mutex,
	       by_rwlock, by_spin, torn, onces, serial);
}

/* A queue of one place. */
static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static long place, taken;

static void put(long value)
{
	pthread_mutex_lock(&mutex);
	while (place)
		pthread_cond_wait(&empty, &mutex);
	place = value;
	pthread_cond_signal(&full);
	pthread_mutex_unlock(&mutex);
}

static long take(void)
{
	long value;

	pthread_mutex_lock(&mutex);
	while (!place)
		pthread_cond_wait(&full, &mutex);
	value = place;
	place = 0;
	pthread_cond_signal(&empty);
	pthread_mutex_unlock(&mutex);
	return value;
}

static void *produce_or_consume(void *arg)
{
	for (long i = 1; i <= 300; i++) {
		if ((long)arg % 2)
			put(i);
		else
			__atomic_fetch_add(&taken, take(), __ATOMIC_RELAXED);
	}
	return NULL;
}

/* All wait for one broadcast after the other. */
static long generation, woken;

static void *follow(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	for (long seen = 0; seen < 50;) {
		while (generation == seen)
			pthread_cond_wait(&full, &mutex);
		seen++;
		if (++woken == seen * (THREADS - 1))
			pthread_cond_signal(&empty);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void *lead(void *arg)
{
	if (arg)
		return follow(arg);
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 50; i++) {
		generation++;
		pthread_cond_broadcast(&full);
		while (woken < generation * (THREADS - 1))
			pthread_cond_wait(&empty, &mutex);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static sem_t ping, pong;

static void *play(void *arg)
{
	for (int i = 0; i < 500; i++) {
		sem_wait(arg ? &ping : &pong);
		sem_post(arg ? &pong : &ping);
	}
	return NULL;
}

static void *try_it(void *arg)
{
	struct timespec soon;

	(void)arg;
	clock_gettime(CLOCK_REALTIME, &soon);
	printf("trylock: %s\n", error_name(pthread_mutex_trylock(&mutex)));
	printf("timedlock: %s\n", error_name(pthread_mutex_timedlock(&mutex, &soon)));
	printf("tryrdlock: %s\n", error_name(pthread_rwlock_tryrdlock(&rwlock)));
	return NULL;
}

int main(void)
{
	show_contention();
	run(produce_or_consume, THREADS);
	printf("taken %ld\n", taken);
	run(lead, THREADS);
	printf("generation %ld, woken %ld\n", generation, woken);
	MUST(!sem_init(&ping, 0, 1) && !sem_init(&pong, 0, 0));
	run(play, 2);
	printf("ping-pong done\n");
	pthread_mutex_lock(&mutex);
	pthread_rwlock_wrlock(&rwlock);
	run(try_it, 1);
	return 0;
}
