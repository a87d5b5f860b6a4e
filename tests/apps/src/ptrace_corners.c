// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracing where it meets something else: ignored signals over execve(2), children that nobody is
 * to see, masks, detaching inside stops, options of wait(2), breakpoints that are refused.
 */
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sched.h>

#include "traced.h"

#define CLONE_FLAGS (CLONE_UNTRACED | SIGCHLD)

static char *self;

static pid_t start(const char *what, void (*act)(void))
{
	printf("-- %s\n", what);
	fflush(stdout);
	return start_traced(act);
}

static void go_on(pid_t pid, int sig)
{
	show("cont", ptrace(PTRACE_CONT, pid, 0, sig));
}

static void nothing(void)
{
}

/* No status is asked for, so nobody says that the child has ended. */
static void no_status(void)
{
	pid_t pid = start("no status", nothing);

	SHOW_TRUE(waitpid(pid, NULL, WUNTRACED) == pid);
	go_on(pid, 0);
	wait_and_show("end", pid);
}

static void bad_options(void)
{
	pid_t pid = start("options", nothing);
	siginfo_t info;
	int status;

	SHOW(waitpid(pid, &status, 0x10000));
	SHOW(waitid(P_PID, pid, &info, WNOHANG));
	SHOW(waitid(P_PID, pid, &info, 0x10000 | WEXITED));
	wait_and_show("stop", pid);
	go_on(pid, 0);
	wait_and_show("end", pid);
}

static void execute(void)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_DFL);
	execl(self, self, "ignored", NULL);
}

static void ignored_over_exec(void)
{
	pid_t pid = start("ignored over execve", execute);

	wait_and_show("stop", pid);
	go_on(pid, 0);
	wait_and_show("executed", pid);
	go_on(pid, 0);
	wait_and_show("end", pid);
}

static int say_ignored(void)
{
	struct sigaction one, two;

	MUST(!sigaction(SIGUSR1, NULL, &one) && !sigaction(SIGUSR2, NULL, &two));
	return (one.sa_handler == SIG_IGN) + 2 * (two.sa_handler == SIG_IGN);
}

static void make_untraced(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FLAGS, 0, 0, 0, 0);
	int status = 0;

	if (!pid)
		_exit(3);
	_exit(waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 98);
}

static void untraced_child(void)
{
	pid_t pid = start("CLONE_UNTRACED", make_untraced);

	wait_and_show("stop", pid);
	show("options", ptrace(PTRACE_SETOPTIONS, pid, 0,
			       PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE));
	go_on(pid, 0);
	wait_and_show("end, or SIGCHLD", pid);
	go_on(pid, 0);
	wait_and_show("end", pid);
}

static void ignore_children(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (!pid)
		_exit(0);
	/* It is no zombie, but gone. */
	_exit(waitpid(pid, NULL, 0) < 0 && errno == ECHILD ? 0 : 96);
}

static void ignored_children(void)
{
	pid_t pid = start("children of a traced one", ignore_children);
	int status = 0;

	wait_and_show("stop", pid);
	do
		MUST(!ptrace(PTRACE_CONT, pid, 0, 0));
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	show("end", status);
}

static void send_blocked(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGSTOP);
	for (;;)
		pause();
}

/* What the tracer unblocks comes, though it was blocked when it was sent. */
static void unblocked(void)
{
	pid_t pid = start("mask", send_blocked);
	unsigned long mask = 0;

	wait_and_show("stop", pid);
	go_on(pid, 0);
	wait_and_show("blocks", pid);
	SHOW(kill(pid, SIGUSR1));
	show("mask", ptrace(PTRACE_SETSIGMASK, pid, sizeof(mask), &mask));
	go_on(pid, 0);
	wait_and_show("unblocked", pid);
	go_on(pid, SIGKILL);
	wait_and_show("end", pid);
}

static pid_t start_reader(const char *what, int *end)
{
	int ends[2];
	char byte;
	pid_t pid;

	printf("-- %s\n", what);
	fflush(stdout);
	MUST(!pipe(ends));
	pid = fork();
	if (!pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? byte : 98);
	}
	close(ends[0]);
	*end = ends[1];
	return pid;
}

static void finish(pid_t pid, int end, char byte)
{
	MUST(write(end, &byte, 1) == 1);
	close(end);
	wait_and_show("end", pid);
}

/* Who has been let go may be traced anew at once. */
static void again(void)
{
	int end;
	pid_t pid = start_reader("detached and seized", &end);

	for (int i = 0; i < 3; i++) {
		show("seize", ptrace(PTRACE_SEIZE, pid, 0, 0));
		show("interrupt", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
		wait_and_show("seized", pid);
		show("detach", ptrace(PTRACE_DETACH, pid, 0, 0));
	}
	finish(pid, end, 7);
}

/* Whom its tracer left in a group stop SIGCONT wakes. */
static void left_stopped(void)
{
	int end;
	pid_t pid = start_reader("left in a group stop", &end);

	show("seize", ptrace(PTRACE_SEIZE, pid, 0, 0));
	SHOW(kill(pid, SIGSTOP));
	wait_and_show("signal", pid);
	go_on(pid, SIGSTOP);
	wait_and_show("group stop", pid);
	show("detach", ptrace(PTRACE_DETACH, pid, 0, 0));
	SHOW(kill(pid, SIGCONT));
	finish(pid, end, 8);
}

static long poke_debug(pid_t pid, int n, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg) + n * 8, value);
}

static void breakpoints(void)
{
	pid_t pid = start("breakpoints", nothing);
	static long target[2];
	unsigned long at = (unsigned long)target;

	wait_and_show("stop", pid);
	show("odd address", poke_debug(pid, 0, at + 1));
	show("one byte", poke_debug(pid, 7, 0x10001));
	show("off", poke_debug(pid, 7, 0));
	show("four bytes, odd address", poke_debug(pid, 7, 0xd0001));
	show("even address", poke_debug(pid, 0, at + 4));
	show("four bytes", poke_debug(pid, 7, 0xd0001));
	show("odd address in use", poke_debug(pid, 0, at + 2));
	show("off", poke_debug(pid, 7, 0));
	show("eight bytes", poke_debug(pid, 7, 0x90001));
	go_on(pid, 0);
	wait_and_show("end", pid);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		return say_ignored();
	no_status();
	bad_options();
	ignored_over_exec();
	untraced_child();
	ignored_children();
	unblocked();
	again();
	left_stopped();
	breakpoints();
	return 0;
}
