/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts SIGALRM, which comes again and again while a call is to sleep.
 */
#ifndef ALARMS_H
#define ALARMS_H

#include <signal.h>
#include <sys/time.h>

#include "app.h"

static volatile sig_atomic_t alarms;

static inline void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

/* One every 5 ms from now on; calls are restarted. */
static inline void alarms_begin(void)
{
	const struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };

	MUST(!sigaction(SIGALRM, &action, NULL) && !setitimer(ITIMER_REAL, &often, NULL));
}

/* Until now. */
static inline void alarms_end(void)
{
	const struct itimerval never = { 0 };

	MUST(!setitimer(ITIMER_REAL, &never, NULL));
}

#endif
