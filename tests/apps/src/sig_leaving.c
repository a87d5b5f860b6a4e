// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal for the process that comes while the only thread that takes it ends: the thread's
 * handler has it, or it waits for another thread.
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define ROUNDS 25

static pthread_barrier_t both;
static int handled, leave;

static void handler(int number)
{
	(void)number;
	__atomic_fetch_add(&handled, 1, __ATOMIC_RELEASE);
}

static bool by_library;

/* The C library blocks all signals before. */
static void *end(void *set)
{
	MUST(!pthread_sigmask(SIG_UNBLOCK, set, NULL));
	pthread_barrier_wait(&both);
	while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE))
		continue;
	if (!by_library)
		syscall(SYS_exit, 0);
	return NULL;
}

static void send(int number)
{
	if (number == SIGUSR1)
		MUST(!kill(getpid(), number));
	else
		MUST(!sigqueue(getpid(), number, (union sigval){ 0 }));
}

/* Return: whether it is lost. */
static int round_of(sigset_t *set, int number)
{
	const struct timespec none = { 0 };
	pthread_t thread;
	int before = handled;

	leave = 0;
	MUST(!pthread_create(&thread, NULL, end, set));
	pthread_barrier_wait(&both);
	send(number);
	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	MUST(!pthread_join(thread, NULL));
	return handled == before && sigtimedwait(set, NULL, &none) != number;
}

int main(void)
{
	const int numbers[] = { SIGUSR1, SIGRTMIN };

	MUST(!pthread_barrier_init(&both, NULL, 2));
	for (size_t i = 0; i < 4; i++) {
		struct sigaction action = { .sa_handler = handler };
		sigset_t set;
		int lost = 0;

		sigemptyset(&set);
		by_library = i / 2;
		sigaddset(&set, numbers[i % 2]);
		MUST(!sigaction(numbers[i % 2], &action, NULL));
		MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
		for (int j = 0; j < ROUNDS; j++)
			lost += round_of(&set, numbers[i % 2]);
		printf("%s: %d lost\n", i % 2 ? "queued" : "sent", lost);
	}
	return 0;
}
