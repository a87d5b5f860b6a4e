/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting a command under ptrace(2).
 */
#ifndef TESTS_GUEST_TRACED_H
#define TESTS_GUEST_TRACED_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

/* The command, stopped before it is executed; its stops at system calls are SYSCALL_STOP. */
static pid_t spawn(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP))
			_exit(99);
		execvp(argv[0], argv);
		_exit(98);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("no stop at the start");
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
		   PTRACE_O_TRACEEXEC))
		die("PTRACE_SETOPTIONS");
	return pid;
}

#endif
