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
	return 0;
}
