// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers that are files.
 */
#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

int main(void)
{
	const struct itimerspec often = { { .tv_nsec = 10000000 }, { .tv_nsec = 10000000 } };
	const struct itimerspec late = { .it_value = { .tv_sec = 1000 } };
	const struct itimerspec past = { .it_value = { .tv_sec = 1 } };
	const struct itimerspec bad = { .it_value = { .tv_nsec = -1 } };
	struct pollfd poll_in = { .events = POLLIN };
	struct itimerspec old;
	uint64_t count;

	poll_in.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	MUST(poll_in.fd >= 0);
	SHOW(read(poll_in.fd, &count, 8));
	SHOW(poll(&poll_in, 1, 0));
	SHOW(timerfd_settime(poll_in.fd, 0, &often, NULL));
	SHOW(poll(&poll_in, 1, -1));
	usleep(50000);
	SHOW(read(poll_in.fd, &count, 8));
	SHOW_TRUE(count >= 4);
	SHOW(read(poll_in.fd, &count, 4));
	SHOW(timerfd_gettime(poll_in.fd, &old));
	SHOW(old.it_interval.tv_nsec);
	SHOW(timerfd_settime(poll_in.fd, 0, &late, &old));
	SHOW(timerfd_gettime(poll_in.fd, &old));
	SHOW_TRUE(old.it_value.tv_sec > 900 && old.it_value.tv_sec <= 1000);
	SHOW(read(poll_in.fd, &count, 8));
	SHOW(timerfd_settime(poll_in.fd, TFD_TIMER_ABSTIME, &past, NULL));
	SHOW(poll(&poll_in, 1, -1));
	SHOW(read(poll_in.fd, &count, 8));
	SHOW((long)count);
	SHOW(timerfd_settime(poll_in.fd, 0, &bad, NULL));
	SHOW(timerfd_settime(poll_in.fd, 0x80, &late, NULL));
	SHOW(timerfd_settime(0, 0, &late, NULL));
	SHOW(timerfd_create(1000, 0));
	SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
	SHOW(write(poll_in.fd, &count, 8));
	return 0;
}
