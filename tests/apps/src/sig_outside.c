// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells of each signal that comes from outside, and ends with SIGTERM: sig_outside wait|spin.
 * "wait" sleeps in between, "spin" computes.
 */
#include <signal.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t came[65];

static void handler(int number)
{
	came[number]++;
}

int main(int argc, char **argv)
{
	const int spin = argc > 1 && !strcmp(argv[1], "spin");
	struct sigaction action = { .sa_handler = handler };
	sigset_t none, all;
	int number;

	sigemptyset(&none);
	sigfillset(&all);
	for (number = 1; number <= 64; number++)
		sigaction(number, &action, NULL);
	/* The last one may come between the look and the wait. */
	if (!spin)
		sigprocmask(SIG_SETMASK, &all, NULL);
	puts("ready");
	while (!came[SIGTERM])
		if (!spin)
			sigsuspend(&none);
	for (number = 1; number <= 64; number++)
		if (came[number])
			printf("signal %d came\n", number);
	return 0;
}
