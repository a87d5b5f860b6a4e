// SPDX-License-Identifier: GPL-2.0-only
/*
 * madvise(): what it changes, and what it refuses.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

static char *map(int flags, int fd)
{
	char *start = mmap(NULL, 8 * PAGE, RW, flags, fd, 0);

	MUST(start != MAP_FAILED);
	return start;
}

static int resident(char *start)
{
	unsigned char vec[8];
	int n = 0;
	int i;

	MUST(mincore(start, 8 * PAGE, vec) == 0);
	for (i = 0; i < 8; i++)
		n += vec[i] & 1;
	return n;
}

static void show_file(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0644);
	char *start;

	MUST(fd >= 0 && ftruncate(fd, 8 * PAGE) == 0);
	MUST(pwrite(fd, "file", 4, 0) == 4);
	start = map(MAP_PRIVATE, fd);
	strcpy(start, "mine");
	SHOW(madvise(start, PAGE, MADV_DONTNEED));
	printf("private file page: %.4s\n", start);
	start = map(MAP_SHARED, fd);
	strcpy(start, "ours");
	SHOW(madvise(start, PAGE, MADV_DONTNEED));
	printf("shared file page: %.4s\n", start);
	SHOW(madvise(start, PAGE, MADV_FREE));
	SHOW(madvise(start, PAGE, MADV_REMOVE));
	SHOW(start[0]);
	SHOW(madvise(start, 8 * PAGE, MADV_SEQUENTIAL));
	SHOW(madvise(start, 8 * PAGE, MADV_RANDOM));
	SHOW(madvise(start, 8 * PAGE, MADV_WILLNEED));
}

/* Pages of the program's and of a file's side by side, all to be in memory. */
static void show_populate(void)
{
	int fd = open("populate", O_CREAT | O_RDWR, 0644);
	char *start = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

	MUST(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	MUST(mmap(start + 2 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0) ==
	     start + 2 * PAGE);
	MUST(mmap(start + 5 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) ==
	     start + 5 * PAGE);
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_READ));
	SHOW(resident(start));
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_WRITE));
	SHOW(ftruncate(fd, PAGE));
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_READ));
	MUST(mprotect(start + 2 * PAGE, PAGE, PROT_READ) == 0);
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_WRITE));
	/* Which of two failures is told, Linux's versions disagree. */
	MUST(ftruncate(fd, 2 * PAGE) == 0 && munmap(start + PAGE, PAGE) == 0);
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_READ));
	SHOW(madvise(start + 2 * PAGE, 0, MADV_POPULATE_READ));
	SHOW(madvise(start + 2 * PAGE, -1UL, MADV_POPULATE_READ));
}

/* Below memory that grows when it is touched there is a hole all the same. */
static void show_populate_below(void)
{
	const unsigned long room = 4UL << 20;
	char *start = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *stack = start + room - 4 * PAGE;

	MUST(start != MAP_FAILED && munmap(start, room) == 0);
	MUST(mmap(stack, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1,
		  0) == stack);
	SHOW(madvise(stack - PAGE, 2 * PAGE, MADV_POPULATE_READ));
	SHOW(madvise(stack - 2 * PAGE, PAGE, MADV_POPULATE_WRITE));
	stack[-1] = 1;
	SHOW(madvise(stack - PAGE, PAGE, MADV_POPULATE_WRITE));
	MUST(munmap(start, room) == 0);
}

static void show_kinds(const char *what, char *start)
{
	printf("%s\n", what);
	SHOW(madvise(start, 4 * PAGE, MADV_MERGEABLE));
	SHOW(madvise(start, 4 * PAGE, MADV_UNMERGEABLE));
	SHOW(madvise(start, 4 * PAGE, MADV_COLD));
	SHOW(madvise(start, 4 * PAGE, MADV_PAGEOUT));
	SHOW(madvise(start, 4 * PAGE, MADV_DONTNEED_LOCKED));
	SHOW(madvise(start, 4 * PAGE, MADV_WIPEONFORK));
	SHOW(madvise(start, 4 * PAGE, MADV_KEEPONFORK));
	SHOW(madvise(start, 4 * PAGE, MADV_REMOVE));
	SHOW(madvise(start, 4 * PAGE, MADV_FREE));
}

static void show_all_kinds(void)
{
	int fd = open("kinds", O_CREAT | O_RDWR, 0644);
	char *start;

	MUST(fd >= 0 && ftruncate(fd, 8 * PAGE) == 0);
	show_kinds("anonymous", map(MAP_PRIVATE | MAP_ANONYMOUS, -1));
	show_kinds("shared", map(MAP_SHARED | MAP_ANONYMOUS, -1));
	show_kinds("private file", map(MAP_PRIVATE, fd));
	show_kinds("shared file", map(MAP_SHARED, fd));
	start = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	MUST(mlock(start, PAGE) == 0);
	show_kinds("locked", start);
	MUST(munmap(start + PAGE, PAGE) == 0);
	show_kinds("hole", start);
}

int main(void)
{
	char *start = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(start, 1, 8 * PAGE);
	SHOW(madvise(start, 2 * PAGE, MADV_DONTNEED));
	SHOW(start[0] + start[PAGE] + start[2 * PAGE]);
	SHOW(madvise(start + PAGE, 1, MADV_DONTNEED));
	SHOW(madvise(start + 1, PAGE, MADV_DONTNEED));
	SHOW(madvise(start, 0, MADV_DONTNEED));
	SHOW(madvise(start, -PAGE, MADV_DONTNEED));
	SHOW(madvise(start, PAGE, 1000));
	SHOW(madvise(start, PAGE, MADV_NORMAL));
	SHOW(madvise(start, PAGE, MADV_WILLNEED));
	SHOW(madvise(start, PAGE, MADV_DONTFORK));
	SHOW(madvise(start, PAGE, MADV_DOFORK));
	SHOW(madvise(start, PAGE, MADV_DONTDUMP));
	SHOW(madvise(start, PAGE, MADV_DODUMP));
	SHOW(madvise(start, 8 * PAGE, MADV_HUGEPAGE));
	SHOW(madvise(start, 8 * PAGE, MADV_NOHUGEPAGE));
	SHOW(madvise(start, PAGE, MADV_REMOVE));
	start[3 * PAGE] = 5;
	SHOW(madvise(start + 3 * PAGE, PAGE, MADV_FREE));
	start[3 * PAGE] = 6;
	SHOW(start[3 * PAGE]);
	MUST(munmap(start + 5 * PAGE, PAGE) == 0);
	SHOW(madvise(start + 4 * PAGE, 3 * PAGE, MADV_DONTNEED));
	SHOW(start[4 * PAGE] + start[6 * PAGE] + start[7 * PAGE]);

	start = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	SHOW(resident(start));
	SHOW(madvise(start, 4 * PAGE, MADV_POPULATE_WRITE));
	SHOW(resident(start));
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_READ));
	SHOW(resident(start));
	MUST(mprotect(start, PAGE, PROT_READ) == 0);
	SHOW(madvise(start, 8 * PAGE, MADV_POPULATE_WRITE));
	show_file();
	show_populate();
	show_populate_below();
	show_all_kinds();
	return 0;
}
