// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command until it is about to make a system call, or has made it, and holds it there.
 *
 *   hold_at before|after CALL REQUEST COMMAND...
 *
 * CALL is a number; of ioctl(2), REQUEST is the one that counts, 0 of others. Prints "ready" when
 * the command is held, which it is until it is killed. Ends as the command does.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/traced.h"

static int is_call(pid_t pid, unsigned long call, unsigned long request)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, 0, &regs))
		die("PTRACE_GETREGS");
	return regs.orig_rax == call && (!request || regs.rsi == request);
}

/* Lets it run to the call. */
static void run_to(pid_t pid, int after, unsigned long call, unsigned long request)
{
	int inside = 0, status;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
			die("PTRACE_SYSCALL");
		if (!WIFSTOPPED(status))
			die("it ended before");
		if (WSTOPSIG(status) != SYSCALL_STOP)
			continue;
		inside = !inside;
		if (inside == !after && is_call(pid, call, request))
			return;
	}
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 5) {
		fprintf(stderr, "usage: hold_at before|after CALL REQUEST COMMAND...\n");
		return 2;
	}
	pid = spawn(argv + 4);
	run_to(pid, !strcmp(argv[1], "after"), strtoul(argv[2], NULL, 0),
	       strtoul(argv[3], NULL, 0));
	puts("ready");
	fflush(stdout);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
