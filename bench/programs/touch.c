// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time to touch memory for the first time, with small and with large pages, and to unmap it.
 *
 *   touch MIB ROUNDS
 *
 * One byte of each 4 KiB is written. Every sample is of 4 KiB, whatever the size of the pages.
 * After a pause the memory is that of the measure before, which idle CPUs may have cleared.
 */
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "samples.h"

#define PAGE_LEN 4096UL
#define LARGE_LEN (2UL << 20)
#define PAUSE_US 500000

static const struct {
	const char *touch;
	const char *again;
	const char *unmap;
	int advice;
} kinds[] = {
	{ "first touch, 4 KiB pages", "touch again, 4 KiB pages", "unmap, 4 KiB pages",
	  MADV_NOHUGEPAGE },
	{ "first touch, large pages", "touch again, large pages", "unmap, large pages",
	  MADV_HUGEPAGE },
	{ "first touch, large pages, after a pause", NULL, NULL, MADV_HUGEPAGE },
};

static void touch(volatile char *start, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += PAGE_LEN)
		start[i] = 1;
}

static void measure(size_t kind, size_t len)
{
	size_t npages = len / PAGE_LEN;
	uint64_t start;
	char *whole, *area;

	whole = mmap(NULL, len + LARGE_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	check(whole != MAP_FAILED, "mmap");
	area = (char *)(((uintptr_t)whole + LARGE_LEN - 1) & ~(LARGE_LEN - 1));
	check(!madvise(area, len, kinds[kind].advice), "madvise");
	if (!kinds[kind].again)
		usleep(PAUSE_US);
	start = now_ns();
	touch(area, len);
	sample(kinds[kind].touch, now_ns() - start, npages);
	if (kinds[kind].again) {
		start = now_ns();
		touch(area, len);
		sample(kinds[kind].again, now_ns() - start, npages);
	}
	start = now_ns();
	check(!munmap(whole, len + LARGE_LEN), "munmap");
	if (kinds[kind].unmap)
		sample(kinds[kind].unmap, now_ns() - start, npages);
}

int main(int argc, char **argv)
{
	size_t len = (size_t)number(argc > 1 ? argv[1] : NULL, 1U << 20) << 20;
	unsigned int rounds = number(argc > 2 ? argv[2] : NULL, 1000);
	size_t i;

	while (rounds--)
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			measure(i, len);
	return 0;
}
