// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2) with all descriptors in use, or all but a few. The dynamic linker would need some, so
 * this is a static program.
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "fork.h"

#define LIMIT 32

static rlim_t limit_now(void)
{
	struct rlimit limit;

	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	return limit.rlim_cur;
}

static int executed(void)
{
	int left = 0;

	SHOW(limit_now());
	while (dup(0) >= 0)
		left++;
	printf("%d descriptors are free\n", left);
	for (int fd = LIMIT; fd < 2 * LIMIT; fd++)
		MUST(fcntl(fd, F_GETFD) < 0);
	return 3;
}

static void execute(const char *path, int left)
{
	char *const argv[] = { "exec_full", "again", NULL };
	pid_t pid = fork_must();

	if (!pid) {
		for (int i = 0; i < left; i++)
			close(LIMIT - 2 - i);
		execv(path, argv);
		printf("%s\n", error_name(errno));
		SHOW(limit_now());
		fflush(stdout);
		_exit(executed());
	}
	reap(pid, path);
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	(void)argv;
	if (argc > 1)
		return executed();
	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = LIMIT;
	MUST(!setrlimit(RLIMIT_NOFILE, &limit));
	while (dup(0) >= 0)
		continue;
	for (int left = 0; left < 5; left++)
		execute("/proc/self/exe", left);
	execute("/nowhere", 0);
	execute("/", 0);
	/* The shell runs, and its dynamic linker finds no descriptor. */
	execute("/bin/sh", 0);
	return 0;
}
