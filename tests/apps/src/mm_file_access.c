// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files mapped with each protection: what the processor allows of it. It has no pages that can be
 * written only, and pages that can be executed only by a protection key.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL
#define PAGES 64UL
#define LEN (PAGES * PAGE)
#define RET "\xc3"

static void show_page(char *page)
{
	printf("%s", probe(page));
	printf("%c ", probe_exec(page + PAGE) ? 'x' : '-');
	/* Written to first. */
	printf("%c%c\n", probe_write(page + 2 * PAGE) ? 'w' : '-',
	       probe_read(page + 2 * PAGE) ? 'r' : '-');
	probe_read(page + 3 * PAGE);
	probe_show(page + 3 * PAGE);
}

static void show_all(int fd, int flags)
{
	char *map;
	int prot;

	for (prot = 0; prot < 8; prot++) {
		printf("%d: ", prot);
		map = mmap(NULL, LEN, prot, flags, fd, 0);
		MUST(map != MAP_FAILED);
		show_page(map);
		SHOW(mprotect(map, LEN, 7 - prot));
		show_page(map + 4 * PAGE);
		show_page(map);
		SHOW(munmap(map, LEN));
	}
}

int main(void)
{
	unsigned long i;
	int fd;

	probe_init();
	MUST((fd = open("file", O_CREAT | O_RDWR, 0700)) >= 0);
	for (i = 0; i < PAGES; i++)
		MUST(pwrite(fd, RET, 1, (off_t)(i * PAGE)) == 1);
	MUST(ftruncate(fd, LEN) == 0);
	show_all(fd, MAP_PRIVATE);
	show_all(fd, MAP_SHARED);
	return 0;
}
