// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone() of a process that shares memory and is not waited for: with which flags, which of the
 * two ends first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fork.h"

#define STACK 65536
#define PAGE 4096

static char stack[STACK] __attribute__((aligned(16)));
static char stack2[STACK] __attribute__((aligned(16)));
static int word, id, pidfd = -1;
static char *area;

static void futex_wait_for(int *at, int wanted)
{
	int is;

	while ((is = __atomic_load_n(at, __ATOMIC_SEQ_CST)) != wanted)
		syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, is, NULL, NULL, 0);
}

static void futex_set(int *at, int to)
{
	__atomic_store_n(at, to, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* The two take turns, by a private futex. */
static int take_turns(void *arg)
{
	(void)arg;
	for (int i = 1; i < 20; i += 2) {
		futex_wait_for(&word, i);
		futex_set(&word, i + 1);
	}
	area = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	area[1] = 'a';
	return 4;
}

static void test_turns(void)
{
	pid_t pid;

	fflush(stdout);
	word = 0;
	pid = clone(take_turns, stack + STACK, CLONE_VM | SIGCHLD, NULL);
	MUST(pid > 0);
	for (int i = 1; i < 20; i += 2) {
		futex_set(&word, i);
		futex_wait_for(&word, i + 1);
	}
	reap(pid, "turns");
	SHOW(word);
	printf("%c\n", area[1]);
}

static int change_files(void *arg)
{
	int fd = open("/dev/null", O_RDWR);

	(void)arg;
	MUST(fd >= 0 && dup2(fd, 100) == 100 && !chdir("dir"));
	return 0;
}

static void test_flags(int flags, const char *what)
{
	int back = open(".", O_RDONLY);
	pid_t pid;

	fflush(stdout);
	pid = clone(change_files, stack + STACK, CLONE_VM | SIGCHLD | flags, NULL);
	reap(pid, what);
	SHOW(fcntl(100, F_GETFD) >= 0);
	SHOW(access("../dir", F_OK) == 0);
	close(100);
	MUST(!fchdir(back));
	close(back);
}

static int exec_true(void *arg)
{
	execl("/bin/true", "true", NULL);
	(void)arg;
	return 99;
}

/* Descriptors in common, until one executes a program. */
static void test_files_exec(void)
{
	int fd;

	fflush(stdout);
	reap(clone(exec_true, stack + STACK, CLONE_VM | CLONE_FILES | SIGCHLD, NULL),
	     "files, exec");
	/* Nothing of the other's program is left among them. */
	fd = dup(0);
	SHOW(fd);
	close(fd);
	SHOW(access("dir", F_OK));
	reap(clone(change_files, stack + STACK, CLONE_VM | CLONE_FILES | SIGCHLD, NULL), "again");
}

static int return_3(void *arg)
{
	(void)arg;
	return 3;
}

static void test_ids(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	word = 1;
	pid = clone(return_3, stack + STACK, CLONE_VM | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID,
		    NULL, &id, NULL, &word);
	SHOW_TRUE(id == pid);
	/* As a thread library would wait for it. */
	while (__atomic_load_n(&word, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &word, FUTEX_WAIT, 1, NULL, NULL, 0);
	SHOW(waitpid(pid, &status, 0));
	MUST(waitpid(pid, &status, __WALL) == pid);
	SHOW(WEXITSTATUS(status));
}

static void test_pidfd(void)
{
	struct pollfd poll_for = { .events = POLLIN };
	pid_t pid;

	fflush(stdout);
	pid = clone(return_3, stack + STACK, CLONE_VM | CLONE_PIDFD | SIGCHLD, NULL, &pidfd);
	MUST(pid > 0);
	poll_for.fd = pidfd;
	SHOW(poll(&poll_for, 1, -1));
	reap(pid, "pidfd");
	SHOW(close(pidfd));
	pid = clone(return_3, stack + STACK, CLONE_PIDFD | SIGCHLD, NULL, &pidfd);
	poll_for.fd = pidfd;
	SHOW(poll(&poll_for, 1, -1));
	reap(pid, "pidfd of a copy");
	SHOW(close(pidfd));
}

static int outlive(void *arg)
{
	int *ends = arg;
	char c;

	close(ends[1]);
	/* Until the parent has ended. */
	while (read(ends[0], &c, 1) > 0)
		continue;
	area = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 64; i++)
		area[i * PAGE] = 'a';
	munmap(area, 32 * PAGE);
	return write(ends[2], area + 63 * PAGE, 1) == 1 ? 0 : 1;
}

/* Who had the memory first is killed, executes a program or exits; the other goes on. */
static void test_parent_first(int how, const char *what)
{
	int ends[3], report[2];
	char c = '?';
	pid_t pid;

	MUST(!pipe2(ends, O_CLOEXEC) && !pipe(report));
	ends[2] = report[1];
	pid = fork_must();
	if (!pid) {
		close(report[0]);
		MUST(clone(outlive, stack2 + STACK, CLONE_VM | SIGCHLD, ends) > 0);
		if (!how)
			raise(SIGKILL);
		if (how == 1)
			execl("/bin/true", "true", NULL);
		_exit(8);
	}
	close(ends[0]);
	close(ends[1]);
	close(report[1]);
	reap(pid, what);
	SHOW(read(report[0], &c, 1));
	printf("%c\n", c);
	SHOW(read(report[0], &c, 1));
	close(report[0]);
}

static void on_signal(int sig)
{
	word = sig;
}

static int change_handler(void *arg)
{
	signal(SIGUSR1, arg);
	return 0;
}

/* Handlers in common, or not. */
static void test_handlers(int flags)
{
	fflush(stdout);
	signal(SIGUSR1, SIG_IGN);
	word = 0;
	reap(clone(change_handler, stack + STACK, CLONE_VM | SIGCHLD | flags, on_signal),
	     "handler");
	SHOW(raise(SIGUSR1));
	SHOW(word == SIGUSR1);
}

/* As thread libraries made threads before there was CLONE_THREAD. */
static void test_old_threads(void)
{
	pid_t pid;

	fflush(stdout);
	signal(SIGUSR2, on_signal);
	word = 0;
	pid = clone(change_handler, stack + STACK,
		    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGUSR2, SIG_DFL);
	while (waitpid(pid, NULL, __WALL) != pid)
		continue;
	SHOW(word == SIGUSR2);
	SHOW(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static void tell_by_word(int sig)
{
	(void)sig;
	__atomic_store_n(&word, 2, __ATOMIC_SEQ_CST);
}

/* Makes no system call, so nothing but a signal comes in between. */
static int spin(void *arg)
{
	(void)arg;
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 1)
		;
	return 7;
}

static void test_spinning(void)
{
	pid_t pid;

	fflush(stdout);
	signal(SIGUSR1, tell_by_word);
	word = 0;
	pid = clone(spin, stack + STACK, CLONE_VM | SIGCHLD, NULL);
	MUST(pid > 0);
	while (!__atomic_load_n(&word, __ATOMIC_SEQ_CST))
		sched_yield();
	SHOW(kill(pid, SIGUSR1));
	reap(pid, "spinning");
	signal(SIGUSR1, SIG_DFL);
}

static int exit_late(void *arg)
{
	struct rlimit limit = { 4096 * 1024, 4096 * 1024 };

	/* Until the first thread has ended. */
	while (__atomic_load_n((int *)arg, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, arg, FUTEX_WAIT, 1, NULL, NULL, 0);
	MUST(!setrlimit(RLIMIT_STACK, &limit));
	_exit(access("dir", F_OK) ? 98 : 9);
}

/* What a C library does for a thread is left out. */
static int leave_first(void *arg)
{
	static int tid = 1;
	const unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				    CLONE_THREAD | CLONE_SYSVSEM;

	(void)arg;
	/* Linux clears it when the thread is gone. */
	syscall(SYS_set_tid_address, &tid);
	MUST(clone(exit_late, stack2 + STACK, flags, &tid) > 0);
	syscall(SYS_exit, 0);
	return 99;
}

/* The first thread of the process ends before the process. */
static void test_first_thread(void)
{
	fflush(stdout);
	reap(clone(leave_first, stack + STACK, CLONE_VM | SIGCHLD, NULL), "first thread");
}

int main(void)
{
	MUST(!mkdir("dir", 0700));
	test_turns();
	test_flags(0, "nothing shared");
	test_flags(CLONE_FILES, "files");
	test_flags(CLONE_FS, "directory");
	test_flags(CLONE_FILES | CLONE_FS, "both");
	test_files_exec();
	test_ids();
	test_pidfd();
	test_spinning();
	test_first_thread();
	test_handlers(0);
	test_handlers(CLONE_SIGHAND);
	test_old_threads();
	test_parent_first(0, "killed");
	test_parent_first(1, "executed");
	test_parent_first(2, "ended");
	return 0;
}
