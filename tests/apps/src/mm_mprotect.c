// SPDX-License-Identifier: GPL-2.0-only
/*
 * mprotect(): permissions take effect at once, for the program and for system calls;
 * execution too.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL
#define PAGES 16
#define RW (PROT_READ | PROT_WRITE)

static char *base;

static void show_pages(void)
{
	int i;

	for (i = 0; i < PAGES; i++)
		printf("%s ", probe(base + i * PAGE));
	putchar('\n');
}

static void show_execution(char *page)
{
	page[0] = (char)0xc3; /* ret */
	SHOW_TRUE(probe_exec(page));
	probe_show(page);
	SHOW(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
	SHOW_TRUE(probe_exec(page));
	SHOW_TRUE(probe_write(page));
	SHOW(mprotect(page, PAGE, PROT_EXEC));
	SHOW_TRUE(probe_exec(page));
	SHOW(mprotect(page, PAGE, RW | PROT_EXEC));
	SHOW_TRUE(probe_exec(page) && probe_write(page));
	SHOW(mprotect(page, PAGE, PROT_NONE));
	SHOW_TRUE(probe_exec(page));
	probe_show(page);
}

int main(void)
{
	int fds[2];

	probe_init();
	MUST(pipe(fds) == 0);
	base = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(base != MAP_FAILED);
	memset(base, 'x', PAGES * PAGE);
	SHOW(mprotect(base + 2 * PAGE, 2 * PAGE, PROT_READ));
	SHOW(mprotect(base + 4 * PAGE, 1, PROT_NONE));
	SHOW(mprotect(base + 6 * PAGE, PAGE, PROT_WRITE));
	show_pages();
	probe_write(base + 2 * PAGE + 5);
	probe_show(base + 2 * PAGE + 5);
	probe_read(base + 4 * PAGE + 7);
	probe_show(base + 4 * PAGE + 7);
	SHOW(write(fds[1], base + 2 * PAGE, 1));
	SHOW(write(fds[1], base + 4 * PAGE, 1));
	SHOW(read(fds[0], base + 2 * PAGE, 1));
	SHOW(read(fds[0], base, 1));

	SHOW(mprotect(base + 1, PAGE, RW));
	SHOW(mprotect(base, 0, RW));
	SHOW(mprotect(base, PAGE, 0x80));
	SHOW(mprotect(base, PAGE, RW | PROT_GROWSDOWN));
	SHOW(mprotect(base, PAGE, RW | PROT_GROWSDOWN | PROT_GROWSUP));
	SHOW(mprotect((void *)0xffff800000000000, PAGE, RW));
	MUST(munmap(base + 10 * PAGE, PAGE) == 0);
	SHOW(mprotect(base + 8 * PAGE, 4 * PAGE, PROT_READ));
	SHOW(mprotect(base, PAGES * PAGE, RW));
	show_pages();
	SHOW_TRUE(base[2 * PAGE] == 'x' && base[4 * PAGE] == 'x');
	show_execution(base + 12 * PAGE);
	return 0;
}
