// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/self/task while threads come and go: it lists who is there, by ids that gettid(2) tells and
 * tgkill(2) takes, and never what is none.
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

#define N 8
#define ROUNDS 30

static pthread_barrier_t all;
static pid_t tids[N + 1];
static int over;

/* Return: how many there are. */
static int list(pid_t *ids, int most)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	MUST(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && n < most)
			ids[n++] = atoi(entry->d_name);
	closedir(dir);
	return n;
}

static bool has(const pid_t *ids, int n, pid_t id)
{
	for (int i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool is_same(const pid_t *ids, int n)
{
	if (n != N + 1)
		return false;
	for (int i = 0; i < n; i++)
		if (!has(ids, n, tids[i]))
			return false;
	return true;
}

static void *stay(void *arg)
{
	tids[(long)arg] = gettid();
	pthread_barrier_wait(&all);
	pthread_barrier_wait(&all);
	return arg;
}

static void show_standing(void)
{
	pthread_t threads[N];
	pid_t ids[2 * N];
	int n, taken = 0;

	MUST(!pthread_barrier_init(&all, NULL, N + 1));
	tids[N] = getpid();
	for (long i = 0; i < N; i++)
		MUST(!pthread_create(&threads[i], NULL, stay, (void *)i));
	pthread_barrier_wait(&all);
	n = list(ids, 2 * N);
	SHOW(n);
	SHOW(is_same(ids, n));
	for (int i = 0; i < n; i++)
		taken += !syscall(SYS_tgkill, getpid(), ids[i], 0);
	SHOW(taken);
	pthread_barrier_wait(&all);
	for (int i = 0; i < N; i++)
		MUST(!pthread_join(threads[i], NULL));
	/* A thread that is joined may be on its way still. */
	while (list(ids, 2 * N) != 1)
		usleep(1000);
	SHOW(ids[0] == getpid());
	for (int i = 0; i < N; i++)
		taken -= syscall(SYS_tgkill, getpid(), tids[i], 0) < 0 && errno == ESRCH;
	SHOW(taken);
}

static void *stay_on(void *arg)
{
	__atomic_store_n((pid_t *)arg, gettid(), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		usleep(100);
	return arg;
}

static void *go(void *arg)
{
	return arg;
}

static void *turn_over(void *arg)
{
	pthread_t thread;

	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		MUST(!pthread_create(&thread, NULL, go, NULL) && !pthread_join(thread, NULL));
	return arg;
}

/* Who stays is in each listing, once; others may have gone when they are looked at. */
static void show_moving(void)
{
	pthread_t standing, moving;
	int wrong = 0, missing = 0, twice = 0;
	pid_t ids[64], stays = 0;

	MUST(!pthread_create(&standing, NULL, stay_on, &stays));
	MUST(!pthread_create(&moving, NULL, turn_over, NULL));
	while (!__atomic_load_n(&stays, __ATOMIC_ACQUIRE))
		usleep(100);
	for (int i = 0; i < ROUNDS; i++) {
		int n = list(ids, 64);

		missing += !has(ids, n, stays) || !has(ids, n, getpid());
		for (int j = 0; j < n; j++) {
			twice += has(ids, j, ids[j]);
			wrong += syscall(SYS_tgkill, getpid(), ids[j], 0) && errno != ESRCH;
		}
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	MUST(!pthread_join(standing, NULL) && !pthread_join(moving, NULL));
	SHOW(missing);
	SHOW(twice);
	SHOW(wrong);
}

int main(void)
{
	puts("standing");
	show_standing();
	puts("moving");
	show_moving();
	return 0;
}
