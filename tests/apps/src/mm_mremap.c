// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap(): growing, shrinking, moving; what it refuses.
 */
#include <sys/mman.h>

#include "probe.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t npages)
{
	char *start = mmap(NULL, npages * PAGE, RW, ANON, -1, 0);
	size_t i;

	MUST(start != MAP_FAILED);
	for (i = 0; i < npages; i++)
		start[i * PAGE] = (char)(i + 1);
	return start;
}

/* The pages in order, by what map() wrote: 0 is a fresh page, - none. */
static void show_pages(const char *what, char *start, size_t npages)
{
	size_t i;

	printf("%s:", what);
	for (i = 0; i < npages; i++) {
		if (probe_read(start + i * PAGE))
			printf(" %d", start[i * PAGE]);
		else
			printf(" -");
	}
	putchar('\n');
}

static void show_moves(void)
{
	char *target = map(8);
	char *old = map(4);
	char *new;

	new = mremap(old, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + 2 * PAGE);
	SHOW_TRUE(new == target + 2 * PAGE);
	show_pages("target", target, 8);
	show_pages("old", old, 4);
	new = mremap(target + 2 * PAGE, 2 * PAGE, 6 * PAGE, MREMAP_MAYMOVE, NULL);
	MUST(new != MAP_FAILED);
	show_pages("grown", new, 6);
	show_pages("its old place", target, 8);
	old = new;
	new = mremap(old, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	MUST(new != MAP_FAILED);
	show_pages("moved", new, 4);
	show_pages("left behind", old, 4);
}

static void show_errors(void)
{
	char *start = map(8);

	SHOW_PTR(mremap(start + 1, PAGE, PAGE, 0));
	SHOW_PTR(mremap(start, PAGE, 0, 0));
	SHOW_PTR(mremap(start, PAGE, PAGE, 64));
	SHOW_PTR(mremap(start, PAGE, PAGE, MREMAP_FIXED, start + 4 * PAGE));
	SHOW_PTR(mremap(start, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, start + PAGE));
	SHOW_PTR(mremap(start, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, start + 4 * PAGE + 1));
	SHOW_PTR(mremap(start, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	SHOW_PTR(mremap(start, 0, PAGE, MREMAP_MAYMOVE));
	SHOW_PTR(mremap(start, 2 * PAGE, 3 * PAGE, 0));
	SHOW_PTR(mremap(start, PAGE, 1UL << 48, MREMAP_MAYMOVE));
	MUST(munmap(start, 2 * PAGE) == 0);
	SHOW_PTR(mremap(start, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	MUST(mprotect(start + 4 * PAGE, PAGE, PROT_READ) == 0);
	SHOW_PTR(mremap(start + 3 * PAGE, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
	show_pages("untouched", start, 8);
}

static void show_shared(void)
{
	char *first = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *second;

	MUST(first != MAP_FAILED);
	first[0] = 7;
	second = mremap(first, 0, 2 * PAGE, MREMAP_MAYMOVE);
	MUST(second != MAP_FAILED);
	second[PAGE] = 8;
	SHOW(second[0] + first[PAGE]);
}

int main(void)
{
	char *start;

	probe_init();
	start = map(8);
	SHOW_TRUE(mremap(start, 8 * PAGE, 3 * PAGE, 0) == start);
	show_pages("shrunk", start, 8);
	SHOW_TRUE(mremap(start, 3 * PAGE, 6 * PAGE, 0) == start);
	show_pages("grown in place", start, 8);
	SHOW_TRUE(mremap(start, 100, 200, 0) == start);
	show_moves();
	show_errors();
	show_shared();
	return 0;
}
