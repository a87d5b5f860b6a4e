// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resource limits: what is inherited, set, refused. To be run without privileges.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

static void print_limit(unsigned long value)
{
	if (value == RLIM_INFINITY)
		printf(" unlimited");
	else
		printf(" %lu", value);
}

static void show_limits(void)
{
	struct rlimit limit;
	int i;

	for (i = 0; i < RLIMIT_NLIMITS; i++) {
		MUST(getrlimit((__rlimit_resource_t)i, &limit) == 0);
		printf("%d:", i);
		print_limit(limit.rlim_cur);
		print_limit(limit.rlim_max);
		printf("\n");
	}
}

int main(void)
{
	const struct rlimit lower = { 50, 100 };
	const struct rlimit higher = { 100, 200 };
	const struct rlimit wrong = { 80, 70 };
	const struct rlimit more = { 80, 100 };
	struct rlimit old;

	show_limits();
	SHOW(setrlimit(RLIMIT_NOFILE, &lower));
	SHOW(setrlimit(RLIMIT_NOFILE, &higher));
	SHOW(setrlimit(RLIMIT_NOFILE, &wrong));
	SHOW(setrlimit(RLIMIT_NOFILE, &more));
	SHOW(prlimit(0, RLIMIT_NOFILE, &lower, &old));
	SHOW((long)old.rlim_cur);
	SHOW(prlimit(getpid(), RLIMIT_NOFILE, NULL, &old));
	SHOW((long)old.rlim_cur);
	SHOW(prlimit(1, RLIMIT_NOFILE, NULL, &old));
	SHOW(prlimit(0x3fffffff, RLIMIT_NOFILE, NULL, &old));
	SHOW(syscall(SYS_getrlimit, 16, &old));
	SHOW(syscall(SYS_setrlimit, 16, &old));
	SHOW(sysconf(_SC_OPEN_MAX));
	SHOW(getdtablesize());
	return 0;
}
