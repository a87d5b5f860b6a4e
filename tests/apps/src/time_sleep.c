// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleeping: at least as long as wanted, what is left after a signal, what is refused.
 */
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define MS 1000000LL
#define SECOND (1000 * MS)

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	MUST(clock_gettime(clock, &ts) == 0);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* The call takes 20 ms at least. */
#define TIMED(call) do { \
	const int64_t begin_ = now(CLOCK_MONOTONIC); \
	const long result_ = (long)(call); \
	printf("%s = %ld, %s\n", #call, result_, \
	       now(CLOCK_MONOTONIC) - begin_ >= 20 * MS ? "in time" : "too early"); \
} while (0)

static void handler(int number)
{
	(void)number;
}

static void show_lengths(void)
{
	const struct timespec ts = { .tv_nsec = 20 * MS };
	struct timeval tv = { .tv_usec = 20000 };
	struct epoll_event event;
	int epoll = epoll_create1(0);

	MUST(epoll >= 0);
	TIMED(nanosleep(&ts, NULL));
	TIMED(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL));
	TIMED(clock_nanosleep(CLOCK_REALTIME, 0, &ts, NULL));
	TIMED(clock_nanosleep(CLOCK_BOOTTIME, 0, &ts, NULL));
	TIMED(usleep(20000));
	TIMED(poll(NULL, 0, 20));
	TIMED(ppoll(NULL, 0, &ts, NULL));
	TIMED(select(0, NULL, NULL, NULL, &tv));
	TIMED(pselect(0, NULL, NULL, NULL, &ts, NULL));
	TIMED(epoll_wait(epoll, &event, 1, 20));
	SHOW(tv.tv_sec * 1000000 + tv.tv_usec);
	close(epoll);
}

static void show_absolute(clockid_t clock)
{
	struct timespec ts;

	MUST(clock_gettime(clock, &ts) == 0);
	SHOW(clock_nanosleep(clock, TIMER_ABSTIME, &ts, NULL));
	ts.tv_nsec += 20 * MS;
	if (ts.tv_nsec >= SECOND) {
		ts.tv_nsec -= SECOND;
		ts.tv_sec++;
	}
	SHOW(clock_nanosleep(clock, TIMER_ABSTIME, &ts, NULL));
	SHOW_TRUE(now(clock) >= ts.tv_sec * SECOND + ts.tv_nsec);
	ts.tv_sec = 0;
	SHOW(clock_nanosleep(clock, TIMER_ABSTIME, &ts, NULL));
}

static void show_interrupted(void)
{
	const struct itimerval often = { { .tv_usec = 20000 }, { .tv_usec = 20000 } };
	const struct itimerval never = { 0 };
	const struct timespec ts = { .tv_sec = 1000 };
	struct timespec left = { .tv_sec = -1 };

	MUST(setitimer(ITIMER_REAL, &often, NULL) == 0);
	SHOW(nanosleep(&ts, &left));
	SHOW_TRUE(left.tv_sec < 1000 && left.tv_sec > 900);
	left.tv_sec = -1;
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &left));
	SHOW_TRUE(left.tv_sec < 1000 && left.tv_sec > 900);
	left.tv_sec = 1LL << 40;
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &left, &left));
	SHOW_TRUE(left.tv_sec == 1LL << 40);
	SHOW_TRUE(sleep(1000) > 900);
	MUST(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

static void show_refused(void)
{
	const struct timespec many = { .tv_nsec = SECOND };
	const struct timespec negative = { .tv_sec = -1 };
	const struct timespec none = { 0 };

	SHOW(nanosleep(&many, NULL));
	SHOW(nanosleep(&negative, NULL));
	SHOW(nanosleep(&none, NULL));
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &many, NULL));
	SHOW(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &none, NULL));
	SHOW(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &none, NULL));
	SHOW(clock_nanosleep(1000, 0, &none, NULL));
	SHOW(ppoll(NULL, 0, &many, NULL));
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };

	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	show_lengths();
	show_absolute(CLOCK_MONOTONIC);
	show_absolute(CLOCK_REALTIME);
	show_interrupted();
	show_refused();
	return 0;
}
