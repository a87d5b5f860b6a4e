// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large ranges, which may be of large pages: holes, protections and drops of single
 * small pages inside keep what is around them.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL
#define LARGE (2UL << 20)
#define LEN (8 * LARGE)

static uint64_t word(size_t i)
{
	return i * 0x9e3779b97f4a7c15 + 1;
}

static void fill(char *start)
{
	size_t i;

	for (i = 0; i < LEN; i += PAGE / 2)
		*(uint64_t *)(start + i) = word(i);
}

/* Counts the pages that are as filled, zero, inaccessible, something else. */
static void show_pages(const char *what, char *start)
{
	int intact = 0;
	int zero = 0;
	int none = 0;
	int bad = 0;
	size_t i;

	for (i = 0; i < LEN; i += PAGE) {
		const uint64_t *at = (const uint64_t *)(start + i);

		if (!probe_read(at))
			none++;
		else if (at[0] == word(i) && at[PAGE / 16] == word(i + PAGE / 2))
			intact++;
		else if (at[0] == 0 && at[PAGE / 16] == 0)
			zero++;
		else
			bad++;
	}
	printf("%s: %d intact, %d zero, %d inaccessible, %d wrong\n", what, intact, zero, none,
	       bad);
}

int main(void)
{
	char *start;
	char *area;
	int fds[2];

	probe_init();
	area = mmap(NULL, LEN + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(area != MAP_FAILED && pipe(fds) == 0);
	start = (char *)(((uintptr_t)area + LARGE - 1) & ~(LARGE - 1));
	SHOW(madvise(start, LEN, MADV_HUGEPAGE));
	fill(start);
	show_pages("filled", start);
	SHOW(munmap(start + 100 * PAGE, PAGE));
	SHOW(mprotect(start + LARGE + 5 * PAGE, 3 * PAGE, PROT_NONE));
	SHOW(madvise(start + 3 * LARGE - PAGE, 2 * PAGE, MADV_DONTNEED));
	show_pages("damaged", start);
	SHOW(mprotect(start + LARGE, LARGE, PROT_READ));
	SHOW_TRUE(probe_write(start + LARGE));
	SHOW_TRUE(probe_write(start + 2 * LARGE));
	SHOW(read(fds[0], start + LARGE, 0));
	SHOW(write(fds[1], start + 4 * LARGE - 100, 200));
	SHOW(read(fds[0], start + 5 * LARGE - 100, 200));
	show_pages("moved by Linux", start);
	SHOW_PTR(mremap(start + 6 * LARGE, LARGE, 2 * LARGE, MREMAP_MAYMOVE));
	show_pages("one moved away", start);
	SHOW_TRUE(mmap(start + 6 * LARGE, LARGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == start + 6 * LARGE);
	show_pages("fresh memory there", start);
	SHOW(munmap(area, LEN + LARGE));
	return 0;
}
