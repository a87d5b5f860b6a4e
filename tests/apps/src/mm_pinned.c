// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that a pipe still has (vmsplice(2)) when the program has given it up in each way that
 * there is, and others have filled pages of theirs: what comes out of the pipe is what went in.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fork.h"

#define PAGE 4096L
#define PAGES 6
#define LEN (PAGES * PAGE)
#define LARGE (2L << 20)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int fds[2];

static void *map(long len, int flags)
{
	char *start = mmap(NULL, (size_t)len, RW, flags, -1, 0);

	MUST(start != MAP_FAILED);
	return start;
}

static void number(char *start)
{
	for (int i = 0; i < PAGES; i++)
		memset(start + i * PAGE, 'a' + i, PAGE);
}

static void into_pipe(char *start, long len)
{
	struct iovec vec = { start, (size_t)len };

	MUST(vmsplice(fds[1], &vec, 1, 0) == len);
}

static char *numbered(int flags)
{
	char *start = map(LEN, flags);

	number(start);
	into_pipe(start, LEN);
	return start;
}

/* Small pages and large ones, as they are free: those that were freed last come first. */
static void fill(void)
{
	char *small[16];
	char *large = map(8 * LARGE, ANON);

	for (int i = 0; i < 16; i++) {
		small[i] = map(LARGE / 4, ANON);
		memset(small[i], 'X', LARGE / 4);
		MUST(!mprotect(small[i], PAGE, PROT_READ));
	}
	memset(large, 'X', 8 * LARGE);
	for (int i = 0; i < 16; i++)
		munmap(small[i], LARGE / 4);
	munmap(large, 8 * LARGE);
}

/* Each page's letter, if it is full of it. */
static void out_of_pipe(const char *what, int n)
{
	static char page[PAGE];

	fill();
	printf("%s: ", what);
	for (int i = 0; i < n; i++) {
		for (long got = 0, more; got < PAGE; got += more) {
			more = read(fds[0], page + got, PAGE - got);
			MUST(more > 0);
		}
		putchar(memcmp(page, page + 1, PAGE - 1) ? '?' : page[0]);
	}
	putchar('\n');
}

static void unmapped(void)
{
	char *start = numbered(ANON);

	munmap(start, LEN);
	out_of_pipe("unmapped", PAGES);
	start = numbered(MAP_SHARED | MAP_ANONYMOUS);
	munmap(start, LEN);
	out_of_pipe("unmapped, shared", PAGES);
	start = numbered(ANON);
	munmap(start + PAGE, PAGE);
	munmap(start + 3 * PAGE, 2 * PAGE);
	out_of_pipe("unmapped in part", PAGES);
	munmap(start, LEN);
	start = numbered(ANON);
	MUST(mmap(start, LEN, RW, ANON | MAP_FIXED, -1, 0) == start);
	memset(start, 'Y', LEN);
	out_of_pipe("mapped over", PAGES);
	munmap(start, LEN);
}

static void large(void)
{
	char *start = map(4 * LARGE, ANON);

	memset(start, 'L', 4 * LARGE);
	number(start + LARGE + 7 * PAGE);
	into_pipe(start + LARGE + 7 * PAGE, LEN);
	munmap(start, 4 * LARGE);
	out_of_pipe("large page unmapped", PAGES);
}

static void advised(void)
{
	char *start = numbered(ANON);

	SHOW(madvise(start, LEN, MADV_DONTNEED));
	printf("%d\n", start[PAGE]);
	memset(start, 'Y', LEN);
	out_of_pipe("given back by madvise", PAGES);
	munmap(start, LEN);
}

static void moved(void)
{
	char *start = numbered(ANON);
	char *to = map(LEN, ANON);

	MUST(mremap(start, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	to[PAGE] = 'B';
	memset(to + PAGE, 'B', PAGE);
	munmap(to, LEN);
	out_of_pipe("moved, written, unmapped", PAGES);
	start = numbered(ANON);
	MUST(mremap(start, LEN, PAGE, 0) == start);
	out_of_pipe("shrunk", PAGES);
	munmap(start, PAGE);
}

static void heap(void)
{
	char *old = sbrk(0);
	char *start = (char *)(((long)old + PAGE - 1) & -PAGE);

	MUST(!brk(start + LEN));
	number(start);
	into_pipe(start, LEN);
	MUST(!brk(old));
	out_of_pipe("heap", PAGES);
}

static void protected(void)
{
	char *start = numbered(ANON);

	MUST(!mprotect(start, LEN, PROT_READ));
	MUST(!mprotect(start, LEN, RW));
	memset(start, 'Z', PAGE);
	munmap(start, LEN);
	out_of_pipe("protected, written, unmapped", PAGES);
}

/* Twice: the second time Linux has nothing mapped any more when the memory goes. */
static void taken_twice(void)
{
	char *start = numbered(ANON);

	MUST(!mprotect(start, LEN, PROT_READ));
	MUST(!mprotect(start, LEN, PROT_NONE));
	munmap(start, LEN);
	out_of_pipe("protected, unmapped", PAGES);
}

/* A child gives up its memory by its end, or by another program. */
static void child(const char *what, const char *program)
{
	pid_t pid = fork_must();

	if (!pid) {
		numbered(ANON);
		if (program)
			execlp(program, program, NULL);
		_exit(!!program);
	}
	reap(pid, "child");
	out_of_pipe(what, PAGES);
}

/* The parent's memory, which both have, is given up by both. */
static void both(void)
{
	char *start = numbered(ANON);
	pid_t pid = fork_must();

	if (!pid) {
		memset(start, 'C', LEN);
		munmap(start, LEN);
		fill();
		_exit(0);
	}
	reap(pid, "child");
	munmap(start, LEN);
	out_of_pipe("after a fork", PAGES);
}

static void killed(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		numbered(ANON);
		raise(SIGKILL);
	}
	reap(pid, "child");
	out_of_pipe("killed", PAGES);
}

int main(void)
{
	MUST(!pipe(fds));
	unmapped();
	large();
	advised();
	moved();
	heap();
	protected();
	taken_twice();
	child("ended", NULL);
	child("another program", "true");
	killed();
	both();
	return 0;
}
