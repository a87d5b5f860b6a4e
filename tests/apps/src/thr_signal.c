// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals and threads: those for one of them, those for the process, masks, waiting for them,
 * alternate stacks, calls that they interrupt.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

#define THREADS 4

static sem_t ready, go, handled;
static __thread int number, mine;
static int counts[THREADS + 1], on_stack;

static void count(int sig)
{
	(void)sig;
	mine++;
	counts[number]++;
	sem_post(&handled);
}

static void *take_signals(void *arg)
{
	number = (int)(long)arg;
	sem_post(&ready);
	wait_sem(&go);
	return (void *)(long)mine;
}

/* Each gets what is sent to it, and no other. */
static void show_directed(void)
{
	pthread_t threads[THREADS];
	void *result;

	for (long i = 0; i < THREADS; i++)
		MUST(!pthread_create(&threads[i], NULL, take_signals, (void *)(i + 1)));
	for (int i = 0; i < THREADS; i++)
		wait_sem(&ready);
	for (int i = 0; i < THREADS; i++) {
		for (int n = 0; n <= i; n++) {
			MUST(!pthread_kill(threads[i], SIGUSR1));
			wait_sem(&handled);
		}
	}
	for (int i = 0; i < THREADS; i++)
		sem_post(&go);
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_join(threads[i], &result));
		printf("thread %d took %ld, %d\n", i + 1, (long)result, counts[i + 1]);
	}
	printf("the first took %d\n", counts[0]);
}

static void *unblocked(void *arg)
{
	number = 1;
	block(SIG_UNBLOCK, SIGUSR2);
	sem_post(&ready);
	wait_sem(&go);
	return arg;
}

/* What is sent to the process goes to the one who does not block it. */
static void show_process(void)
{
	pthread_t thread;

	memset(counts, 0, sizeof(counts));
	block(SIG_BLOCK, SIGUSR2);
	MUST(!pthread_create(&thread, NULL, unblocked, NULL));
	wait_sem(&ready);
	for (int i = 0; i < 20; i++) {
		MUST(!kill(getpid(), SIGUSR2));
		wait_sem(&handled);
	}
	sem_post(&go);
	MUST(!pthread_join(thread, NULL));
	printf("process: first %d, other %d\n", counts[0], counts[1]);
	MUST(!kill(getpid(), SIGUSR2));
	printf("blocked: %d\n", counts[0]);
	block(SIG_UNBLOCK, SIGUSR2);
	printf("unblocked: %d\n", counts[0]);
}

/* All block it, one waits for it. */
static void *wait_for_it(void *arg)
{
	siginfo_t info;
	sigset_t set;
	long sum = 0;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	for (int i = 0; i < 10; i++) {
		sem_post(&ready);
		MUST(sigwaitinfo(&set, &info) == SIGRTMIN);
		sum += info.si_value.sival_int;
	}
	return (void *)sum;
}

static void show_sigwait(void)
{
	pthread_t thread;
	void *result;

	block(SIG_BLOCK, SIGRTMIN);
	MUST(!pthread_create(&thread, NULL, wait_for_it, NULL));
	for (int i = 1; i <= 10; i++) {
		wait_sem(&ready);
		MUST(!sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i }));
	}
	MUST(!pthread_join(thread, &result));
	printf("sigwait: %ld\n", (long)result);
}

static int ends[2], done;

static void *read_it(void *arg)
{
	char byte = 0;
	long ret;

	number = 2;
	sem_post(&ready);
	ret = read(ends[0], &byte, 1);
	printf("read: %ld %s\n", ret, ret < 0 ? error_name(errno) : "");
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	return arg;
}

/* The signal may come before the call: without SA_RESTART one follows the other until it ends. */
static void show_interrupted(int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };
	pthread_t thread;

	done = 0;
	MUST(!sigaction(SIGUSR1, &action, NULL) && !pipe(ends));
	MUST(!pthread_create(&thread, NULL, read_it, NULL));
	wait_sem(&ready);
	do {
		MUST(!pthread_kill(thread, SIGUSR1));
		/* The last of many may find it at its end. */
		if (flags)
			wait_sem(&handled);
	} while (!flags && !__atomic_load_n(&done, __ATOMIC_ACQUIRE));
	MUST(write(ends[1], "x", 1) == 1);
	MUST(!pthread_join(thread, NULL));
	close(ends[0]);
	close(ends[1]);
}

static void note_stack(int sig)
{
	stack_t stack;
	char here;

	(void)sig;
	MUST(!sigaltstack(NULL, &stack));
	on_stack = stack.ss_flags == SS_ONSTACK && &here >= (char *)stack.ss_sp &&
		   &here < (char *)stack.ss_sp + stack.ss_size;
}

static void *use_altstack(void *arg)
{
	stack_t old, stack = { .ss_sp = arg, .ss_size = 65536 };

	MUST(!sigaltstack(NULL, &old));
	printf("altstack of a new thread: %s\n", old.ss_flags == SS_DISABLE ? "none" : "one");
	MUST(!sigaltstack(&stack, NULL));
	MUST(!raise(SIGHUP));
	printf("handler on it: %d\n", on_stack);
	return NULL;
}

static void show_altstack(void)
{
	struct sigaction action = { .sa_handler = note_stack, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	pthread_t thread;

	MUST(!sigaltstack(&stack, NULL) && !sigaction(SIGHUP, &action, NULL));
	MUST(!pthread_create(&thread, NULL, use_altstack, malloc(65536)));
	MUST(!pthread_join(thread, NULL));
}

/* A handler, not SA_RESTART, in the middle of what nobody may interrupt. */
static void *lock_and_unlock(void *arg)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static long n;

	number = 3;
	for (int i = 0; i < 3000; i++) {
		pthread_mutex_lock(&mutex);
		n++;
		pthread_mutex_unlock(&mutex);
	}
	sem_post(&ready);
	wait_sem(&go);
	return arg ? NULL : (void *)n;
}

static void show_storm(void)
{
	pthread_t threads[2];
	void *n;

	for (int i = 0; i < 2; i++)
		MUST(!pthread_create(&threads[i], NULL, lock_and_unlock, NULL));
	for (int i = 0; i < 100; i++)
		MUST(!pthread_kill(threads[i % 2], SIGUSR1));
	for (int i = 0; i < 2; i++)
		wait_sem(&ready);
	sem_post(&go);
	sem_post(&go);
	for (int i = 0; i < 2; i++)
		MUST(!pthread_join(threads[i], &n));
	printf("storm: %ld\n", (long)n);
}

int main(void)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };

	MUST(!sem_init(&ready, 0, 0) && !sem_init(&go, 0, 0) && !sem_init(&handled, 0, 0));
	MUST(!sigaction(SIGUSR1, &action, NULL) && !sigaction(SIGUSR2, &action, NULL));
	show_directed();
	show_process();
	show_sigwait();
	show_interrupted(SA_RESTART);
	show_interrupted(0);
	show_altstack();
	show_storm();
	SHOW(syscall(SYS_tgkill, getpid(), getpid(), 65));
	SHOW(syscall(SYS_tgkill, getpid(), 1, 0));
	SHOW(syscall(SYS_tkill, -1, 0));
	return 0;
}
