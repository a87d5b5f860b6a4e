// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounting: what the program used grows as it uses it.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define LEN (20UL << 20)

static struct rusage usage(int who)
{
	struct rusage now;

	MUST(getrusage(who, &now) == 0);
	return now;
}

static long user_us(const struct rusage *at)
{
	return at->ru_utime.tv_sec * 1000000 + at->ru_utime.tv_usec;
}

int main(void)
{
	struct rusage before = usage(RUSAGE_SELF);
	struct rusage after;
	struct tms ticks;
	char *map;

	map = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(map != MAP_FAILED);
	memset(map, 1, LEN);
	do
		after = usage(RUSAGE_SELF);
	while (user_us(&after) - user_us(&before) < 50000);
	SHOW_TRUE(after.ru_maxrss >= before.ru_maxrss + 10 * 1024);
	SHOW_TRUE(after.ru_minflt > before.ru_minflt);
	/* What it had at most, not what it has; Linux, too, counts in lots of 64 pages. */
	MUST(munmap(map, LEN) == 0);
	SHOW_TRUE(usage(RUSAGE_SELF).ru_maxrss >= after.ru_maxrss - 1024);
	SHOW_TRUE(times(&ticks) > 0 && ticks.tms_utime >= 4);
	SHOW(ticks.tms_cutime + ticks.tms_cstime);
	SHOW_TRUE(clock() > 50000);
	after = usage(RUSAGE_CHILDREN);
	SHOW(after.ru_maxrss);
	after = usage(RUSAGE_THREAD);
	SHOW_TRUE(user_us(&after) >= 50000);
	SHOW(getrusage((__rusage_who_t)77, &after));
	return 0;
}
