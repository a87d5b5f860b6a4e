// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tries to trace a process, and prints what comes of it: a name of an error, or "traced", and then
 * lets it go.
 *
 *   trace_try PID [TIMES]	after as many tries at itself, which are refused
 *   trace_try child		a child asks to be traced
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int show(int err)
{
	puts(err ? strerrorname_np(err) : "traced");
	return 0;
}

static int child_asks(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, __WALL) != pid || !WIFEXITED(status))
		return 1;
	return show(WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	pid_t pid = argc > 1 ? atoi(argv[1]) : 0;
	int times = argc > 2 ? atoi(argv[2]) : 0;

	if (argc > 1 && !strcmp(argv[1], "child"))
		return child_asks();
	while (times--) {
		if (!ptrace(PTRACE_SEIZE, getpid(), 0, 0) || errno != EPERM)
			return 2;
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, 0))
		return show(errno);
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, NULL, __WALL) != pid ||
	    ptrace(PTRACE_DETACH, pid, 0, 0))
		return 1;
	return show(0);
}
