// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a handler is told of a signal, by the way it was sent.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t came;
static volatile siginfo_t last;

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)context;
	last = *info;
	came = signal;
}

static void show_last(const char *how)
{
	printf("%s: signal %d, si_signo %d, si_code %d, si_errno %d", how, (int)came,
	       last.si_signo, last.si_code, last.si_errno);
	if (last.si_code == SI_QUEUE || last.si_code == SI_TIMER)
		printf(", value %d", last.si_value.sival_int);
	if (last.si_code == SI_USER || last.si_code == SI_TKILL || last.si_code == SI_QUEUE)
		printf(", own pid: %s, own uid: %s", last.si_pid == getpid() ? "yes" : "no",
		       last.si_uid == getuid() ? "yes" : "no");
	putchar('\n');
	came = 0;
}

static void wait_signal(void)
{
	sigset_t all, old;

	sigfillset(&all);
	MUST(!sigprocmask(SIG_SETMASK, &all, &old));
	while (!came)
		sigsuspend(&old);
	MUST(!sigprocmask(SIG_SETMASK, &old, NULL));
}

static void show_timers(void)
{
	const struct itimerval once = { .it_value = { .tv_usec = 20000 } };
	const struct itimerspec soon = { .it_value = { .tv_nsec = 20000000 } };
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN + 3,
		.sigev_value = { .sival_int = 4711 },
	};
	timer_t timer;

	MUST(setitimer(ITIMER_REAL, &once, NULL) == 0);
	wait_signal();
	show_last("setitimer");
	MUST(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	MUST(timer_settime(timer, 0, &soon, NULL) == 0);
	wait_signal();
	show_last("timer");
	MUST(timer_delete(timer) == 0);
}

static void forge(int code)
{
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = code, .si_errno = 99 };

	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_int = 5;
	printf("forged %d: ", code);
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR2, &info));
	if (came)
		show_last("forged");
	SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR2, &info));
	if (came)
		show_last("forged");
}

/* Whoever changes its id is known by the new one, its children too. */
static void other_ids(void)
{
	int status;
	pid_t pid;

	SHOW(setresuid(1234, 0, 0));
	raise(SIGUSR1);
	show_last("raise with another id");
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		kill(getpid(), SIGUSR1);
		show_last("kill by a child");
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid && !status);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	const union sigval value = { .sival_int = -12345 };
	int signal;

	for (signal = 1; signal <= SIGRTMAX; signal++)
		sigaction(signal, &action, NULL);
	raise(SIGUSR1);
	show_last("raise");
	kill(getpid(), SIGHUP);
	show_last("kill");
	setpgid(0, 0);
	kill(0, SIGUSR2);
	show_last("kill of the group");
	syscall(SYS_tkill, gettid(), SIGTERM);
	show_last("tkill");
	syscall(SYS_tgkill, getpid(), gettid(), SIGSEGV);
	show_last("tgkill");
	sigqueue(getpid(), SIGRTMIN, value);
	show_last("sigqueue");
	sigqueue(getpid(), SIGINT, value);
	show_last("sigqueue");
	show_timers();
	forge(SI_QUEUE);
	forge(-20);
	forge(SI_USER);
	forge(SI_TKILL);
	forge(5);
	other_ids();
	return 0;
}
