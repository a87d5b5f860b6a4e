// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers: alarm(), setitimer(), POSIX timers.
 */
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t came[65];

static void handler(int number)
{
	came[number]++;
}

static void wait_for(int number, int count)
{
	while (came[number] < count)
		usleep(1000);
	came[number] = 0;
}

static void show_alarm(void)
{
	struct itimerval left;

	SHOW(alarm(1000));
	SHOW_TRUE(alarm(0) > 900);
	SHOW(alarm(0));
	SHOW(alarm(1));
	wait_for(SIGALRM, 1);
	SHOW(getitimer(ITIMER_REAL, &left));
	SHOW(left.it_value.tv_sec + left.it_value.tv_usec);
}

static void show_itimers(void)
{
	const struct itimerval often = { { .tv_usec = 10000 }, { .tv_usec = 10000 } };
	const struct itimerval bad = { .it_value = { .tv_usec = 1000000 } };
	const struct itimerval never = { 0 };
	struct itimerval old;

	SHOW(setitimer(ITIMER_REAL, &often, NULL));
	wait_for(SIGALRM, 5);
	SHOW(setitimer(ITIMER_REAL, &never, &old));
	SHOW(old.it_interval.tv_usec);
	SHOW(setitimer(ITIMER_REAL, &bad, NULL));
	SHOW(setitimer(77, &never, NULL));
	SHOW(getitimer(77, &old));
}

static void show_posix(clockid_t clock)
{
	const struct itimerspec often = { { .tv_nsec = 10000000 }, { .tv_nsec = 10000000 } };
	const struct itimerspec late = { .it_value = { .tv_sec = 1000 } };
	const struct itimerspec never = { 0 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec old;
	timer_t timer;

	SHOW(timer_create(clock, &event, &timer));
	SHOW(timer_settime(timer, 0, &often, NULL));
	wait_for(SIGRTMIN, 3);
	SHOW(timer_gettime(timer, &old));
	SHOW(old.it_interval.tv_nsec);
	SHOW_TRUE(timer_getoverrun(timer) >= 0);
	SHOW(timer_settime(timer, 0, &late, &old));
	SHOW(timer_gettime(timer, &old));
	SHOW_TRUE(old.it_value.tv_sec > 900 && old.it_value.tv_sec <= 1000);
	SHOW(timer_settime(timer, 0, &never, NULL));
	SHOW(timer_gettime(timer, &old));
	SHOW(old.it_value.tv_sec + old.it_value.tv_nsec);
	SHOW(timer_settime(timer, TIMER_ABSTIME, &late, NULL));
	/* CLOCK_MONOTONIC is not yet there after a boot. */
	if (clock == CLOCK_REALTIME)
		wait_for(SIGRTMIN, 1);
	SHOW(timer_delete(timer));
}

static void show_more(void)
{
	const struct itimerspec bad = { .it_value = { .tv_nsec = 1000000000 } };
	const struct itimerspec soon = { .it_value = { .tv_nsec = 1 } };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec old;
	timer_t timer;

	SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
	SHOW(timer_settime(timer, 0, &bad, NULL));
	SHOW(timer_settime(timer, 0, &soon, NULL));
	usleep(1000);
	SHOW(timer_gettime(timer, &old));
	SHOW(old.it_value.tv_sec + old.it_value.tv_nsec);
	SHOW(timer_delete(timer));
	SHOW(timer_create(1000, &event, &timer));
	event.sigev_notify = 77;
	SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = 100;
	SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
	SHOW(timer_create(CLOCK_MONOTONIC, NULL, &timer));
	MUST(timer_settime(timer, 0, &soon, NULL) == 0);
	wait_for(SIGALRM, 1);
	SHOW(timer_delete(timer));
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	const int signals[] = { SIGALRM, SIGRTMIN };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		MUST(sigaction(signals[i], &action, NULL) == 0);
	show_alarm();
	show_itimers();
	show_posix(CLOCK_MONOTONIC);
	show_posix(CLOCK_REALTIME);
	show_more();
	return 0;
}
