// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process forks time and again, each time when the last child has been waited for, with memory
 * of which the LWK has room for two but not for three: an ended child's is there for the next.
 */
#include <signal.h>
#include <sys/mman.h>

#include "fork.h"

#define LEN (250UL << 20)
#define STEP (2UL << 20)

static char *map(void)
{
	char *start = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(start != MAP_FAILED);
	return start;
}

static void run_child(char *start, int killed)
{
	pid_t pid = fork_must();

	if (!pid) {
		start[0]++;
		if (killed)
			raise(SIGKILL);
		_exit(start[0]);
	}
	reap(pid, "child");
}

int main(void)
{
	char *start = map();

	for (size_t at = 0; at < LEN; at += STEP)
		start[at] = 1;
	for (int i = 0; i < 6; i++)
		run_child(start, i % 2);
	for (int i = 0; i < 4; i++) {
		run_child(start, i % 2);
		MUST(!munmap(map(), LEN));
	}
	puts("enough for all");
	return 0;
}
