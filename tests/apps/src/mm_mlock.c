// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locked memory: mlock(), mlockall(), MAP_LOCKED and their limit. To be run without
 * privileges.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "app.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static int resident(char *start, size_t npages)
{
	unsigned char vec[64];
	int n = 0;
	size_t i;

	MUST(mincore(start, npages * PAGE, vec) == 0);
	for (i = 0; i < npages; i++)
		n += vec[i] & 1;
	return n;
}

static char *map(size_t npages, int flags)
{
	return mmap(NULL, npages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

int main(void)
{
	const struct rlimit limit = { 16 * PAGE, 16 * PAGE };
	char *start;

	MUST(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	MUST((start = map(32, 0)) != MAP_FAILED);
	SHOW(resident(start, 32));
	SHOW(mlock(start + 10, 3 * PAGE));
	SHOW(resident(start, 32));
	SHOW(mlock(start, 17 * PAGE));
	SHOW(resident(start, 32));
	SHOW(mlock(start, 0));
	SHOW(mlock(start, -PAGE));
	SHOW(munlock(start, 32 * PAGE));
	SHOW(mlock2(start + 8 * PAGE, PAGE, MLOCK_ONFAULT));
	SHOW(mlock2(start + 8 * PAGE, PAGE, 100));
	SHOW(resident(start, 32));
	SHOW_PTR(map(4, MAP_LOCKED));
	SHOW_PTR(map(20, MAP_LOCKED));
	MUST(munmap(start + 20 * PAGE, PAGE) == 0);
	SHOW(mlock(start + 19 * PAGE, 3 * PAGE));
	SHOW(munlock(start + 19 * PAGE, 3 * PAGE));
	SHOW(mlockall(0));
	SHOW(mlockall(100));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(munlockall());
	return 0;
}
