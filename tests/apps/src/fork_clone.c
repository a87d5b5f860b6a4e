// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flags of clone(2).
 */
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "fork.h"

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

int main(void)
{
	test_ids();
	test_exit_signal();
	test_stack();
	SHOW(do_clone(CLONE_SIGHAND | SIGCHLD));
	return 0;
}
