// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process of 100 MiB forks: all of it is there, and what either writes is its own.
 */
#include <sys/mman.h>

#include "fork.h"

#define LEN (100UL << 20)

static unsigned long sum(const unsigned long *words)
{
	unsigned long ret = 0;

	for (size_t i = 0; i < LEN / sizeof(*words); i += 512)
		ret += words[i];
	return ret;
}

int main(void)
{
	unsigned long *words = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	MUST(words != MAP_FAILED);
	for (size_t i = 0; i < LEN / sizeof(*words); i += 512)
		words[i] = i;
	pid = fork_must();
	if (!pid) {
		printf("child: %lu\n", sum(words));
		for (size_t i = 0; i < LEN / sizeof(*words); i += 512 * 16)
			words[i]++;
		printf("child: %lu\n", sum(words));
		exit(0);
	}
	reap(pid, "child");
	printf("parent: %lu\n", sum(words));
	words[0] = 7;
	printf("parent: %lu\n", sum(words));
	return 0;
}
