// SPDX-License-Identifier: GPL-2.0-only
/*
 * More memory than there is: what is refused at once, what may be reserved; RLIMIT_AS.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "app.h"

#define MIB (1UL << 20)
#define TIB (1UL << 40)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

int main(void)
{
	const struct rlimit limit = { 512 * MIB, RLIM_INFINITY };
	char *start;

	SHOW_PTR(mmap(NULL, TIB, RW, ANON, -1, 0));
	start = SHOW_PTR(mmap(NULL, TIB, PROT_NONE, ANON, -1, 0));
	SHOW(munmap(start, TIB));
	SHOW_PTR(malloc(TIB));
	start = SHOW_PTR(mmap(NULL, TIB, RW, ANON | MAP_NORESERVE, -1, 0));
	MUST(start != MAP_FAILED);
	start[0] = 1;
	start[TIB / 2] = 2;
	start[TIB - 1] = 3;
	SHOW(start[0] + start[TIB / 2] + start[TIB - 1] + start[TIB / 4]);
	SHOW(munmap(start, TIB));

	MUST(setrlimit(RLIMIT_AS, &limit) == 0);
	start = SHOW_PTR(mmap(NULL, 256 * MIB, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 512 * MIB, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 512 * MIB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));
	SHOW_PTR(mremap(start, 256 * MIB, 600 * MIB, MREMAP_MAYMOVE));
	SHOW_TRUE(mmap(start, 256 * MIB, RW, ANON | MAP_FIXED, -1, 0) == start);
	SHOW_PTR(malloc(600 * MIB));
	SHOW(munmap(start, 256 * MIB));
	SHOW_PTR(mmap(NULL, 256 * MIB, RW, ANON, -1, 0));
	return 0;
}
