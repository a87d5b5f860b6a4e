// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings beyond the end of their file: SIGBUS for the program, EFAULT for system
 * calls; and how the end moves.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL
#define PAGES 8

static char *shared;
static char *private;

static void show_pages(const char *what)
{
	int i;

	printf("%s: shared", what);
	for (i = 0; i < PAGES; i++)
		printf(" %s", probe(shared + i * PAGE));
	printf(", private");
	for (i = 0; i < PAGES; i++)
		printf(" %s", probe(private + i * PAGE));
	putchar('\n');
}

int main(void)
{
	int fds[2];
	int fd;

	probe_init();
	MUST(pipe(fds) == 0);
	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	shared = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	MUST(shared != MAP_FAILED && private != MAP_FAILED);
	show_pages("empty");
	SHOW_TRUE(probe_read(shared));
	probe_show(shared);
	SHOW(write(fds[1], shared, 1));
	SHOW(ftruncate(fd, PAGES * PAGE));
	show_pages("eight pages");
	SHOW(ftruncate(fd, 3 * PAGE + 1));
	show_pages("a byte of the fourth page");
	SHOW_TRUE(probe_write(private + 5 * PAGE + 77));
	probe_show(private + 5 * PAGE + 77);
	SHOW(write(fds[1], shared + 3 * PAGE, 1));
	SHOW(write(fds[1], shared + 4 * PAGE, 1));

	memset(shared + 3 * PAGE, 'x', PAGE);
	SHOW(pwrite(fd, "y", 1, 3 * PAGE + 99));
	SHOW(shared[3 * PAGE] * 1000000 + shared[3 * PAGE + 50] * 1000 + shared[3 * PAGE + 99]);
	SHOW(ftruncate(fd, 0));
	show_pages("empty again");
	SHOW(pwrite(fd, "z", 1, 2 * PAGE));
	show_pages("three pages");
	SHOW(shared[0] + shared[2 * PAGE]);
	return 0;
}
