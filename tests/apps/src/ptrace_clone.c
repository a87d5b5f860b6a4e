// SPDX-License-Identifier: GPL-2.0-only
/*
 * CLONE_PTRACE: who is traced has its child traced by the same tracer, which did not ask for that.
 * CLONE_VFORK of threads: the tracer sees the thread made, and the wait for it over.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "fork.h"

/* The child's child, in memory that all share. */
static volatile pid_t *made;

/* Without a signal at its end, which would be one more stop. */
static void make(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
	int status;

	if (!pid)
		_exit(5);
	*made = pid;
	if (pid > 0 && waitpid(pid, &status, __WALL) == pid && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(1);
}

static void show_wait(const char *who, pid_t pid)
{
	int status;

	printf("%s: ", who);
	if (waitpid(pid, &status, __WALL) != pid)
		puts(error_name(errno));
	else if (WIFSTOPPED(status))
		printf("stopped by %d, event %d\n", WSTOPSIG(status), status >> 16);
	else
		printf("status %#x\n", status);
}

static void trace(const char *what, unsigned long flags, long options)
{
	pid_t pid;

	printf("%s\n", what);
	pid = fork_must();
	if (!pid) {
		MUST(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		make(flags);
	}
	show_wait("child", pid);
	MUST(!ptrace(PTRACE_SETOPTIONS, pid, NULL, options));
	MUST(!ptrace(PTRACE_CONT, pid, NULL, NULL));
	if (options) {
		unsigned long message;

		show_wait("child", pid);
		MUST(!ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message));
		*made = (pid_t)message;
		MUST(!ptrace(PTRACE_CONT, pid, NULL, NULL));
	} else if (flags & CLONE_PTRACE) {
		while (!*made)
			sched_yield();
	}
	if (flags & CLONE_PTRACE) {
		show_wait("its child", *made);
		MUST(!ptrace(PTRACE_CONT, *made, NULL, NULL));
		show_wait("its child", *made);
	}
	show_wait("child", pid);
	SHOW(waitpid(-1, NULL, __WALL | WNOHANG));
	*made = 0;
}

static void untraced(void)
{
	pid_t pid = fork_must();

	if (!pid)
		make(CLONE_PTRACE);
	reap(pid, "by one that is not traced");
}

static int leave(void *arg)
{
	(void)arg;
	syscall(SYS_exit, 0);
	return 0;
}

static void make_awaited(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	MUST(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	raise(SIGSTOP);
	clone(leave, stack + sizeof(stack),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_VFORK, NULL);
	_exit(3);
}

static void show_message(pid_t pid, pid_t thread)
{
	unsigned long message = 0;

	SHOW(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message));
	SHOW(message == (unsigned long)thread);
}

/* Return: the process, whose first thread waits for @thread, which is stopped. */
static pid_t trace_awaited(pid_t *thread)
{
	unsigned long message = 0;
	pid_t pid = fork_must();

	if (!pid)
		make_awaited();
	show_wait("process", pid);
	MUST(!ptrace(PTRACE_SETOPTIONS, pid, NULL,
		     PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACECLONE));
	MUST(!ptrace(PTRACE_CONT, pid, NULL, NULL));
	show_wait("process", pid);
	MUST(!ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message));
	*thread = (pid_t)message;
	show_wait("thread", *thread);
	MUST(!ptrace(PTRACE_CONT, pid, NULL, NULL));
	return pid;
}

static void awaited(void)
{
	pid_t thread, pid;

	puts("CLONE_VFORK, CLONE_THREAD");
	pid = trace_awaited(&thread);
	MUST(!ptrace(PTRACE_CONT, thread, NULL, NULL));
	show_wait("thread", thread);
	show_wait("process", pid);
	show_message(pid, thread);
	MUST(!ptrace(PTRACE_CONT, pid, NULL, NULL));
	show_wait("process", pid);

	puts("the one that waits is killed");
	pid = trace_awaited(&thread);
	MUST(!ptrace(PTRACE_KILL, pid, NULL, NULL));
	show_wait("thread", thread);
	show_wait("process", pid);
}

int main(void)
{
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(made != MAP_FAILED);
	trace("no flags", 0, 0);
	trace("CLONE_PTRACE", CLONE_PTRACE, 0);
	trace("CLONE_PTRACE, CLONE_UNTRACED", CLONE_PTRACE | CLONE_UNTRACED, 0);
	trace("CLONE_PTRACE, an event", CLONE_PTRACE, PTRACE_O_TRACECLONE);
	untraced();
	awaited();
	return 0;
}
