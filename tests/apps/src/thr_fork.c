// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and processes: each thread forks, spawns, waits; a child of a thread has that one only;
 * changes of user and directory reach all threads.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"

#define THREADS 3

extern char **environ;

static __thread int local;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int status_of(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void *return_it(void *arg)
{
	return arg;
}

/* The child has threads of its own. */
static int be_child(int n)
{
	pthread_t thread;
	void *result;

	if (local != n || syscall(SYS_gettid) != getpid())
		return 90;
	if (pthread_create(&thread, NULL, return_it, (void *)5L))
		return 91;
	pthread_join(thread, &result);
	return n + (int)(long)result;
}

static void *make_processes(void *arg)
{
	char *const argv[] = { "sh", "-c", "exit 9", NULL };
	long n = (long)arg, sum = 0;
	pid_t pid;

	local = (int)n;
	for (int i = 0; i < 2; i++) {
		pid = fork();
		MUST(pid >= 0);
		if (!pid)
			_exit(be_child((int)n));
		sum += status_of(pid);
	}
	MUST(!posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ));
	sum += status_of(pid);
	return (void *)sum;
}

/* Another thread allocates all the time, which is no reason to wait for a child. */
static int stop;

static void *allocate(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&mutex);
		free(memset(malloc(300000), 1, 300000));
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void *change(void *arg)
{
	MUST(!chdir("/"));
	umask(0123);
	if (!getuid())
		MUST(!setresuid(65534, 65534, 65534));
	return arg;
}

static void show_changes(void)
{
	char cwd[100];
	pthread_t thread;

	MUST(!pthread_create(&thread, NULL, change, NULL));
	MUST(!pthread_join(thread, NULL));
	printf("cwd %s, umask %o\n", getcwd(cwd, sizeof(cwd)), umask(0));
	SHOW_TRUE(geteuid() == 65534);
}

int main(void)
{
	pthread_t threads[THREADS], other;
	void *sum;

	MUST(!pthread_create(&other, NULL, allocate, NULL));
	for (long i = 0; i < THREADS; i++)
		MUST(!pthread_create(&threads[i], NULL, make_processes, (void *)i));
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_join(threads[i], &sum));
		printf("thread %d: %ld\n", i, (long)sum);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	MUST(!pthread_join(other, NULL));
	show_changes();
	return 0;
}
