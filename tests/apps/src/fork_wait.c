// SPDX-License-Identifier: GPL-2.0-only
/*
 * How children end and what the ways of waiting say of it; orphans, groups, sessions.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/prctl.h>

#include "fork.h"

static void test_status(void)
{
	static const int codes[] = { 0, 1, 127, 255, 256 };
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGABRT };
	pid_t pid;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		pid = fork_must();
		if (!pid)
			_exit(codes[i]);
		reap(pid, "exit");
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid = fork_must();
		if (!pid) {
			signal(signals[i], SIG_DFL);
			raise(signals[i]);
			_exit(99);
		}
		reap(pid, "raise");
	}
	pid = fork_must();
	if (!pid)
		*(volatile int *)strtoul("16", NULL, 0) = 1;
	reap(pid, "fault");
}

static void test_options(void)
{
	struct rusage usage;
	siginfo_t info;
	int status, ends[2];
	char c;
	pid_t pid;

	SHOW(wait(&status));
	MUST(pipe(ends) == 0);
	pid = fork_must();
	if (!pid) {
		MUST(read(ends[0], &c, 1) == 1);
		_exit(5);
	}
	SHOW(waitpid(pid, &status, WNOHANG));
	MUST(kill(pid, SIGSTOP) == 0);
	MUST(waitpid(pid, &status, WUNTRACED) == pid);
	printf("stopped by %d\n", WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
	MUST(kill(pid, SIGCONT) == 0);
	MUST(waitpid(pid, &status, WCONTINUED) == pid);
	SHOW_TRUE(WIFCONTINUED(status));
	MUST(write(ends[1], "x", 1) == 1);
	MUST(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
	printf("code %d, status %d, right pid: %s\n", info.si_code, info.si_status,
	       info.si_pid == pid ? "yes" : "no");
	MUST(wait4(-1, &status, 0, &usage) == pid);
	printf("exit status %d\n", WEXITSTATUS(status));
	SHOW(waitpid(pid, &status, 0));
	SHOW(kill(pid, 0));
}

static volatile sig_atomic_t came, right_pid;
static volatile pid_t expected;

static void on_child(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	came = info->si_code;
	right_pid = info->si_pid == expected;
}

static void test_sigchld(void)
{
	struct sigaction action = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO };
	sigset_t block, old;

	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	MUST(sigaction(SIGCHLD, &action, NULL) == 0);
	MUST(sigprocmask(SIG_BLOCK, &block, &old) == 0);
	expected = fork_must();
	if (!expected)
		_exit(3);
	while (!came)
		sigsuspend(&old);
	printf("SIGCHLD: code %d, right pid: %d\n", (int)came, (int)right_pid);
	reap(expected, "told of");
	MUST(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
	signal(SIGCHLD, SIG_IGN);
	expected = fork_must();
	if (!expected)
		_exit(3);
	SHOW(waitpid(expected, NULL, 0));
	signal(SIGCHLD, SIG_DFL);
}

static void test_relations(void)
{
	pid_t parent = getpid(), pid, orphan;
	int status, ends[2];

	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe(ends) == 0);
	pid = fork_must();
	if (!pid) {
		SHOW_TRUE(getppid() == parent);
		SHOW_TRUE(getpid() != parent);
		SHOW_TRUE(getpgrp() == getpgid(parent));
		SHOW(setpgid(0, 0));
		SHOW_TRUE(getpgrp() == getpid());
		orphan = fork_must();
		if (!orphan) {
			char c;

			close(ends[1]);
			MUST(read(ends[0], &c, 1) == 0);
			_exit(getppid() == parent ? 1 : 2);
		}
		_exit(0);
	}
	reap(pid, "group leader");
	close(ends[1]);
	MUST(wait(&status) > 0);
	printf("orphan: %d\n", WEXITSTATUS(status));
	pid = fork_must();
	if (!pid) {
		SHOW_TRUE(setsid() == getpid());
		SHOW_TRUE(getsid(0) == getpid());
		_exit(0);
	}
	reap(pid, "session leader");
}

int main(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	test_status();
	test_options();
	test_sigchld();
	test_relations();
	return 0;
}
