// SPDX-License-Identifier: GPL-2.0-only
/*
 * munmap() of parts, of several ranges at once, of nothing.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL
#define PAGES 64

static char *base;

static void show_pages(void)
{
	int i;

	for (i = 0; i < PAGES; i++)
		putchar(probe(base + i * PAGE)[0]);
	putchar('\n');
}

static char *map(char *where, size_t npages, int prot)
{
	return mmap(where, npages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* A file's pages among all from 0 on, where nothing can be; and the program itself. */
static void show_from_zero(void)
{
	char *file = (char *)0x20000000;
	int status;
	pid_t pid;

	MUST(mmap(file, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, open("/bin/true", O_RDONLY), 0) ==
	     file);
	SHOW(munmap(NULL, (size_t)file + PAGE));
	SHOW(msync(file, PAGE, MS_ASYNC));
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		munmap(NULL, 0x7ffffffff000);
		_exit(1);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	SHOW(WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void)
{
	probe_init();
	show_from_zero();
	base = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(base != MAP_FAILED);
	memset(base, 1, PAGES * PAGE);
	SHOW(munmap(base + 1, PAGE));
	SHOW(munmap(base, 0));
	SHOW(munmap((void *)0xffff800000000000, PAGE));
	SHOW(munmap(base, -PAGE));
	SHOW(munmap(base, 1));
	SHOW(munmap(base, PAGE));
	SHOW(munmap(base + 8 * PAGE, 4 * PAGE));
	SHOW(munmap(base + 60 * PAGE, 4 * PAGE));
	show_pages();
	MUST(map(base + 20 * PAGE, 4, PROT_READ) != MAP_FAILED);
	MUST(map(base + 30 * PAGE, 4, PROT_NONE) != MAP_FAILED);
	show_pages();
	SHOW(munmap(base + 6 * PAGE, 16 * PAGE));
	show_pages();
	SHOW(base[5 * PAGE] + base[24 * PAGE]);
	SHOW(munmap(base, PAGES * PAGE));
	show_pages();
	SHOW(write(1, base, 1));
	MUST(map(base, PAGES, PROT_READ | PROT_WRITE) == base);
	SHOW(base[0] + base[24 * PAGE] + base[PAGES * PAGE - 1]);
	return 0;
}
