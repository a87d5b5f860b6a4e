// SPDX-License-Identifier: GPL-2.0-only
/* fork(2) with all descriptors in use, by a child of such a process, too. */
#include <fcntl.h>
#include <sys/resource.h>

#include "fork.h"

static void fill(void)
{
	while (dup(0) >= 0)
		continue;
	SHOW(dup(0));
}

int main(void)
{
	struct rlimit limit;
	pid_t pid;

	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 32;
	MUST(!setrlimit(RLIMIT_NOFILE, &limit));
	fill();
	pid = fork_must();
	if (!pid) {
		SHOW(dup(0));
		pid = fork_must();
		if (!pid)
			_exit(3);
		reap(pid, "grandchild");
		fflush(stdout);
		_exit(4);
	}
	reap(pid, "child");
	/* None is left behind. */
	fill();
	SHOW(close(31));
	SHOW(dup(0));
	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	SHOW(limit.rlim_cur);
	return 0;
}
