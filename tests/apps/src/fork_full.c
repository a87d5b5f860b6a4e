// SPDX-License-Identifier: GPL-2.0-only
/* fork(2) with all descriptors in use: by a child of such a process, by two threads at once. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#include "fork.h"

#define LIMIT 32
#define FORKS 8

static void fill(void)
{
	while (dup(0) >= 0)
		continue;
	SHOW(dup(0));
}

static rlim_t limit_now(void)
{
	struct rlimit limit;

	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	return limit.rlim_cur;
}

static void *fork_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < FORKS; i++) {
		int status;
		pid_t pid = fork();

		MUST(pid >= 0);
		if (!pid)
			_exit(limit_now() != LIMIT);
		MUST(waitpid(pid, &status, 0) == pid && !status);
	}
	return NULL;
}

static void fork_at_once(void)
{
	pthread_t thread;

	MUST(!pthread_create(&thread, NULL, fork_often, NULL));
	fork_often(NULL);
	MUST(!pthread_join(thread, NULL));
	SHOW(limit_now());
}

int main(void)
{
	struct rlimit limit;
	pid_t pid;

	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = LIMIT;
	MUST(!setrlimit(RLIMIT_NOFILE, &limit));
	fill();
	pid = fork_must();
	if (!pid) {
		SHOW(dup(0));
		pid = fork_must();
		if (!pid)
			_exit(3);
		reap(pid, "grandchild");
		fflush(stdout);
		_exit(4);
	}
	reap(pid, "child");
	fork_at_once();
	/* None is left behind, nor beyond the limit. */
	fill();
	for (int fd = LIMIT; fd < 2 * LIMIT; fd++)
		MUST(fcntl(fd, F_GETFD) < 0);
	SHOW(close(LIMIT - 1));
	SHOW(dup(0));
	SHOW(limit_now());
	return 0;
}
