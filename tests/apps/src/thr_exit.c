// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process ends while its threads are in all kinds of places: by exit(), by a signal, by its
 * last thread; thr_exit HOW.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"

static int ends[2];
static int arrived;

static void arrive(void)
{
	__atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
}

static void *in_read(void *arg)
{
	char byte;

	arrive();
	MUST(read(ends[0], &byte, 1) == 1);
	return arg;
}

static void *in_poll(void *arg)
{
	struct pollfd fd = { .fd = ends[0], .events = POLLIN };

	arrive();
	poll(&fd, 1, -1);
	return arg;
}

static void *in_sleep(void *arg)
{
	arrive();
	sleep(1000);
	return arg;
}

static void *in_futex(void *arg)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&mutex);
	arrive();
	pthread_mutex_lock(&mutex);
	return arg;
}

static void *in_user(void *arg)
{
	arrive();
	for (;;)
		__asm__ volatile("" ::: "memory");
	return arg;
}

static void *in_calls(void *arg)
{
	arrive();
	for (;;)
		syscall(SYS_getppid);
	return arg;
}

static void *return_it(void *arg)
{
	return arg;
}

static void *in_creation(void *arg)
{
	pthread_t thread;

	arrive();
	for (;;) {
		if (!pthread_create(&thread, NULL, return_it, NULL))
			pthread_join(thread, NULL);
	}
	return arg;
}

static void start_all(void)
{
	static void *(*const places[])(void *arg) = { in_read,	in_poll,  in_sleep,   in_futex,
						      in_user,	in_calls, in_creation };
	const int n = sizeof(places) / sizeof(places[0]);
	pthread_t thread;

	MUST(!pipe(ends));
	for (int i = 0; i < n; i++)
		MUST(!pthread_create(&thread, NULL, places[i], NULL));
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < n)
		sched_yield();
}

static void *exit_with(void *arg)
{
	exit((int)(long)arg);
}

static void *kill_self(void *arg)
{
	raise(SIGKILL);
	return arg;
}

static void *fault(void *arg)
{
	*(volatile int *)arg = 1;
	return arg;
}

static void run(const char *what, void (*fn)(void))
{
	pid_t pid = fork_must();

	if (!pid) {
		fn();
		_exit(99);
	}
	reap(pid, what);
}

static void by_exit(void)
{
	start_all();
	exit(1);
}

static void by_thread(void)
{
	pthread_t thread;

	start_all();
	MUST(!pthread_create(&thread, NULL, exit_with, (void *)2));
	pause();
}

static void by_kill(void)
{
	pthread_t thread;

	start_all();
	MUST(!pthread_create(&thread, NULL, kill_self, NULL));
	pause();
}

static void by_fault(void)
{
	pthread_t thread;

	start_all();
	MUST(!pthread_create(&thread, NULL, fault, (void *)8));
	pause();
}

static void *end_last(void *arg)
{
	pthread_join(*(pthread_t *)arg, NULL);
	syscall(SYS_exit, 7);
	return NULL;
}

/* The status is that of the thread that ends last. */
static void by_last_thread(void)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	MUST(!pthread_create(&thread, NULL, end_last, &self));
	syscall(SYS_exit, 6);
}

static void by_pthread_exit(void)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	MUST(!pthread_create(&thread, NULL, end_last, &self));
	pthread_exit(NULL);
}

int main(void)
{
	run("exit", by_exit);
	run("exit of a thread", by_thread);
	run("kill", by_kill);
	run("fault", by_fault);
	run("last thread", by_last_thread);
	run("pthread_exit", by_pthread_exit);
	return 0;
}
