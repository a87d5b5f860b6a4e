// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocked and pending signals, the order of their delivery, masks of handlers.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

static void print_mask(const char *what, const sigset_t *set)
{
	int signal;

	printf("%s:", what);
	for (signal = 1; signal <= 64; signal++)
		if (sigismember(set, signal) == 1)
			printf(" %d", signal);
	putchar('\n');
}

static void show_mask(const char *what)
{
	sigset_t set;

	MUST(sigprocmask(SIG_BLOCK, NULL, &set) == 0);
	print_mask(what, &set);
}

static void show_pending(void)
{
	sigset_t set;

	MUST(sigpending(&set) == 0);
	print_mask("pending", &set);
}

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)context;
	printf("handler of %d, value %d; ", signal,
	       info->si_code == SI_QUEUE ? info->si_value.sival_int : -1);
	show_mask("blocked");
}

static void show_order(void)
{
	const int signals[] = {
		SIGTERM, SIGRTMIN + 2, SIGUSR2, SIGRTMIN, SIGHUP, SIGRTMIN, SIGUSR1,
	};
	sigset_t all;
	size_t i;

	sigfillset(&all);
	MUST(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
	show_mask("all but SIGKILL and SIGSTOP");
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigqueue(getpid(), signals[i], (union sigval){ .sival_int = (int)i });
	sigqueue(getpid(), SIGTERM, (union sigval){ .sival_int = 100 });
	show_pending();
	MUST(sigprocmask(SIG_UNBLOCK, &all, NULL) == 0);
	show_pending();
}

static void set_handler(int signal, int flags, int also)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	if (also)
		sigaddset(&action.sa_mask, also);
	MUST(sigaction(signal, &action, NULL) == 0);
}

static void show_flags(void)
{
	struct sigaction action;

	set_handler(SIGUSR1, SA_NODEFER, 0);
	puts("NODEFER");
	raise(SIGUSR1);
	set_handler(SIGUSR1, SA_NODEFER, SIGUSR2);
	raise(SIGUSR1);
	set_handler(SIGUSR1, SA_RESETHAND, SIGKILL);
	puts("RESETHAND");
	raise(SIGUSR1);
	MUST(sigaction(SIGUSR1, NULL, &action) == 0);
	SHOW_TRUE(action.sa_handler == SIG_DFL);
	printf("flags %#x\n", (unsigned int)action.sa_flags & ~0x04000000U);
	print_mask("mask", &action.sa_mask);
}

static void show_refused(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	SHOW(sigaction(SIGKILL, &action, NULL));
	SHOW(sigaction(SIGSTOP, &action, NULL));
	SHOW(sigaction(SIGKILL, NULL, &action));
	SHOW(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
	SHOW(syscall(SYS_rt_sigprocmask, 3, &set, NULL, 8));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 16));
	SHOW(syscall(SYS_rt_sigprocmask, 77, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigpending, &set, 16));
	SHOW(kill(getpid(), 65));
	SHOW(kill(getpid(), -1));
	SHOW(kill(getpid(), 0));
	SHOW(kill(0x3fffffff, 0));
	SHOW(syscall(SYS_tgkill, getpid(), 0, SIGUSR1));
	SHOW(syscall(SYS_tgkill, getpid(), 0x3fffffff, SIGUSR1));
	SHOW(syscall(SYS_tgkill, -1, gettid(), SIGUSR1));
	SHOW(syscall(SYS_tgkill, getpid() + 1, gettid(), 0));
}

static void show_ignored(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	raise(SIGUSR2);
	show_pending();
	signal(SIGUSR2, SIG_IGN);
	show_pending();
	raise(SIGUSR2);
	show_pending();
	set_handler(SIGUSR2, 0, 0);
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	sigaddset(&set, SIGCHLD);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	raise(SIGCHLD);
	show_pending();
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	show_pending();
}

/* Each of the two forgets the other, though it is handled and waits for nobody. */
static void show_job_control(void)
{
	sigset_t set;

	set_handler(SIGCONT, 0, 0);
	set_handler(SIGTSTP, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	raise(SIGTSTP);
	show_pending();
	raise(SIGCONT);
	show_pending();
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	raise(SIGCONT);
	show_pending();
	raise(SIGTSTP);
	show_pending();
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

int main(void)
{
	const int signals[] = { SIGTERM, SIGUSR1, SIGUSR2, SIGHUP, SIGRTMIN, SIGRTMIN + 2 };
	size_t i;

	show_mask("at the start");
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		set_handler(signals[i], 0, SIGINT);
	show_order();
	show_flags();
	show_refused();
	show_ignored();
	show_job_control();
	show_mask("at the end");
	return 0;
}
