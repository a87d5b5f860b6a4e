// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command again and again and kills it at its first, second, ... stop before or behind
 * a system call, until it is left to end by itself. So a program meets its end in every state that
 * it can be found in from outside.
 *
 *   kill_at [-f FIRST] [-l LAST] COMMAND...
 *
 * Prints how many stops there were. Fails if the command, left alone, does.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/traced.h"

/* Lets it run to the next stop. Returns false at its end. */
static int next_stop(pid_t pid, int signal, int *status)
{
	if (ptrace(PTRACE_SYSCALL, pid, 0, signal))
		die("PTRACE_SYSCALL");
	if (waitpid(pid, status, 0) != pid)
		die("waitpid");
	return WIFSTOPPED(*status);
}

/* Returns true if it ended before stop @n, with its status. */
static int run(char **argv, unsigned long n, int *status)
{
	pid_t pid = spawn(argv);
	unsigned long stops = 0;
	int signal = 0;

	while (next_stop(pid, signal, status)) {
		signal = 0;
		if (WSTOPSIG(*status) == SYSCALL_STOP)
			stops++;
		else if (*status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			signal = WSTOPSIG(*status);
		if (stops < n)
			continue;
		if (kill(pid, SIGKILL) || waitpid(pid, status, 0) != pid)
			die("kill");
		if (!WIFSIGNALED(*status) || WTERMSIG(*status) != SIGKILL)
			die("it did not die of SIGKILL");
		return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long n = 1;
	unsigned long last = ~0UL;
	int status = 0;
	int c;

	while ((c = getopt(argc, argv, "+f:l:")) != -1) {
		if (c == 'f')
			n = strtoul(optarg, NULL, 0);
		else if (c == 'l')
			last = strtoul(optarg, NULL, 0);
		else
			return 2;
	}
	if (optind == argc) {
		fprintf(stderr, "usage: kill_at [-f FIRST] [-l LAST] COMMAND...\n");
		return 2;
	}
	for (; n <= last; n++)
		if (run(argv + optind, n, &status))
			break;
	printf("%lu stops\n", n - 1);
	return n <= last && status ? 1 : 0;
}
