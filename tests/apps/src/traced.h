/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Children that are traced, and what waiting for them says.
 */
#ifndef TRACED_H
#define TRACED_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

static inline void show_status(const char *what, int status)
{
	if (WIFEXITED(status))
		printf("%s: exited with %d\n", what, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("%s: killed by %d\n", what, WTERMSIG(status));
	else
		printf("%s: stopped by %#x\n", what, status >> 8);
}

static inline int wait_and_show(const char *what, pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, __WALL) != pid)
		show(what, -1);
	else
		show_status(what, status);
	return status;
}

/* A child that is traced, stops, and then does this. */
static inline pid_t start_traced(void (*child)(void))
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		_exit(99);
	raise(SIGSTOP);
	child();
	_exit(0);
}

#endif
