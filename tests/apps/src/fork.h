/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fork_*.c share.
 */
#ifndef FORK_H
#define FORK_H

#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

/* fork(), of a parent that has nothing to print left. */
static inline pid_t fork_must(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	return pid;
}

/* An id that no process has, as it was one's. */
static inline int free_id(void)
{
	pid_t pid = fork_must();

	if (!pid)
		_exit(0);
	MUST(waitpid(pid, NULL, 0) == pid);
	return pid;
}

/* Wait for a child, and say how it ended. */
static inline void reap(pid_t pid, const char *what)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		printf("%s: exit status %d\n", what, WEXITSTATUS(status));
	else
		printf("%s: signal %d\n", what, WTERMSIG(status));
}

#endif
