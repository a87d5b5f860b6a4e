// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone(2) and clone3(2) themselves: a bare thread, and arguments that make no sense.
 */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define THREAD                                                                       \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

/* clone_args as long as Linux 5.7 has it, and longer. */
struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup, more[8];
};

static long do_clone3(struct args *args, size_t len)
{
	long ret = syscall(SYS_clone3, args, len);

	/* The child of a call that was to fail. */
	if (!ret)
		_exit(0);
	if (ret > 0) {
		waitpid((pid_t)ret, NULL, __WALL);
		return 1;
	}
	return ret;
}

static void show_lengths(void)
{
	struct args args = { .exit_signal = SIGCHLD };
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	SHOW(do_clone3(&args, 0));
	SHOW(do_clone3(&args, 63));
	SHOW(do_clone3(&args, 64));
	SHOW(do_clone3(&args, 88));
	SHOW(do_clone3(&args, sizeof(args)));
	args.more[7] = 1;
	SHOW(do_clone3(&args, sizeof(args)));
	SHOW(do_clone3(&args, 4097));
	SHOW(do_clone3(NULL, 64));
	MUST(page != MAP_FAILED && !munmap(page, 4096));
	SHOW(do_clone3((struct args *)page, 88));
}

static void show_one(const char *what, const struct args *args)
{
	struct args copy = *args;

	show(what, do_clone3(&copy, 88));
}

static void show_fields(void)
{
#define SHOW_ARGS(...) show_one(#__VA_ARGS__, &(struct args){ __VA_ARGS__ })
	SHOW_ARGS(.exit_signal = 65);
	SHOW_ARGS(.exit_signal = 0x100);
	SHOW_ARGS(.exit_signal = 64);
	SHOW_ARGS(.flags = SIGCHLD);
	SHOW_ARGS(.flags = 1ULL << 40);
	SHOW_ARGS(.flags = 0x00400000);
	SHOW_ARGS(.flags = THREAD, .exit_signal = SIGCHLD);
	SHOW_ARGS(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
	SHOW_ARGS(.stack = 4096);
	SHOW_ARGS(.stack_size = 4096);
	SHOW_ARGS(.stack = 1ULL << 63, .stack_size = 4096);
	SHOW_ARGS(.set_tid_size = 1);
	SHOW_ARGS(.set_tid = 4096);
	SHOW_ARGS(.set_tid = 4096, .set_tid_size = 33);
	SHOW_ARGS(.flags = CLONE_INTO_CGROUP, .cgroup = 1ULL << 31);
	SHOW_ARGS(.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM);
	SHOW_ARGS(.flags = CLONE_SIGHAND);
	SHOW_ARGS(.flags = CLONE_THREAD);
	SHOW_ARGS(.flags = CLONE_THREAD | CLONE_SIGHAND);
	SHOW_ARGS(.flags = CLONE_THREAD | CLONE_VM);
	SHOW_ARGS(.flags = CLONE_FS | CLONE_NEWNS);
	SHOW_ARGS(.flags = CLONE_FS | CLONE_NEWUSER);
	SHOW_ARGS(.flags = THREAD | CLONE_NEWUSER);
	SHOW_ARGS(.flags = THREAD | CLONE_NEWPID);
	SHOW_ARGS(.flags = CLONE_SETTLS, .tls = 1ULL << 63);
	SHOW_ARGS(.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD);
}

static void show_legacy(void)
{
	SHOW(syscall(SYS_clone, CLONE_SIGHAND, NULL, NULL, NULL, 0));
	SHOW(syscall(SYS_clone, CLONE_THREAD, NULL, NULL, NULL, 0));
	SHOW(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND, NULL, NULL, NULL, 0));
	SHOW(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS, NULL, NULL, NULL, 0));
	SHOW(syscall(SYS_clone, THREAD | CLONE_NEWPID, NULL, NULL, NULL, 0));
	SHOW(syscall(SYS_clone, CLONE_SETTLS, NULL, NULL, NULL, 1UL << 63));
}

static volatile int value, parent_tid, child_tid;

static int set_value(void *arg)
{
	value = (int)(long)arg;
	if (child_tid != (int)syscall(SYS_gettid))
		value = -1;
	syscall(SYS_exit, 0);
	return 0;
}

