// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that come faster than a busy machine can handle them: the program's calls are made all
 * the same, those that wait are interrupted, and it ends.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define CALLS 4

static volatile sig_atomic_t came;

static void handler(int number)
{
	(void)number;
	came = 1;
}

/* Another program that does not rest: signals take longer to arrive. */
static pid_t spin(void)
{
	pid_t child = fork();

	MUST(child >= 0);
	while (!child)
		continue;
	return child;
}

int main(void)
{
	const struct itimerval often = { { .tv_usec = 1000 }, { .tv_usec = 1000 } };
	struct sigaction action = { .sa_handler = handler };
	pid_t busy;
	int ends[2];
	int made = 0;
	char byte;
	int null;

	null = open("/dev/null", O_WRONLY);
	MUST(null >= 0 && pipe(ends) == 0);
	busy = spin();
	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	MUST(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < CALLS; i++)
		made += write(null, "y", 1) == 1;
	printf("calls made: %d\n", made);
	/* Nobody writes. */
	SHOW(read(ends[0], &byte, 1));
	SHOW_TRUE(came);
	MUST(kill(busy, SIGKILL) == 0);
	/* The timer goes on to the end, and beyond. */
	return 0;
}
