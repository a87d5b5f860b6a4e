/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The spare twins that mcexec -T N keeps ready. On the LWK each is shown by /proc/self/task, so
 * whether one became a new thread's twin can be told by its id.
 */
#ifndef SPARES_H
#define SPARES_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

#define MAX_SPARES 64

static int nspares;
static bool on_lwk;
static pid_t spares[MAX_SPARES];
static int nlisted;

static inline void *get_id(void *arg)
{
	*(pid_t *)arg = gettid();
	return arg;
}

/* Return: the id that it had. */
static inline pid_t make_thread(void)
{
	pthread_t thread;
	pid_t tid;

	MUST(!pthread_create(&thread, NULL, get_id, &tid));
	MUST(!pthread_join(thread, NULL));
	return tid;
}

static inline bool is_listed(pid_t tid)
{
	for (int i = 0; i < nlisted; i++)
		if (spares[i] == tid)
			return true;
	return false;
}

/* But for the caller: there is no other thread of the program's. */
static inline void list_spares(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;

	MUST(dir != NULL);
	nlisted = 0;
	while ((entry = readdir(dir)) != NULL) {
		pid_t tid = atoi(entry->d_name); /* 0: "." and ".." */

		if (tid && tid != gettid() && nlisted < MAX_SPARES)
			spares[nlisted++] = tid;
	}
	closedir(dir);
}

/* There are spares, and one like the caller has been taken: the others are like it, too. */
static inline void await_spares(void)
{
	pid_t tid;

	do {
		list_spares();
		tid = make_thread();
	} while (on_lwk && nspares && !is_listed(tid));
	do {
		list_spares();
	} while (on_lwk && nlisted < nspares);
}

/* @n: how many mcexec keeps ready. */
static inline void spares_begin(const char *n)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/mcos0/%d", getpid());
	on_lwk = !access(path, F_OK);
	nspares = atoi(n);
}

static inline void wait_for(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	if (status)
		printf("status %#x\n", status);
}

#endif
