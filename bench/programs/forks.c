// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time of fork, exit of the child and wait, by how much memory the process has touched.
 *
 *   forks ROUNDS MIB...
 *
 * With large pages (MADV_HUGEPAGE) and with 4 KiB pages (MADV_NOHUGEPAGE). The child touches
 * nothing but its stack.
 *
 * A pause comes before each sample, in which idle CPUs clear what was freed before. Then a child
 * comes and goes that is not counted: the memory of one that has been waited for may be given
 * back while the next is made, so that each sample begins with such an end as it leaves behind.
 */
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samples.h"

#define PAGE_LEN 4096UL
#define LARGE_LEN (2UL << 20)
#define FORKS 3		/* in a sample */
#define PAUSE_US 1000000

static const struct {
	const char *name;
	int advice;
} kinds[] = {
	{ "large pages", MADV_HUGEPAGE },
	{ "4 KiB pages", MADV_NOHUGEPAGE },
};

static void fork_once(void)
{
	int status;
	pid_t pid = fork();

	check(pid >= 0, "fork");
	if (!pid)
		_exit(0);
	check(waitpid(pid, &status, 0) == pid, "waitpid");
	check(WIFEXITED(status) && !WEXITSTATUS(status), "the child");
}

static void measure(unsigned int mib, size_t kind, unsigned int rounds)
{
	size_t len = (size_t)mib << 20, i;
	char *whole, *area, name[64];
	uint64_t start;
	int n;

	whole = mmap(NULL, len + LARGE_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	check(whole != MAP_FAILED, "mmap");
	area = (char *)(((uintptr_t)whole + LARGE_LEN - 1) & ~(LARGE_LEN - 1));
	check(!madvise(area, len, kinds[kind].advice), "madvise");
	for (i = 0; i < len; i += PAGE_LEN)
		area[i] = 1;
	snprintf(name, sizeof(name), "fork + exit + wait, %u MiB in %s", mib, kinds[kind].name);
	while (rounds--) {
		usleep(PAUSE_US);
		fork_once();
		start = now_ns();
		MARK_BEGIN();
		for (n = 0; n < FORKS; n++)
			fork_once();
		MARK_END();
		sample(name, now_ns() - start, FORKS);
	}
	check(!munmap(whole, len + LARGE_LEN), "munmap");
}

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	size_t kind;
	int i;

	for (i = 2; i < argc; i++)
		for (kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
			measure(number(argv[i], 1U << 20), kind, rounds);
	return 0;
}
