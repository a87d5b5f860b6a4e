/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Some threads that do the same at once; how they wait for each other, and block signals.
 */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "app.h"

#define MAX_THREADS 16

/* Call @fn in each of @n threads, with its number, from 0 on; return when all have. */
static inline void run(void *(*fn)(void *arg), int n)
{
	pthread_t threads[MAX_THREADS];

	MUST(n <= MAX_THREADS);
	for (long i = 0; i < n; i++)
		MUST(!pthread_create(&threads[i], NULL, fn, (void *)i));
	for (int i = 0; i < n; i++)
		MUST(!pthread_join(threads[i], NULL));
}

/* Signals do not end it. */
static inline void wait_sem(sem_t *sem)
{
	while (sem_wait(sem))
		continue;
}

/* SIG_BLOCK or SIG_UNBLOCK one signal for the calling thread. */
static inline void block(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	MUST(!pthread_sigmask(how, &set, NULL));
}

#endif
