// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for signals: sigwaitinfo(), sigtimedwait(), sigsuspend(), pause(), signalfd().
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t handled;

static void handler(int number)
{
	handled = number;
}

static void alarm_in(int milliseconds)
{
	const struct itimerval once = { .it_value = { .tv_usec = milliseconds * 1000 } };

	MUST(setitimer(ITIMER_REAL, &once, NULL) == 0);
}

static void show_waits(const sigset_t *set)
{
	const struct timespec bad = { .tv_nsec = 1000000000 };
	const struct timespec some = { .tv_nsec = 20000000 };
	const struct timespec none = { 0 };
	siginfo_t info;
	int number;

	SHOW(sigtimedwait(set, &info, &none));
	SHOW(sigtimedwait(set, &info, &some));
	SHOW(sigtimedwait(set, &info, &bad));
	sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 2 });
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 1 });
	SHOW(sigwaitinfo(set, &info));
	SHOW(info.si_value.sival_int);
	SHOW(info.si_code);
	SHOW(sigtimedwait(set, NULL, &none));
	alarm_in(20);
	SHOW(sigwaitinfo(set, &info));
	SHOW(info.si_code);
	kill(getpid(), SIGUSR1);
	SHOW(sigwait(set, &number));
	SHOW(number);
	SHOW(syscall(SYS_rt_sigtimedwait, set, &info, &none, 4));
	SHOW(handled);
}

static void show_suspend(void)
{
	sigset_t open;

	sigemptyset(&open);
	raise(SIGUSR1);
	SHOW(sigsuspend(&open));
	SHOW(handled);
	alarm_in(20);
	SHOW(sigsuspend(&open));
	SHOW(handled);
	SHOW(syscall(SYS_rt_sigsuspend, &open, 4));
}

static void show_fd(const sigset_t *set)
{
	struct signalfd_siginfo infos[4];
	struct pollfd poll_in = { .events = POLLIN };
	long got;
	long i;

	poll_in.fd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
	MUST(poll_in.fd >= 0);
	SHOW(read(poll_in.fd, infos, sizeof(infos)));
	SHOW(poll(&poll_in, 1, 0));
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 11 });
	kill(getpid(), SIGALRM);
	SHOW(poll(&poll_in, 1, 0));
	SHOW(poll_in.revents);
	SHOW(read(poll_in.fd, infos, 10));
	got = SHOW(read(poll_in.fd, infos, sizeof(infos)));
	for (i = 0; i < got / (long)sizeof(infos[0]); i++)
		printf("signal %u, code %d, value %d, own pid: %d\n", infos[i].ssi_signo,
		       infos[i].ssi_code, infos[i].ssi_int, (pid_t)infos[i].ssi_pid == getpid());
	MUST(fcntl(poll_in.fd, F_SETFL, 0) == 0);
	alarm_in(20);
	SHOW(read(poll_in.fd, infos, sizeof(infos)));
	SHOW(infos[0].ssi_signo);
	SHOW(signalfd(0, set, 0));
	SHOW(signalfd(-1, set, 0x77));
}

int main(void)
{
	const struct itimerval often = { { .tv_usec = 20000 }, { .tv_usec = 20000 } };
	struct sigaction action = { .sa_handler = handler };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGALRM);
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	MUST(sigaction(SIGUSR2, &action, NULL) == 0);
	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	show_waits(&set);
	show_suspend();
	show_fd(&set);
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	/* The first one may come too soon. */
	MUST(!setitimer(ITIMER_REAL, &often, NULL));
	SHOW(pause());
	return 0;
}
