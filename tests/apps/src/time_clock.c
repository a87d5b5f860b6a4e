// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks: by the vDSO and by system call, alternately, time never goes back; what each
 * clock is, and what is no clock.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define ROUNDS 3000
#define SECOND 1000000000LL

static int64_t ns(const struct timespec *ts)
{
	return ts->tv_sec * SECOND + ts->tv_nsec;
}

static int64_t now(clockid_t clock, int by_call)
{
	struct timespec ts;

	if (by_call)
		MUST(syscall(SYS_clock_gettime, clock, &ts) == 0);
	else
		MUST(clock_gettime(clock, &ts) == 0);
	MUST(ts.tv_nsec >= 0 && ts.tv_nsec < SECOND);
	return ns(&ts);
}

static void show_clock(const char *name, clockid_t clock)
{
	const int64_t first = now(clock, 0);
	int64_t last = first;
	struct timespec res, raw;
	int backwards = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		const int64_t next = now(clock, i & 1);

		backwards += next < last;
		last = next;
	}
	MUST(clock_getres(clock, &res) == 0);
	MUST(syscall(SYS_clock_getres, clock, &raw) == 0 && ns(&raw) == ns(&res));
	printf("%s: back %d times, resolution %ld\n", name, backwards, (long)ns(&res));
}

/* Microseconds and seconds, from both sources in turn. */
static void show_old_calls(void)
{
	struct timeval tv;
	time_t second, last_second = 0;
	int64_t last = 0, next;
	int backwards = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if (i & 1)
			MUST(syscall(SYS_gettimeofday, &tv, NULL) == 0);
		else
			MUST(gettimeofday(&tv, NULL) == 0);
		next = tv.tv_sec * 1000000L + tv.tv_usec;
		second = i & 2 ? syscall(SYS_time, NULL) : time(NULL);
		backwards += next < last || second < last_second;
		last = next;
		last_second = second;
	}
	printf("old calls: back %d times\n", backwards);
	MUST(syscall(SYS_time, &second) >= last_second && second >= last_second);
	SHOW(syscall(SYS_time, 8L));
	SHOW(syscall(SYS_gettimeofday, 8L, NULL));
	SHOW(syscall(SYS_gettimeofday, NULL, NULL));
	SHOW(syscall(SYS_clock_gettime, CLOCK_TAI, 8L));
	SHOW(syscall(SYS_clock_getres, CLOCK_TAI, 8L));
	SHOW(syscall(SYS_clock_getres, CLOCK_TAI, NULL));
}

static void show_agreement(void)
{
	struct timeval tv;
	int64_t before;
	int64_t after;
	time_t seconds;

	before = now(CLOCK_REALTIME, 1);
	MUST(gettimeofday(&tv, NULL) == 0);
	after = now(CLOCK_REALTIME, 0);
	SHOW_TRUE(before / 1000 <= tv.tv_sec * 1000000L + tv.tv_usec);
	SHOW_TRUE(tv.tv_sec * 1000000L + tv.tv_usec <= after / 1000);
	seconds = time(NULL);
	SHOW_TRUE(seconds >= before / SECOND - 1 && seconds <= now(CLOCK_REALTIME, 1) / SECOND);
	SHOW_TRUE(syscall(SYS_time, NULL) >= seconds);
	SHOW_TRUE(seconds > 1700000000);
	before = now(CLOCK_MONOTONIC, 0);
	SHOW_TRUE(now(CLOCK_BOOTTIME, 0) >= before);
	SHOW_TRUE(now(CLOCK_MONOTONIC_RAW, 0) > 0);
	SHOW_TRUE(now(CLOCK_MONOTONIC_COARSE, 0) <= now(CLOCK_MONOTONIC, 0));
	SHOW_TRUE(llabs(now(CLOCK_TAI, 0) - now(CLOCK_REALTIME, 0)) < 100 * SECOND);
}

/* Computing takes time of the process, sleeping does not. */
static void show_cpu_time(clockid_t clock)
{
	const struct timespec nap = { .tv_nsec = 50000000 };
	const int64_t begin = now(clock, 0);
	int64_t end;

	while (now(clock, 0) - begin < 20000000)
		;
	SHOW_TRUE(now(clock, 1) - begin >= 20000000);
	end = now(CLOCK_MONOTONIC, 0);
	MUST(nanosleep(&nap, NULL) == 0);
	SHOW_TRUE(now(CLOCK_MONOTONIC, 0) - end >= 50000000);
}

/* From then on the vDSO must not be asked. */
static void unmap_pages(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[256];

	MUST(maps != NULL);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar") && sscanf(line, "%lx-%lx", &start, &end) == 2)
			MUST(munmap((void *)start, end - start) == 0);
	fclose(maps);
}

static void show_without_pages(void)
{
	const int64_t before = now(CLOCK_MONOTONIC, 1);
	struct timespec res;

	unmap_pages();
	SHOW_TRUE(now(CLOCK_MONOTONIC, 1) >= before);
	SHOW_TRUE(now(CLOCK_REALTIME, 1) > 0);
	SHOW(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &res));
	SHOW_TRUE(syscall(SYS_time, NULL) > 0);
}

int main(void)
{
	struct timespec ts;
	clockid_t clock;

	show_clock("realtime", CLOCK_REALTIME);
	show_clock("monotonic", CLOCK_MONOTONIC);
	show_clock("raw", CLOCK_MONOTONIC_RAW);
	show_clock("coarse", CLOCK_MONOTONIC_COARSE);
	show_clock("realtime, coarse", CLOCK_REALTIME_COARSE);
	show_clock("boot", CLOCK_BOOTTIME);
	show_clock("TAI", CLOCK_TAI);
	show_clock("process", CLOCK_PROCESS_CPUTIME_ID);
	show_clock("thread", CLOCK_THREAD_CPUTIME_ID);
	show_old_calls();
	show_agreement();
	show_cpu_time(CLOCK_PROCESS_CPUTIME_ID);
	show_cpu_time(CLOCK_THREAD_CPUTIME_ID);
	SHOW(clock_getcpuclockid(0, &clock));
	SHOW(clock_gettime(clock, &ts));
	SHOW(clock_gettime(10, &ts));
	SHOW(clock_gettime(-100, &ts));
	SHOW(clock_gettime(1000, &ts));
	SHOW(clock_getres(1000, &ts));
	SHOW(clock_getres(CLOCK_REALTIME, NULL));
	SHOW(clock_settime(CLOCK_MONOTONIC, &ts));
	show_without_pages();
	return 0;
}
