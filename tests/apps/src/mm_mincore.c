// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages are there: mincore() and MAP_POPULATE.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define PAGES 16
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void show_pages(const char *what, char *start)
{
	unsigned char vec[PAGES];
	int i;

	printf("%s: ", what);
	if (mincore(start, PAGES * PAGE, vec))
		printf("%s", error_name(errno));
	else
		for (i = 0; i < PAGES; i++)
			putchar(vec[i] & 1 ? 'x' : '.');
	putchar('\n');
}

static char *map(int flags)
{
	char *start = mmap(NULL, PAGES * PAGE, RW, flags, -1, 0);

	MUST(start != MAP_FAILED);
	/* Large pages would come all at once. */
	madvise(start, PAGES * PAGE, MADV_NOHUGEPAGE);
	return start;
}

int main(void)
{
	unsigned char vec[PAGES];
	char *start = map(ANON);
	int fd;

	show_pages("untouched", start);
	start[3 * PAGE] = 1;
	start[15 * PAGE + 5] = 1;
	show_pages("two written", start);
	MUST(madvise(start + 3 * PAGE, PAGE, MADV_DONTNEED) == 0);
	show_pages("one dropped", start);
	show_pages("populated", map(ANON | MAP_POPULATE));
	SHOW(mincore(start + 1, PAGE, vec));
	SHOW(mincore(start, 0, vec));
	SHOW(mincore(start, -PAGE, vec));
	SHOW(mincore(start, PAGE, (void *)8));
	MUST(munmap(start + 8 * PAGE, PAGE) == 0);
	show_pages("with a hole", start);
	SHOW(mincore(start + 7 * PAGE, 10, vec));

	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST(ftruncate(fd, PAGES * PAGE) == 0);
	for (int i = 0; i < PAGES; i++)
		MUST(pwrite(fd, "x", 1, i * (off_t)PAGE) == 1);
	start = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	MUST(start != MAP_FAILED);
	show_pages("file, just written", start);
	return 0;
}
