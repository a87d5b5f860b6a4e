// SPDX-License-Identifier: GPL-2.0-only
/*
 * mlockall(2): what is mapped, and what will be, is in memory, also if it is a file's. To be run
 * as root.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096L
#define PAGES 64
#define LEN (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)

static int resident(char *start)
{
	unsigned char vec[PAGES];
	int n = 0;

	MUST(!mincore(start, LEN, vec));
	for (int i = 0; i < PAGES; i++)
		n += vec[i] & 1;
	return n;
}

/* A new file whose pages are not in memory. */
static char *map_file(const char *name, int flags)
{
	static char page[PAGE] = "a page";
	int fd = open(name, O_CREAT | O_TRUNC | O_RDWR, 0600);
	char *start;

	MUST(fd >= 0);
	for (int i = 0; i < PAGES; i++)
		MUST(write(fd, page, PAGE) == PAGE);
	MUST(!fsync(fd) && !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	start = mmap(NULL, LEN, RW, flags, fd, 0);
	MUST(start != MAP_FAILED);
	close(fd);
	return start;
}

int main(void)
{
	char *shared = map_file("shared", MAP_SHARED);
	char *private = map_file("private", MAP_PRIVATE);
	char *memory = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(memory != MAP_FAILED);
	SHOW(resident(memory));
	SHOW(mlockall(MCL_CURRENT | MCL_FUTURE));
	SHOW(resident(shared));
	SHOW(resident(private));
	SHOW(resident(memory));
	/* Locked pages are not dropped. */
	SHOW(madvise(shared, LEN, MADV_DONTNEED));
	SHOW(madvise(memory, LEN, MADV_DONTNEED));
	SHOW(resident(map_file("another", MAP_SHARED)));
	SHOW(resident(map_file("one more", MAP_PRIVATE)));
	SHOW(munlockall());
	SHOW(madvise(shared, LEN, MADV_DONTNEED));
	puts(shared + LEN - PAGE);
	return 0;
}
