// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that is stopped in a call that waits, and continued, without a handler: signal(7) says
 * which calls go on, and which end with EINTR.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

static int ends[2];		/* becomes readable when the call is to end */
static sigset_t usr2_only;	/* a mask that differs from the one before */
static volatile sig_atomic_t handled;

static void on_usr1(int signal)
{
	(void)signal;
	handled++;
}

static int epoll_of_end(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	MUST(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
	return epoll;
}

static long do_poll(void)
{
	struct pollfd pollfd = { ends[0], POLLIN, 0 };

	return poll(&pollfd, 1, -1);
}

static long do_ppoll(void)
{
	struct pollfd pollfd = { ends[0], POLLIN, 0 };

	return ppoll(&pollfd, 1, NULL, &usr2_only);
}

static long do_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, NULL, &usr2_only);
}

static long do_epoll_wait(void)
{
	struct epoll_event event;

	return epoll_wait(epoll_of_end(), &event, 1, -1);
}

static long do_epoll_pwait(void)
{
	struct epoll_event event;

	return epoll_pwait(epoll_of_end(), &event, 1, -1, &usr2_only);
}

static long do_epoll_pwait2(void)
{
	struct epoll_event event;

	return syscall(SYS_epoll_pwait2, epoll_of_end(), &event, 1, NULL, &usr2_only, 8);
}

static long do_sigsuspend(void)
{
	long ret = sigsuspend(&usr2_only);

	return handled == 1 && errno == EINTR ? 1 : ret;
}

static long do_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, NULL);
}

static long do_read(void)
{
	char byte;

	return read(ends[0], &byte, 1);
}

static long do_semop(void)
{
	struct sembuf take = { .sem_op = -1 };
	int id = semget(IPC_PRIVATE, 1, 0600);
	long ret = syscall(SYS_semtimedop, id, &take, 1, NULL);
	int error = errno;

	semctl(id, 0, IPC_RMID);
	errno = error;
	return ret;
}

static long do_nanosleep(void)
{
	const struct timespec time = { .tv_nsec = 300000000 };

	return nanosleep(&time, NULL);
}

static const struct wait {
	const char *name;
	long nr;
	long (*call)(void);
} waits[] = {
	{ "poll", SYS_poll, do_poll },
	{ "ppoll", SYS_ppoll, do_ppoll },
	{ "pselect6", SYS_pselect6, do_pselect },
	{ "epoll_wait", SYS_epoll_wait, do_epoll_wait },
	{ "epoll_pwait", SYS_epoll_pwait, do_epoll_pwait },
	{ "epoll_pwait2", SYS_epoll_pwait2, do_epoll_pwait2 },
	{ "rt_sigsuspend", SYS_rt_sigsuspend, do_sigsuspend },
	{ "rt_sigtimedwait", SYS_rt_sigtimedwait, do_sigtimedwait },
	{ "read", SYS_read, do_read },
	{ "semtimedop", SYS_semtimedop, do_semop },
};

static void child(const struct wait *wait)
{
	sigset_t blocked;
	sigset_t now;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGHUP);
	MUST(!sigprocmask(SIG_SETMASK, &blocked, NULL));
	show(wait->name, wait->call());
	MUST(!sigprocmask(SIG_SETMASK, NULL, &now));
	printf("then blocks what it did: %s\n",
	       sigismember(&now, SIGUSR1) && sigismember(&now, SIGHUP) &&
	       !sigismember(&now, SIGUSR2) ? "yes" : "no");
	_exit(0);
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	MUST(!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT));
	return info.si_pid == pid;
}

/* Until the child waits in its call, or has ended. */
static void wait_for_call(pid_t pid, long nr)
{
	const struct timespec a_while = { .tv_nsec = 5000000 };
	char path[64];
	char text[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	while (!has_ended(pid)) {
		fd = open(path, O_RDONLY);
		len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
		close(fd);
		text[len > 0 ? len : 0] = '\0';
		if (text[0] >= '0' && text[0] <= '9' &&
		    (atol(text) == nr || atol(text) == SYS_restart_syscall))
			return;
		nanosleep(&a_while, NULL);
	}
}

static void stop_in(const struct wait *wait)
{
	int status;
	pid_t pid;

	MUST(!pipe(ends));
	pid = fork();
	MUST(pid >= 0);
	if (!pid)
		child(wait);
	wait_for_call(pid, wait->nr);
	MUST(!kill(pid, SIGSTOP));
	MUST(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	MUST(!kill(pid, SIGCONT));
	wait_for_call(pid, wait->nr);
	MUST(write(ends[1], "x", 1) == 1);
	if (wait->nr == SYS_rt_sigsuspend || wait->nr == SYS_rt_sigtimedwait)
		kill(pid, SIGUSR1);
	MUST(waitpid(pid, &status, 0) == pid);
	SHOW(status);
	close(ends[0]);
	close(ends[1]);
}

/* The LWK sleeps by itself, so nobody sees where the child is: stopped at any time it is right. */
static void stop_in_sleep(void)
{
	const struct wait wait = { "nanosleep", SYS_nanosleep, do_nanosleep };
	int status;
	pid_t pid = fork();

	MUST(pid >= 0);
	if (!pid)
		child(&wait);
	MUST(!kill(pid, SIGSTOP));
	MUST(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	MUST(!kill(pid, SIGCONT));
	MUST(waitpid(pid, &status, 0) == pid);
	SHOW(status);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	size_t i;

	sigemptyset(&usr2_only);
	sigaddset(&usr2_only, SIGUSR2);
	MUST(!sigaction(SIGUSR1, &action, NULL));
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		stop_in(&waits[i]);
	stop_in_sleep();
	return 0;
}
