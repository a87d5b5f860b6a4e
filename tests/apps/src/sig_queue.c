// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queued signals: all of a real-time signal, in order; one of the others; the limit of
 * the queue.
 */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app.h"

#define COUNT 100

static int values[2 * COUNT];
static volatile sig_atomic_t came;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	values[came++] = info->si_value.sival_int;
}

static void show_values(void)
{
	int ordered = 1;
	int i;

	for (i = 1; i < came; i++)
		ordered &= values[i] > values[i - 1];
	printf("%d came, first %d, last %d, in order: %d\n", (int)came, values[0],
	       came ? values[came - 1] : -1, ordered);
	came = 0;
}

static int queue(int number, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (sigqueue(getpid(), number, (union sigval){ .sival_int = i + 1 }))
			break;
	return i;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	const struct rlimit limit = { 20, 20 };
	sigset_t set;

	MUST(sigaction(SIGRTMAX, &action, NULL) == 0);
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMAX);
	sigaddset(&set, SIGUSR1);
	SHOW(queue(SIGRTMAX, COUNT));
	show_values();
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	SHOW(queue(SIGRTMAX, COUNT));
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	show_values();
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	SHOW(queue(SIGUSR1, COUNT));
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	show_values();

	MUST(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	SHOW_TRUE(queue(SIGRTMAX, COUNT) <= 20);
	SHOW(sigqueue(getpid(), SIGRTMAX, (union sigval){ .sival_int = 1 }));
	SHOW(kill(getpid(), SIGUSR1));
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	SHOW_TRUE(came > 1);
	return 0;
}