/* A thread without a C library: ids are stored, and cleared at its end. */
static void show_bare(unsigned long less)
{
	static char stack[65536] __attribute__((aligned(16)));
	int tid;

	value = 0;
	child_tid = -1;
	tid = clone(set_value, stack + sizeof(stack),
		    (int)((THREAD & ~less) | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
			  CLONE_CHILD_CLEARTID),
		    (void *)42L, &parent_tid, NULL, &child_tid);
	MUST(tid > 0);
	MUST(parent_tid == tid);
	while ((tid = child_tid))
		syscall(SYS_futex, &child_tid, 0 /* FUTEX_WAIT */, tid, NULL, NULL, 0);
	printf("bare thread: %d\n", value);
}

static void handler(int sig)
{
	(void)sig;
}

static volatile int handled, early;

static void count(int sig)
{
	(void)sig;
	handled++;
}

static int signal_creator(void *arg)
{
	(void)arg;
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	for (int i = 0; i < 100; i++)
		syscall(SYS_getppid);
	early = handled;
	value = 42;
	syscall(SYS_exit, 0);
	return 0;
}

static int exit_all(void *arg)
{
	(void)arg;
	_exit(5);
}

static int kill_all(void *arg)
{
	(void)arg;
	kill(getpid(), SIGKILL);
	_exit(6);
}

static int abort_all(void *arg)
{
	(void)arg;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGABRT);
	_exit(6);
}

static int execute(void *arg)
{
	(void)arg;
	execl("/bin/sh", "sh", "-c", "exit 7", NULL);
	_exit(6);
}

static int clone_vfork(int (*fn)(void *arg), void *arg)
{
	static char stack[65536] __attribute__((aligned(16)));

	return clone(fn, stack + sizeof(stack), (int)(THREAD | CLONE_VFORK), arg);
}

/* A thread whose creator waits for its end, whatever signals come, unless all end. */
static void show_awaited(void)
{
	static int (*const ends[])(void *arg) = { exit_all, kill_all, abort_all, execute };
	pid_t pid;

	signal(SIGUSR1, count);
	value = 0;
	MUST(clone_vfork(signal_creator, NULL) > 0);
	printf("awaited thread: %d, signals %d, then %d\n", value, early, handled);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		pid = fork_must();
		if (!pid) {
			clone_vfork(ends[i], NULL);
			_exit(8);
		}
		reap(pid, "ended by the awaited thread");
	}
}

/* A child that has none of the handlers. */
static void show_clear_sighand(void)
{
	struct args args = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	struct sigaction action;
	long pid;

	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	fflush(stdout);
	pid = syscall(SYS_clone3, &args, 88);
	if (!pid) {
		MUST(!sigaction(SIGUSR2, NULL, &action) && action.sa_handler == SIG_IGN);
		MUST(!sigaction(SIGUSR1, NULL, &action) && action.sa_handler == SIG_DFL);
		raise(SIGUSR1);
		_exit(1);
	}
	reap((pid_t)pid, "without handlers");
}

/* Of clone(2), which takes any; which signal comes, and to which wait the child belongs. */
static void show_exit_signals(void)
{
	static const unsigned long signals[] = { 0, SIGUSR1, SIGCHLD, 64, 65, 0x80, 0x91, 0xff };
	int status;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		long pid;

		handled = 0;
		signal(SIGUSR1, count);
		fflush(stdout);
		pid = syscall(SYS_clone, signals[i], NULL, NULL, NULL, 0);
		if (!pid)
			_exit(3);
		printf("exit signal %lu: %s\n", signals[i], pid < 0 ? error_name(errno) : "made");
		if (pid < 0)
			continue;
		SHOW(waitpid((pid_t)pid, &status, 0) > 0);
		if (signals[i] == SIGCHLD)
			continue;
		SHOW(waitpid((pid_t)pid, &status, __WCLONE) > 0);
		SHOW(WEXITSTATUS(status));
		SHOW(handled);
	}
}

static void show_namespaces(void)
{
	SHOW(unshare(0x7f));
	SHOW(unshare(0x7f | CLONE_NEWTIME));
	SHOW(unshare(CLONE_PARENT));
	SHOW(setns(-1, CLONE_NEWTIME));
	SHOW(setns(0, CLONE_NEWTIME));
	SHOW(setns(0, 0x7f));
}

int main(void)
{
	signal(64, SIG_IGN);
	show_lengths();
	show_fields();
	show_legacy();
	show_bare(0);
	show_bare(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM);
	show_awaited();
	show_exit_signals();
	show_namespaces();
	show_clear_sighand();
	return 0;
}
