// SPDX-License-Identifier: GPL-2.0-only
/*
 * MADV_COLLAPSE: small pages become large ones with what is in them, or an error says why not.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "app.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define PAGE 4096UL
#define LARGE (2UL << 20)
#define RW (PROT_READ | PROT_WRITE)

static char *map_aligned(size_t len)
{
	char *start = mmap(NULL, len + LARGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *aligned;

	MUST(start != MAP_FAILED);
	aligned = (char *)(((uintptr_t)start + LARGE - 1) & ~(LARGE - 1));
	if (aligned > start)
		MUST(!munmap(start, (size_t)(aligned - start)));
	MUST(!munmap(aligned + len, LARGE - (size_t)(aligned - start)));
	return aligned;
}

static void fill(char *start, size_t step)
{
	for (size_t at = 0; at < LARGE; at += step)
		start[at] = (char)(at / step + 1);
}

static int is_filled(const char *start, size_t step)
{
	for (size_t at = 0; at < LARGE; at += PAGE)
		if (start[at] != (at % step ? 0 : (char)(at / step + 1)))
			return 0;
	return 1;
}

int main(void)
{
	char *start = map_aligned(3 * LARGE + 8 * PAGE);

	MUST(!madvise(start, 3 * LARGE + 8 * PAGE, MADV_NOHUGEPAGE));
	fill(start, PAGE);
	fill(start + LARGE, 3 * PAGE);
	SHOW(madvise(start, LARGE, MADV_COLLAPSE));
	MUST(!madvise(start, 3 * LARGE + 8 * PAGE, MADV_HUGEPAGE));
	SHOW(madvise(start + PAGE, 8 * PAGE, MADV_COLLAPSE));
	SHOW(madvise(start + 1, LARGE, MADV_COLLAPSE));
	SHOW(madvise(start, 0, MADV_COLLAPSE));
	SHOW(madvise(start, LARGE, MADV_COLLAPSE));
	SHOW_TRUE(is_filled(start, PAGE));
	SHOW(madvise(start, LARGE, MADV_COLLAPSE));
	/* Nothing is in the last one. */
	SHOW(madvise(start, 3 * LARGE, MADV_COLLAPSE));
	SHOW(madvise(start + PAGE, 2 * LARGE, MADV_COLLAPSE));
	SHOW_TRUE(is_filled(start, PAGE));
	SHOW_TRUE(is_filled(start + LARGE, 3 * PAGE));
	/* More than there is. */
	MUST(!munmap(start + 3 * LARGE + PAGE, PAGE));
	SHOW(madvise(start, 2 * LARGE, MADV_COLLAPSE));
	fill(start + 2 * LARGE, PAGE);
	SHOW(madvise(start, 3 * LARGE + 2 * PAGE, MADV_COLLAPSE));
	SHOW_TRUE(is_filled(start + 2 * LARGE, PAGE));
	SHOW(munmap(start + LARGE + PAGE, LARGE));
	SHOW(madvise(start + LARGE, PAGE, MADV_COLLAPSE));
	SHOW_TRUE(start[LARGE] == 1);
	return 0;
}
