// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sees whose writes after fork(): all kinds of memory, written before and after it by parent
 * and child.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "fork.h"

#define LEN (4 << 20)

static char data[8192] = "data of the program";
static char bss[LEN];

struct area {
	const char *name;
	char *at;
};

static void *map(int flags, int fd)
{
	void *at = mmap(NULL, LEN, PROT_READ | PROT_WRITE, flags, fd, 0);

	MUST(at != MAP_FAILED);
	return at;
}

static int make_file(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	MUST(fd >= 0 && ftruncate(fd, LEN) == 0);
	return fd;
}

/* First and last byte, and some in between. */
static void fill(const struct area *area, char c)
{
	size_t len = area->at == data ? sizeof(data) : LEN;

	for (size_t i = 0; i < len; i += 4096)
		area->at[i] = c;
	area->at[len - 1] = c;
}

static void look(const struct area *areas, int n, const char *who)
{
	for (int i = 0; i < n; i++) {
		size_t len = areas[i].at == data ? sizeof(data) : LEN;

		printf("%s: %s: %c %c %c\n", who, areas[i].name, areas[i].at[0],
		       areas[i].at[len / 2], areas[i].at[len - 1]);
	}
}

static void child(const struct area *areas, int n, const int *pipes)
{
	char c;

	look(areas, n, "child, inherited");
	for (int i = 0; i < n; i++)
		fill(&areas[i], 'c');
	fflush(stdout);
	MUST(write(pipes[1], "x", 1) == 1);
	/* The parent has written, too. */
	MUST(read(pipes[2], &c, 1) == 1);
	look(areas, n, "child, at the end");
	exit(0);
}

int main(void)
{
	int fd = make_file(), pipes[4];
	const struct area areas[] = {
		{ "data", data },
		{ "bss", bss },
		{ "heap", malloc(LEN) },
		{ "private", map(MAP_PRIVATE | MAP_ANONYMOUS, -1) },
		{ "shared", map(MAP_SHARED | MAP_ANONYMOUS, -1) },
		{ "private file", map(MAP_PRIVATE, fd) },
		{ "shared file", map(MAP_SHARED, fd) },
	};
	const int n = sizeof(areas) / sizeof(areas[0]);
	pid_t pid;
	char c;

	MUST(pipe(pipes) == 0 && pipe(pipes + 2) == 0);
	for (int i = 0; i < n; i++)
		fill(&areas[i], 'a' + (i == 6));
	pid = fork_must();
	if (!pid) {
		const int ends[] = { 0, pipes[1], pipes[2] };

		child(areas, n, ends);
	}
	MUST(read(pipes[0], &c, 1) == 1);
	look(areas, n, "parent, after the child wrote");
	for (int i = 0; i < n; i++)
		fill(&areas[i], 'p');
	fflush(stdout);
	MUST(write(pipes[3], "x", 1) == 1);
	reap(pid, "child");
	look(areas, n, "parent, at the end");
	return 0;
}
