// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stops of a traced child: signals, system calls, execve, fork, clone, exit, and what waits see
 * of them.
 */
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "traced.h"

/* Signals: one suppressed, one replaced by another, one let through. */
static volatile sig_atomic_t caught;

static void catch(int sig)
{
	caught = sig;
}

static void signals_child(void)
{
	signal(SIGUSR1, catch);
	signal(SIGUSR2, catch);
	raise(SIGUSR1);
	raise(SIGUSR1);
	if (caught != SIGUSR2)
		_exit(50);
	raise(SIGURG);
	raise(SIGTERM);
}

static void signals(void)
{
	pid_t pid = start_traced(signals_child);
	siginfo_t info;

	wait_and_show("signals, first", pid);
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("signals, usr1", pid);
	show("siginfo", ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
	printf("signal %d, code %d, own %d\n", info.si_signo, info.si_code, info.si_pid == pid);
	show("suppress", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("signals, usr1 again", pid);
	show("replace", ptrace(PTRACE_CONT, pid, 0, SIGUSR2));
	wait_and_show("signals, ignored", pid);
	show("let through", ptrace(PTRACE_CONT, pid, 0, SIGURG));
	wait_and_show("signals, term", pid);
	show("let through", ptrace(PTRACE_CONT, pid, 0, SIGTERM));
	wait_and_show("signals, end", pid);
	show("no more", waitpid(pid, NULL, 0));
}

/* System calls: numbers, arguments, results; one is changed, one left out. */
static void calls_child(void)
{
	syscall(SYS_close, 1000);
	syscall(SYS_close, 1001);
	_exit(syscall(SYS_getppid) == 42 ? 7 : 8);
}

static void next_call(pid_t pid, struct user_regs_struct *regs)
{
	show("syscall", ptrace(PTRACE_SYSCALL, pid, 0, 0));
	wait_and_show("calls", pid);
	show("regs", ptrace(PTRACE_GETREGS, pid, 0, regs));
	printf("number %lld, first %lld, result %lld\n", (long long)regs->orig_rax,
	       regs->orig_rax == SYS_close ? (long long)regs->rdi : 0,
	       (long long)regs->rax > 0 ? 1 : (long long)regs->rax);
}

static void calls(void)
{
	pid_t pid = start_traced(calls_child);
	struct user_regs_struct regs;

	wait_and_show("calls, first", pid);
	show("options", ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	do
		next_call(pid, &regs);
	while (regs.orig_rax != SYS_close);
	next_call(pid, &regs);
	/* Another call in the place of the second one. */
	next_call(pid, &regs);
	regs.orig_rax = SYS_sched_yield;
	show("change", ptrace(PTRACE_SETREGS, pid, 0, &regs));
	next_call(pid, &regs);
	/* None, with a result of its own. */
	next_call(pid, &regs);
	show("leave out", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L));
	show("syscall", ptrace(PTRACE_SYSCALL, pid, 0, 0));
	wait_and_show("calls, left out", pid);
	show("result", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), 42L));
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("calls, end", pid);
}

/* Events: fork, exec, exit. */
static void events_child(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(3);
	waitpid(pid, NULL, 0);
	execlp("true", "true", NULL);
}

static void message(const char *what, pid_t pid, pid_t is)
{
	unsigned long value = 0;

	show(what, ptrace(PTRACE_GETEVENTMSG, pid, 0, &value));
	printf("%s: message is %d\n", what, is ? value == (unsigned long)is : (int)value);
}

static void events(void)
{
	pid_t pid = start_traced(events_child), child;
	unsigned long value = 0;

	wait_and_show("events, first", pid);
	show("options", ptrace(PTRACE_SETOPTIONS, pid, 0,
			       PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT));
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("events, fork", pid);
	show("message", ptrace(PTRACE_GETEVENTMSG, pid, 0, &value));
	child = (pid_t)value;
	wait_and_show("events, child", child);
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	show("cont child", ptrace(PTRACE_CONT, child, 0, 0));
	wait_and_show("events, child exits", child);
	message("child", child, 0);
	show("cont child", ptrace(PTRACE_CONT, child, 0, 0));
	wait_and_show("events, child's end", child);
	wait_and_show("events, sigchld", pid);
	show("cont", ptrace(PTRACE_CONT, pid, 0, SIGCHLD));
	wait_and_show("events, exec", pid);
	message("exec", pid, pid);
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("events, exits", pid);
	message("exit", pid, 0);
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("events, end", pid);
}

/* Killed in a stop. */
static void killed(void)
{
	pid_t pid = start_traced(calls_child);

	wait_and_show("killed, first", pid);
	show("kill", kill(pid, SIGKILL));
	wait_and_show("killed, end", pid);
	show("gone", ptrace(PTRACE_CONT, pid, 0, 0));
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	signals();
	calls();
	events();
	killed();
	return 0;
}
