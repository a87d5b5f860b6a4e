// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tries to trace a process, and prints what comes of it: a name of an error, or "traced", and then
 * lets it go.
 *
 *   trace_try PID
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	pid_t pid = argc == 2 ? atoi(argv[1]) : 0;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0)) {
		puts(strerrorname_np(errno));
		return 0;
	}
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, NULL, __WALL) != pid ||
	    ptrace(PTRACE_DETACH, pid, 0, 0))
		return 1;
	puts("traced");
	return 0;
}
