// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of signals, timers and limits a child inherits; signals between parent and child.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "fork.h"

static volatile sig_atomic_t count;

static void handler(int sig)
{
	(void)sig;
	count++;
}

static void in_child(void)
{
	struct sigaction action;
	struct itimerval timer;
	struct rlimit limit;
	sigset_t set;
	stack_t stack;

	SHOW_TRUE(sigpending(&set) == 0 && !sigismember(&set, SIGUSR1));
	SHOW_TRUE(sigprocmask(SIG_SETMASK, NULL, &set) == 0 && sigismember(&set, SIGUSR1));
	SHOW_TRUE(sigaction(SIGUSR2, NULL, &action) == 0 && action.sa_handler == handler);
	SHOW_TRUE(sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
	SHOW_TRUE(getitimer(ITIMER_REAL, &timer) == 0 && !timer.it_value.tv_sec);
	SHOW_TRUE(sigaltstack(NULL, &stack) == 0 && stack.ss_size == 65536);
	SHOW_TRUE(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur == 4 << 20);
	SHOW_TRUE(getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur == 1UL << 40);
	raise(SIGUSR2);
	SHOW_TRUE(count == 1);
	exit(0);
}

static void test_inherited(void)
{
	const struct itimerval timer = { .it_value.tv_sec = 1000 };
	const struct rlimit small = { 4 << 20, RLIM_INFINITY };
	const struct rlimit space = { 1UL << 40, RLIM_INFINITY };
	stack_t stack = { .ss_size = 65536, .ss_sp = malloc(65536) };
	sigset_t set;
	pid_t pid;

	signal(SIGUSR1, handler);
	signal(SIGUSR2, handler);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0);
	MUST(setitimer(ITIMER_REAL, &timer, NULL) == 0 && sigaltstack(&stack, NULL) == 0);
	MUST(setrlimit(RLIMIT_STACK, &small) == 0 && setrlimit(RLIMIT_AS, &space) == 0);
	pid = fork_must();
	if (!pid)
		in_child();
	reap(pid, "child");
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	printf("parent: %d signals\n", (int)count);
}

/* Parent and child send each other signals by turns. */
static void test_turns(void)
{
	pid_t parent = getpid(), pid;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, &old) == 0);
	count = 0;
	pid = fork_must();
	for (int i = 1; i <= 50; i++) {
		if (!pid)
			kill(parent, SIGUSR1);
		while (count < i)
			sigsuspend(&old);
		if (pid)
			kill(pid, SIGUSR1);
	}
	if (!pid)
		_exit(count);
	reap(pid, "turns");
	printf("parent: %d turns\n", (int)count);
}

/* A signal that comes while the child is being made is never lost. */
static void test_at_once(void)
{
	int status, lost = 0;
	pid_t pid;

	signal(SIGTERM, SIG_DFL);
	for (int i = 0; i < 30; i++) {
		pid = fork_must();
		if (!pid)
			for (;;)
				pause();
		MUST(kill(pid, i % 2 ? SIGTERM : SIGKILL) == 0);
		MUST(waitpid(pid, &status, 0) == pid);
		lost += !WIFSIGNALED(status);
	}
	printf("%d signals lost\n", lost);
}

/* A signal that was blocked for the fork comes to a child that makes no system call after it. */
static void test_spinning(void)
{
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	count = 0;
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	pid = fork_must();
	if (!pid) {
		MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
		while (!count)
			;
		_exit(count);
	}
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	MUST(kill(pid, SIGUSR1) == 0);
	reap(pid, "spinning");
}

int main(void)
{
	test_inherited();
	test_turns();
	test_at_once();
	test_spinning();
	return 0;
}
