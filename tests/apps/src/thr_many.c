// SPDX-License-Identifier: GPL-2.0-only
/*
 * thr_many N [default]: as many threads at once, with small stacks, or with those that they get by
 * default, which are of 8 MiB each.
 */
#include <pthread.h>
#include <semaphore.h>

#include "app.h"

static sem_t go;
static long at_once;

static void *wait_and_end(void *arg)
{
	__atomic_fetch_add(&at_once, 1, __ATOMIC_RELAXED);
	while (sem_wait(&go))
		continue;
	return arg;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 100;
	pthread_t *threads = calloc((size_t)n, sizeof(*threads));
	pthread_attr_t attr;
	long sum = 0;
	void *result;

	MUST(threads && !sem_init(&go, 0, 0));
	pthread_attr_init(&attr);
	if (argc < 3)
		pthread_attr_setstacksize(&attr, 65536);
	for (long i = 0; i < n; i++)
		MUST(!pthread_create(&threads[i], &attr, wait_and_end, (void *)i));
	for (long i = 0; i < n; i++)
		sem_post(&go);
	for (long i = 0; i < n; i++) {
		MUST(!pthread_join(threads[i], &result));
		sum += (long)result;
	}
	printf("%ld threads, sum %ld\n", at_once, sum);
	return 0;
}
