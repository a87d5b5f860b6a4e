// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has been waited for has ended: it changes nothing any more in memory that it shares, and the
 * locks that it held are marked, whatever ended it in the middle of computing.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fork.h"

#define ROUNDS 8
#define LOOKS 300

/**
 * struct shared - what parent and child have in common
 * @mutex:	a robust lock, which the child has
 * @count:	grows as long as the child runs
 */
struct shared {
	pthread_mutex_t mutex;
	unsigned long count;
};

static struct shared *shared;

static unsigned long count(void)
{
	return __atomic_load_n(&shared->count, __ATOMIC_ACQUIRE);
}

static void *compute(void *arg)
{
	/* After a call of Linux's it is known there that the thread computes. */
	MUST(!access("/", F_OK));
	for (;;)
		__atomic_fetch_add(&shared->count, 1, __ATOMIC_RELEASE);
	return arg;
}

static void init(void)
{
	pthread_mutexattr_t attr;

	memset(shared, 0, sizeof(*shared));
	pthread_mutexattr_init(&attr);
	MUST(!pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	MUST(!pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	MUST(!pthread_mutex_init(&shared->mutex, &attr));
}

static pid_t start_copy(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		MUST(!pthread_mutex_lock(&shared->mutex));
		compute(NULL);
	}
	return pid;
}

/* Its threads are ended by another one. */
static pid_t start_threads(void)
{
	pid_t pid = fork_must();
	pthread_t thread;

	if (!pid) {
		MUST(!pthread_create(&thread, NULL, compute, NULL));
		while (!count())
			sched_yield();
		_exit(0);
	}
	return pid;
}

static int compute_here(void *arg)
{
	compute(arg);
	return 0;
}

static pid_t start_sharer(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t pid = clone(compute_here, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	MUST(pid > 0);
	return pid;
}

static bool runs_still(void)
{
	unsigned long before = count();

	for (int i = 0; i < LOOKS; i++)
		sched_yield();
	return count() != before;
}

static void show_end(const char *what, pid_t (*start)(void), bool locks)
{
	int running = 0, unmarked = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid;

		init();
		pid = start();
		while (!count())
			sched_yield();
		MUST(start == start_threads || !kill(pid, SIGKILL));
		MUST(waitpid(pid, NULL, 0) == pid);
		running += runs_still();
		unmarked += locks && pthread_mutex_trylock(&shared->mutex) != EOWNERDEAD;
	}
	printf("%s: %d ran on, %d locks not marked\n", what, running, unmarked);
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	MUST(shared != MAP_FAILED);
	show_end("a copy", start_copy, true);
	show_end("threads", start_threads, false);
	show_end("the same memory", start_sharer, false);
	return 0;
}
