// SPDX-License-Identifier: GPL-2.0-only
/*
 * signalfd(2) among threads and processes: who reads what was sent to whom, and what it says.
 */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"
#include "threads.h"

static int fd;
static sem_t ready, go, done;
static pid_t other;

static void tell(const char *what)
{
	struct signalfd_siginfo info;
	ssize_t len = read(fd, &info, sizeof(info));

	if (len != (ssize_t)sizeof(info)) {
		printf("%s: %s\n", what, len < 0 ? error_name(errno) : "short");
		return;
	}
	printf("%s: signal %u, code %d, pid %s, uid %s, int %d, status %d\n", what,
	       info.ssi_signo, info.ssi_code, (pid_t)info.ssi_pid == getpid() ? "own" :
	       info.ssi_pid ? "another's" : "none", info.ssi_uid == getuid() ? "right" : "wrong",
	       info.ssi_int, info.ssi_signo == SIGCHLD ? info.ssi_status : 0);
}

static int is_readable(void)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };

	MUST(poll(&in, 1, 0) >= 0);
	return in.revents == POLLIN;
}

/* Its own signals it reads, and those of the process; not those of the first thread. */
static void *read_others(void *arg)
{
	other = gettid();
	sem_post(&ready);
	wait_sem(&go);
	SHOW(is_readable());
	tell("other thread");
	tell("other thread");
	SHOW(is_readable());
	sem_post(&done);
	return arg;
}

static void show_threads(void)
{
	const union sigval value = { .sival_int = 77 };
	pthread_t thread;

	MUST(!sem_init(&ready, 0, 0) && !sem_init(&go, 0, 0) && !sem_init(&done, 0, 0));
	MUST(!pthread_create(&thread, NULL, read_others, NULL));
	wait_sem(&ready);
	MUST(!syscall(SYS_tgkill, getpid(), other, SIGUSR1));
	SHOW(is_readable());
	tell("first thread");
	MUST(!sigqueue(getpid(), SIGRTMIN, value));
	SHOW(is_readable());
	MUST(!syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2));
	sem_post(&go);
	wait_sem(&done);
	SHOW(is_readable());
	tell("first thread");
	tell("first thread");
	MUST(!pthread_join(thread, NULL));
}

/* Of a thread that waits in read(2) or epoll_wait(2), woken by the process's. */
static void *read_one(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	MUST(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	sem_post(&ready);
	SHOW(epoll_wait(epoll, &event, 1, -1));
	tell("woken");
	close(epoll);
	return arg;
}

static void show_waiting(void)
{
	pthread_t thread;
	pid_t pid;

	MUST(!pthread_create(&thread, NULL, read_one, NULL));
	wait_sem(&ready);
	pid = fork_must();
	if (!pid)
		_exit(5);
	MUST(!pthread_join(thread, NULL));
	reap(pid, "child");
}

/* The file is the same, whose signals it gives is the reader's question. */
static void show_child(void)
{
	pid_t pid;

	MUST(!raise(SIGUSR1));
	pid = fork_must();
	if (!pid) {
		SHOW(is_readable());
		tell("child");
		MUST(!kill(getpid(), SIGUSR2));
		tell("child");
		exit(0);
	}
	reap(pid, "child");
	tell("parent");
	tell("parent");
}

static void show_mask(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	MUST(!raise(SIGUSR1) && !raise(SIGUSR2));
	SHOW(signalfd(fd, &set, 0) == fd);
	tell("another mask");
	tell("another mask");
	sigaddset(&set, SIGUSR1);
	SHOW(signalfd(fd, &set, 0) == fd);
	tell("the first one");
	SHOW(is_readable());
}

int main(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGCHLD);
	MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	MUST(fd >= 0);
	puts("threads");
	show_threads();
	puts("waiting");
	show_waiting();
	puts("a child");
	show_child();
	puts("masks");
	show_mask();
	return 0;
}
