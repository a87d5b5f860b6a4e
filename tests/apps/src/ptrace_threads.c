// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads for a debugger: each adds to its own counter, one after the other. With an argument, a
 * process that waits to be attached to, and says when SIGUSR1 has come.
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "app.h"

#define THREADS 3

static volatile int counters[THREADS];

__attribute__((noinline)) void at_work(int n);

__attribute__((noinline)) void at_work(int n)
{
	counters[n] += n + 1;
}

static void *work(void *arg)
{
	at_work((int)(long)arg);
	return NULL;
}

static void on_signal(int sig)
{
	(void)sig;
	(void)!write(STDOUT_FILENO, "handled\n", 8);
}

/* Wait for a debugger for ever. */
static void wait_for_ever(void)
{
	signal(SIGUSR1, on_signal);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];

	(void)argv;
	if (argc > 1)
		wait_for_ever();
	for (long i = 0; i < THREADS; i++) {
		MUST(!pthread_create(&threads[i], NULL, work, (void *)i));
		MUST(!pthread_join(threads[i], NULL));
	}
	printf("%d %d %d\n", counters[0], counters[1], counters[2]);
	return 0;
}
