// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal for the process while a thread that could have it is in a handler that blocks it:
 * another one takes it, at once, whatever it does. The handler waits for that.
 */
#include <unistd.h>

#include "threads.h"

#define TIMES 10

static sem_t ready, inside, taken;
static int ends[2], stop;
static __thread int number;
static int by[3];

static void take(int sig)
{
	(void)sig;
	__atomic_add_fetch(&by[number], 1, __ATOMIC_SEQ_CST);
	sem_post(&taken);
}

static void wait_for_other(int sig)
{
	(void)sig;
	sem_post(&inside);
	wait_sem(&taken);
}

/* No call that Linux serves is made in the handler: it is not to be told that way. */
static void *send(void *arg)
{
	for (int i = 0; i < TIMES; i++) {
		wait_sem(&inside);
		MUST(!kill(getpid(), SIGUSR2));
	}
	return arg;
}

static void start_sender(pthread_t *thread)
{
	block(SIG_BLOCK, SIGUSR2);
	MUST(!pthread_create(thread, NULL, send, NULL));
	block(SIG_UNBLOCK, SIGUSR2);
}

static void *wait_for_futex(void *arg)
{
	number = 1;
	sem_post(&ready);
	wait_sem(arg);
	return NULL;
}

static void *read_byte(void *arg)
{
	char byte;

	number = 1;
	sem_post(&ready);
	MUST(read(*(int *)arg, &byte, 1) == 1);
	return NULL;
}

static void *compute(void *arg)
{
	number = 1;
	sem_post(&ready);
	while (!__atomic_load_n((int *)arg, __ATOMIC_ACQUIRE))
		continue;
	return NULL;
}

static void say(const char *what)
{
	printf("%s: %d %d %d\n", what, by[0], by[1], by[2]);
	memset(by, 0, sizeof(by));
}

static void in_handler(const char *what, void *(*fn)(void *arg), void *arg)
{
	pthread_t thread, sender;
	sem_t *end = arg;

	start_sender(&sender);
	MUST(!pthread_create(&thread, NULL, fn, arg));
	wait_sem(&ready);
	for (int i = 0; i < TIMES; i++)
		MUST(!raise(SIGUSR1));
	MUST(!pthread_join(sender, NULL));
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	if (fn == read_byte)
		MUST(write(ends[1], "x", 1) == 1);
	if (fn == wait_for_futex)
		sem_post(end);
	MUST(!pthread_join(thread, NULL));
	say(what);
}

/* The first thread does not want it; the second one is in the handler, the third is free. */
static void *raise_it(void *arg)
{
	number = 2;
	block(SIG_UNBLOCK, SIGUSR2);
	for (int i = 0; i < TIMES; i++)
		MUST(!raise(SIGUSR1));
	return arg;
}

static void beside_the_first(sem_t *end)
{
	pthread_t handling, idle, sender;

	start_sender(&sender);
	MUST(!pthread_create(&idle, NULL, wait_for_futex, end));
	wait_sem(&ready);
	block(SIG_BLOCK, SIGUSR2);
	MUST(!pthread_create(&handling, NULL, raise_it, NULL));
	MUST(!pthread_join(handling, NULL) && !pthread_join(sender, NULL));
	sem_post(end);
	MUST(!pthread_join(idle, NULL));
	block(SIG_UNBLOCK, SIGUSR2);
	say("beside the first thread");
}

static sem_t sent, left;

static void leave_first(int sig)
{
	(void)sig;
	sem_post(&ready);
	wait_sem(&sent);
}

static void leave_last(int sig)
{
	(void)sig;
	sem_post(&ready);
	wait_sem(&left);
}

static void *handle(void *arg)
{
	number = *(int *)arg == SIGHUP ? 2 : 1;
	block(SIG_UNBLOCK, SIGUSR2);
	MUST(!raise(*(int *)arg));
	/* Sent is not taken yet. */
	if (number == 2)
		wait_sem(&taken);
	return NULL;
}

/* Nobody is free: it is for the one that leaves its handler first. */
static void first_to_leave(void)
{
	int signals[] = { SIGTERM, SIGHUP };
	pthread_t first, last;

	block(SIG_BLOCK, SIGUSR2);
	MUST(!pthread_create(&last, NULL, handle, &signals[0]));
	wait_sem(&ready);
	MUST(!pthread_create(&first, NULL, handle, &signals[1]));
	wait_sem(&ready);
	MUST(!kill(getpid(), SIGUSR2));
	sem_post(&sent);
	MUST(!pthread_join(first, NULL));
	sem_post(&left);
	MUST(!pthread_join(last, NULL));
	block(SIG_UNBLOCK, SIGUSR2);
	say("blocked by all");
}

static void set_handler(int sig, void (*handler)(int sig))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGUSR2);
	MUST(!sigaction(sig, &action, NULL));
}

int main(void)
{
	sem_t end;

	MUST(!sem_init(&ready, 0, 0) && !sem_init(&inside, 0, 0));
	MUST(!sem_init(&taken, 0, 0) && !sem_init(&end, 0, 0));
	MUST(!sem_init(&sent, 0, 0) && !sem_init(&left, 0, 0) && !pipe(ends));
	set_handler(SIGUSR1, wait_for_other);
	set_handler(SIGUSR2, take);
	set_handler(SIGHUP, leave_first);
	set_handler(SIGTERM, leave_last);
	in_handler("waits for a futex", wait_for_futex, &end);
	in_handler("waits for a pipe", read_byte, &ends[0]);
	stop = 0;
	in_handler("computes", compute, &stop);
	beside_the_first(&end);
	first_to_leave();
	return 0;
}
