// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one process may do to another by descriptors and ids: pidfd_open(2) and its like, kcmp(2),
 * I/O priorities, and ids for files, as root and not.
 */
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))

static volatile sig_atomic_t came;

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	came = info->si_code == SI_USER ? 1 : info->si_value.sival_int;
}

static void set_handler(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	MUST(!sigaction(SIGUSR1, &action, NULL));
}

static void show_self(void)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };

	CALL(pidfd_open, getpid(), 0);
	info.si_pid = getpid();
	info.si_value.sival_int = 77;
	CALL(pidfd_send_signal, 3, SIGUSR1, NULL, 0);
	SHOW(came);
	CALL(pidfd_send_signal, 3, SIGUSR1, &info, 0);
	SHOW(came);
	CALL(pidfd_send_signal, 3, SIGUSR2, &info, 0);
	CALL(pidfd_send_signal, 3, 0, NULL, 0);
	CALL(pidfd_send_signal, 3, 99, NULL, 0);
	CALL(pidfd_send_signal, 3, 0, NULL, 0x100);
	CALL(pidfd_send_signal, 0, 0, NULL, 0);
	CALL(pidfd_open, 0, 0);
	CALL(pidfd_open, -1, 0);
	CALL(pidfd_open, getpid(), 1);
	CALL(pidfd_getfd, 3, 0, 0);
	CALL(pidfd_getfd, 3, 99, 0);
	CALL(pidfd_getfd, 3, 0, 1);
	CALL(pidfd_getfd, 0, 0, 0);
}

static void show_child(void)
{
	struct pollfd pollfd = { .events = POLLIN };
	siginfo_t info = { 0 };
	char byte = 0;
	int ends[2];
	int first;
	pid_t pid;

	MUST(!pipe(ends));
	first = dup2(ends[0], 50);
	MUST(first == 50);
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		MUST(dup2(ends[1], 60) == 60 && write(60, "r", 1) == 1);
		for (;;)
			pause();
	}
	MUST(read(ends[0], &byte, 1) == 1);
	pollfd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	MUST(pollfd.fd > 0);
	SHOW(poll(&pollfd, 1, 0));
	SHOW(dup2((int)syscall(SYS_pidfd_getfd, pollfd.fd, 60, 0), 61));
	SHOW(write(61, "y", 1));
	SHOW(read(ends[0], &byte, 1));
	CALL(kcmp, getpid(), pid, KCMP_FILE, 50, 50);
	SHOW_TRUE(syscall(SYS_kcmp, getpid(), pid, KCMP_FILE, 50, 60) > 0);
	CALL(kcmp, getpid(), pid, KCMP_FILE, 61, 60);
	CALL(kcmp, getpid(), pid, KCMP_FILE, 50, 99);
	SHOW_TRUE(syscall(SYS_kcmp, getpid(), pid, KCMP_FILES) > 0);
	SHOW_TRUE(syscall(SYS_kcmp, getpid(), pid, KCMP_VM) > 0);
	CALL(kcmp, getpid(), getpid(), KCMP_VM);
	CALL(kcmp, getpid(), pid, 99);
	CALL(kcmp, getpid(), 0x3fffffff, KCMP_VM);
	CALL(pidfd_send_signal, pollfd.fd, SIGTERM, NULL, 0);
	SHOW(poll(&pollfd, 1, -1));
	SHOW(waitid(P_PIDFD, (id_t)pollfd.fd, &info, WEXITED));
	SHOW(info.si_status);
	CALL(pidfd_send_signal, pollfd.fd, 0, NULL, 0);
	SHOW(waitid(P_PIDFD, (id_t)pollfd.fd, &info, WEXITED));
}

/* Their numbers are the lowest that are free. */
static void show_clone(void)
{
	int pidfds[3] = { -1, -1, -1 };

	for (int i = 0; i < 3; i++) {
		long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfds[i], 0, 0);

		MUST(pid >= 0);
		if (!pid)
			_exit(i);
		SHOW(fcntl(pidfds[i], F_GETFD));
		MUST(waitpid((pid_t)pid, NULL, 0) == pid);
	}
	SHOW(pidfds[1] - pidfds[0]);
	SHOW(pidfds[2] - pidfds[1]);
	SHOW(dup(0) - pidfds[2]);
}

/* One number is left below the limit, and then none. */
static void show_clone_full(void)
{
	struct rlimit old, few;
	int pidfd = -1, next = dup(0);

	MUST(next >= 0 && !close(next) && !getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = (rlim_t)next + 1;
	MUST(!setrlimit(RLIMIT_NOFILE, &few));
	for (int i = 0; i < 2; i++) {
		long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);

		if (!pid)
			_exit(0);
		show("clone", pid > 0 ? 1 : pid);
		if (pid > 0)
			MUST(waitpid((pid_t)pid, NULL, 0) == pid);
	}
	SHOW(pidfd - next);
	SHOW(close(pidfd));
	SHOW(getrlimit(RLIMIT_NOFILE, &few));
	SHOW(few.rlim_cur - (rlim_t)next);
	MUST(!setrlimit(RLIMIT_NOFILE, &old));
}

static void show_priorities(void)
{
	CALL(ioprio_get, IOPRIO_WHO_PROCESS, 0);
	CALL(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6));
	CALL(ioprio_get, IOPRIO_WHO_PROCESS, 0);
	CALL(ioprio_get, IOPRIO_WHO_PROCESS, getpid());
	CALL(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
	CALL(ioprio_get, IOPRIO_WHO_PROCESS, 0);
	CALL(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 0));
	CALL(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(7, 0));
	CALL(ioprio_set, 9, 0, 0);
	CALL(ioprio_get, IOPRIO_WHO_PROCESS, 0x3fffffff);
}

/* The ids that files are opened with, and what remains of root without them. */
static void show_ids(void)
{
	SHOW(setfsuid(1234));
	SHOW(setfsuid(-1));
	SHOW(setfsgid(4321));
	SHOW(setfsgid(-1));
	SHOW(open("of-1234", O_CREAT | O_RDWR, 0600) > 0);
	SHOW(open("/etc/shadow", O_RDONLY));
	SHOW(setfsuid(0));
	SHOW(setfsgid(0));
	SHOW(setresgid(10, 11, 12));
	SHOW(setregid(11, 12));
	SHOW(getgid() * 100 + getegid());
	SHOW(setreuid(20, 21));
	SHOW(getuid() * 100 + geteuid());
	SHOW(setreuid(-1, 20));
	SHOW(setreuid(0, -1));
	SHOW(setresuid(-1, 22, -1));
	SHOW(setresgid(0, -1, -1));
	SHOW(setresgid(12, 12, 12));
	SHOW(setfsuid(0));
	SHOW(setfsuid(-1));
	CALL(pidfd_send_signal, 3, 0, NULL, 0);
	CALL(ioprio_set, IOPRIO_WHO_PROCESS, 1, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 0));
	CALL(kcmp, getpid(), 1, KCMP_VM);
}

int main(void)
{
	set_handler();
	show_self();
	show_child();
	show_clone();
	show_clone_full();
	show_priorities();
	show_ids();
	return 0;
}
