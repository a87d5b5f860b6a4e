// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracers that end with a stopped tracee: one that was stepped last takes one more step, and has
 * a SIGTRAP of its own for it; one that was told to go on, or was let go, has none.
 */
#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "traced.h"

#define LOOPS 100000

/* Of the tracee, in memory that its parent sees. */
static volatile sig_atomic_t *traps;
static volatile sig_atomic_t told;

static void on_trap(int sig)
{
	(void)sig;
	++*traps;
}

static void on_told(int sig)
{
	(void)sig;
	told = 1;
}

/* Runs until it is told to end, and then for long enough to meet any further trap. */
static pid_t start(bool handler)
{
	const struct rlimit no_core = { 0, 0 };
	pid_t pid;

	*traps = 0;
	signal(SIGUSR1, on_told);
	if (handler)
		signal(SIGTRAP, on_trap);
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &no_core);
		while (!told)
			continue;
		for (volatile int n = 0; n < LOOPS; n++)
			continue;
		_exit(*traps);
	}
	signal(SIGUSR1, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	return pid;
}

static bool stop(pid_t pid)
{
	int status;

	return !ptrace(PTRACE_INTERRUPT, pid, 0, 0) && waitpid(pid, &status, __WALL) == pid;
}

static bool step(pid_t pid)
{
	int status;

	return !ptrace(PTRACE_SINGLESTEP, pid, 0, 0) && waitpid(pid, &status, __WALL) == pid;
}

enum last { STEPPED, WENT_ON, LET_GO };

static bool trace(pid_t pid, enum last last)
{
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) || !stop(pid))
		return false;
	for (int n = 0; n < 3; n++) {
		if (!step(pid))
			return false;
	}
	if (last == WENT_ON)
		return !ptrace(PTRACE_CONT, pid, 0, 0) && stop(pid);
	return last == STEPPED || !ptrace(PTRACE_DETACH, pid, 0, 0);
}

static void with(const char *what, bool handler, enum last last)
{
	pid_t pid = start(handler), tracer;

	printf("-- %s, %s handler\n", what, handler ? "a" : "no");
	tracer = fork();
	if (!tracer)
		_exit(trace(pid, last) ? 0 : 1);
	wait_and_show("tracer", tracer);
	/* A signal's handler that begins before the step is taken puts an end to it. */
	while (handler && last == STEPPED && !*traps)
		sched_yield();
	if (handler || last != STEPPED)
		kill(pid, SIGUSR1);
	wait_and_show("tracee", pid);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	traps = mmap(NULL, sizeof(*traps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (traps == MAP_FAILED)
		return 1;
	with("stepped", false, STEPPED);
	with("stepped", true, STEPPED);
	with("went on", false, WENT_ON);
	with("went on", true, WENT_ON);
	with("let go", false, LET_GO);
	with("let go", true, LET_GO);
	return 0;
}
