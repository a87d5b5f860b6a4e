// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a debugger on another side of a connection looks at: threads that are all there, a value
 * that changes once, a number in a vector register, a signal. ptrace_debuggee [FILE]: there it says
 * what came of it, and whoever reads that reads its end.
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "app.h"

#define WORKERS 2

static volatile int total;
static volatile sig_atomic_t handled;
static pthread_barrier_t all_there, end;

__attribute__((noinline)) double half(double value);
__attribute__((noinline)) void at_work(int n);

__attribute__((noinline)) double half(double value)
{
	return value / 2;
}

__attribute__((noinline)) void at_work(int n)
{
	total += n;
}

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void *work(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&all_there);
	pthread_barrier_wait(&end);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t workers[WORKERS];
	FILE *out = argc > 1 ? fopen(argv[1], "w") : stdout;
	double result;

	MUST(out != NULL);
	signal(SIGUSR1, on_signal);
	pthread_barrier_init(&all_there, NULL, WORKERS + 1);
	pthread_barrier_init(&end, NULL, WORKERS + 1);
	for (int i = 0; i < WORKERS; i++)
		MUST(!pthread_create(&workers[i], NULL, work, NULL));
	pthread_barrier_wait(&all_there);
	at_work(20);
	result = half(7);
	raise(SIGUSR1);
	pthread_barrier_wait(&end);
	for (int i = 0; i < WORKERS; i++)
		MUST(!pthread_join(workers[i], NULL));
	fprintf(out, "total %d, half %.2f, handled %d\n", total, result, handled);
	return fclose(out) ? 1 : 5;
}
