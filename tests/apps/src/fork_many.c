// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many children, one after the other, at once, and children of children: fork_many N.
 */
#include <sys/mman.h>

#include "fork.h"

static void one_by_one(int n)
{
	int status, sum = 0;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork_must();

		if (!pid)
			_exit(i % 100);
		MUST(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	printf("one by one: %d\n", sum);
}

static void at_once(int n)
{
	int status, sum = 0;

	for (int i = 0; i < n; i++) {
		if (!fork_must())
			_exit(i % 100);
	}
	for (int i = 0; i < n; i++) {
		MUST(wait(&status) > 0 && WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	printf("at once: %d\n", sum);
}

static void nested(int depth)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int level = 0, status = 0;
	pid_t pid = 0;

	MUST(shared != MAP_FAILED);
	while (level < depth && !pid) {
		level++;
		__atomic_add_fetch(shared, level, __ATOMIC_RELAXED);
		pid = fork_must();
	}
	if (pid)
		MUST(waitpid(pid, &status, 0) == pid);
	if (level > 1 || !pid)
		_exit(status ? 1 : 0);
	printf("nested: %d, status %d\n", *shared, status);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100;

	one_by_one(n);
	at_once(n / 4);
	nested(20);
	return 0;
}
