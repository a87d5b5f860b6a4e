// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching to a process that runs, or waits in a call; seizing and interrupting it; letting it go;
 * and what is refused.
 */
#include <stdlib.h>

#include "traced.h"

/* A child that waits for a byte, and ends with it; or runs. */
static pid_t start(int *end, int runs)
{
	int ends[2];
	char byte = 1;
	pid_t pid;

	if (pipe(ends))
		exit(99);
	pid = fork();
	if (!pid) {
		close(ends[1]);
		while (runs)
			continue;
		_exit(read(ends[0], &byte, 1) == 1 ? byte : 98);
	}
	close(ends[0]);
	*end = ends[1];
	return pid;
}

static void finish(pid_t pid, int end, char byte)
{
	if (write(end, &byte, 1) != 1)
		show("write", -1);
	close(end);
	wait_and_show("end", pid);
}

static void attach(void)
{
	int end;
	pid_t pid = start(&end, 0);

	show("attach", ptrace(PTRACE_ATTACH, pid, 0, 0));
	show("attach again", ptrace(PTRACE_ATTACH, pid, 0, 0));
	wait_and_show("attached", pid);
	show("interrupt", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	show("cont, bad signal", ptrace(PTRACE_CONT, pid, 0, 1000));
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	show("cont, running", ptrace(PTRACE_CONT, pid, 0, 0));
	show("kill", kill(pid, SIGSTOP));
	wait_and_show("signal", pid);
	show("detach", ptrace(PTRACE_DETACH, pid, 0, 0));
	show("detach again", ptrace(PTRACE_DETACH, pid, 0, 0));
	finish(pid, end, 5);
}

static void seize(void)
{
	int end;
	pid_t pid = start(&end, 0);

	show("seize, address", ptrace(PTRACE_SEIZE, pid, 1, 0));
	show("seize, options", ptrace(PTRACE_SEIZE, pid, 0, 0x40000000));
	show("seize", ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
	show("interrupt", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	wait_and_show("seized", pid);
	show("options", ptrace(PTRACE_SETOPTIONS, pid, 0, 0x40000000));
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	show("stop", kill(pid, SIGSTOP));
	wait_and_show("signal", pid);
	show("let through", ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
	wait_and_show("group stop", pid);
	show("listen", ptrace(PTRACE_LISTEN, pid, 0, 0));
	show("nothing", waitpid(pid, NULL, WNOHANG | __WALL));
	show("go on", kill(pid, SIGCONT));
	wait_and_show("continued", pid);
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("signal", pid);
	show("cont", ptrace(PTRACE_CONT, pid, 0, SIGCONT));
	finish(pid, end, 6);
}

/* One that never makes a call. */
static void running(void)
{
	int end;
	pid_t pid = start(&end, 1);

	show("attach", ptrace(PTRACE_ATTACH, pid, 0, 0));
	wait_and_show("attached", pid);
	show("detach", ptrace(PTRACE_DETACH, pid, 0, SIGKILL));
	wait_and_show("killed", pid);
	close(end);
}

/* Its tracer ends: it goes on, or not. */
static void orphan(int options)
{
	int end;
	pid_t pid = start(&end, 0), tracer = fork();
	int status;

	if (!tracer) {
		if (ptrace(PTRACE_SEIZE, pid, 0, options) ||
		    ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, &status, __WALL) != pid)
			_exit(1);
		_exit(0);
	}
	wait_and_show("tracer", tracer);
	if (options)
		wait_and_show("killed with it", pid);
	else
		finish(pid, end, 7);
	close(end);
}

static void refused(void)
{
	show("attach, self", ptrace(PTRACE_ATTACH, getpid(), 0, 0));
	show("attach, nobody", ptrace(PTRACE_ATTACH, 999999999, 0, 0));
	show("cont, own parent", ptrace(PTRACE_CONT, getppid(), 0, 0));
	show("detach, nobody", ptrace(PTRACE_DETACH, 999999999, 0, 0));
	show("no request", ptrace((enum __ptrace_request)0x7777, getppid(), 0, 0));
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	attach();
	seize();
	running();
	orphan(0);
	orphan(PTRACE_O_EXITKILL);
	refused();
	return 0;
}
