// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2) in a program of several threads: the others end, the caller becomes the first thread;
 * what cannot be executed leaves all as it was.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"

static int ready;

static void *wait_for_ever(void *arg)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
	return arg;
}

static void *spin_for_ever(void *arg)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("" ::: "memory");
	return arg;
}

static void *execute(void *arg)
{
	char pid[20];

	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < 2)
		sched_yield();
	SHOW(execl("/nowhere/at/all", "nowhere", NULL));
	SHOW_TRUE(ready == 2);
	fflush(stdout);
	snprintf(pid, sizeof(pid), "%d", getpid());
	execl("/proc/self/exe", "again", arg, pid, NULL);
	return NULL;
}

/* The program that was executed. */
static int again(const char *pid)
{
	printf("executed\n");
	SHOW_TRUE(getpid() == atoi(pid));
	SHOW_TRUE(syscall(SYS_gettid) == getpid());
	return 5;
}

static void start(void *(*fn)(void *arg))
{
	pthread_t thread;

	MUST(!pthread_create(&thread, NULL, fn, "second"));
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc == 3)
		return again(argv[2]);
	for (int first = 0; first < 2; first++) {
		pid = fork_must();
		if (!pid) {
			start(wait_for_ever);
			start(spin_for_ever);
			if (first)
				execute("first");
			start(execute);
			for (;;)
				pause();
		}
		reap(pid, first ? "by the first thread" : "by another thread");
	}
	return 0;
}
