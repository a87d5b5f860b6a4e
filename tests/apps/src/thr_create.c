// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads are made and joined: their results, stacks, thread-local storage, ids.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

#define THREADS 8

static __thread int local = 7;
static int shared;

static void *square(void *arg)
{
	long n = (long)arg;

	local += (int)n;
	__atomic_fetch_add(&shared, local, __ATOMIC_RELAXED);
	return (void *)(n * n);
}

static void show_results(void)
{
	pthread_t threads[THREADS];
	void *result;

	for (long i = 0; i < THREADS; i++)
		MUST(!pthread_create(&threads[i], NULL, square, (void *)i));
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_join(threads[i], &result));
		printf("thread %d: %ld\n", i, (long)result);
	}
	printf("sum %d, mine %d\n", shared, local);
}

/* What a thread finds out about its id. */
struct ids {
	pid_t pid, tid;
	int kill_self;
};

static void *get_ids(void *arg)
{
	struct ids *ids = arg;

	ids->pid = getpid();
	ids->tid = (pid_t)syscall(SYS_gettid);
	ids->kill_self = (int)syscall(SYS_tgkill, ids->pid, ids->tid, 0);
	return NULL;
}

static void show_ids(void)
{
	struct ids ids[2];
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		MUST(!pthread_create(&threads[i], NULL, get_ids, &ids[i]));
	for (int i = 0; i < 2; i++)
		MUST(!pthread_join(threads[i], NULL));
	SHOW_TRUE(ids[0].pid == getpid() && ids[1].pid == getpid());
	SHOW_TRUE(ids[0].tid != ids[1].tid && ids[0].tid != getpid());
	SHOW(ids[0].kill_self);
	SHOW_TRUE(syscall(SYS_gettid) == getpid());
}

static void *make_another(void *arg)
{
	long depth = (long)arg;
	pthread_t thread;
	void *result = NULL;

	if (!depth)
		return NULL;
	MUST(!pthread_create(&thread, NULL, make_another, (void *)(depth - 1)));
	MUST(!pthread_join(thread, &result));
	return (void *)((long)result + 1);
}

static void *return_it(void *arg)
{
	pthread_exit(arg);
}

int main(void)
{
	pthread_t thread;
	void *result;

	show_results();
	show_ids();
	printf("nested: %ld\n", (long)make_another((void *)10));
	for (long i = 0; i < 50; i++) {
		MUST(!pthread_create(&thread, NULL, return_it, (void *)i));
		MUST(!pthread_join(thread, &result));
		MUST((long)result == i);
	}
	/*
	 * Nobody waits for this one. It does not call pthread_exit(): a static program's unwinder
	 * aborts when exit() has taken its tables away.
	 */
	SHOW(pthread_create(&thread, NULL, make_another, NULL));
	SHOW(pthread_detach(thread));
	return 0;
}
