// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flags of clone(2).
 */
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "fork.h"
#include "raw_call.h"

static pid_t parent_tid, child_tid;
static char stack[65536] __attribute__((aligned(16)));

static long do_clone(unsigned long flags)
{
	fflush(stdout);
	return syscall(SYS_clone, flags, NULL, &parent_tid, &child_tid, NULL);
}

static void test_ids(void)
{
	pid_t pid = (pid_t)do_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
				    CLONE_CHILD_CLEARTID | SIGCHLD);

	if (!pid)
		_exit(child_tid == getpid() ? 1 : 2);
	SHOW_TRUE(parent_tid == pid);
	SHOW_TRUE(child_tid == 0);
	reap(pid, "ids");
}

/* Without a signal that tells of its end only who asks for it waits for it. */
static void test_exit_signal(void)
{
	pid_t pid = (pid_t)do_clone(0);
	int status;

	if (!pid)
		_exit(2);
	MUST(pid > 0);
	SHOW(waitpid(pid, &status, 0));
	MUST(waitpid(pid, &status, __WALL) == pid);
	printf("exit status %d\n", WEXITSTATUS(status));
}

static int on_stack(void *arg)
{
	char here;

	return &here >= stack && &here < stack + sizeof(stack) ? *(int *)arg : 99;
}

static void test_stack(void)
{
	int arg = 8;

	fflush(stdout);
	reap(clone(on_stack, stack + sizeof(stack), SIGCHLD, &arg), "own stack");
	reap(clone(on_stack, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &arg),
	     "own stack, as vfork");
}

/* The brother of a process is a child of that one's parent, here this program. */
static void test_parent(unsigned long flags, const char *what)
{
	int fds[2], status;
	pid_t between, brother;

	MUST(!pipe(fds));
	between = fork_must();
	if (!between) {
		brother = (pid_t)raw_call2(SYS_clone, (long)(CLONE_PARENT | flags), 0);
		if (!brother)
			_exit(9);
		MUST(write(fds[1], &brother, sizeof(brother)) == sizeof(brother));
		MUST(waitpid(brother, &status, __WALL) == -1 && errno == ECHILD);
		_exit(3);
	}
	reap(between, what);
	MUST(read(fds[0], &brother, sizeof(brother)) == sizeof(brother) && brother > 0);
	reap(brother, "its brother");
	close(fds[0]);
	close(fds[1]);
}

/* A program that a brother executes, and processes that brothers make, are like any. */
static void test_brothers(void)
{
	pid_t between = fork_must();

	if (!between) {
		pid_t brother = (pid_t)do_clone(CLONE_PARENT);

		if (brother)
			_exit(brother > 0 ? 0 : 99);
		if (!do_clone(CLONE_PARENT))
			_exit(7);
		if (!fork())
			_exit(8);
		execl("/bin/sh", "sh", "-c", "exit 6", NULL);
	}
	for (int sum = 0, n = 0; n < 3; n++) {
		int status;

		MUST(wait(&status) > 0 && WIFEXITED(status));
		sum += WEXITSTATUS(status);
		if (n == 2)
			SHOW(sum);
	}
	SHOW(wait(NULL));
}

int main(void)
{
	test_ids();
	test_exit_signal();
	test_stack();
	test_parent(0, "with a brother");
	test_parent(SIGUSR1, "whose signal is the parent's");
	test_parent(CLONE_VFORK, "vfork");
	test_parent(CLONE_VM | CLONE_VFORK, "vfork, same memory");
	test_brothers();
	SHOW(do_clone(CLONE_SIGHAND | SIGCHLD));
	return 0;
}
