// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where mmap() places ranges: hints, MAP_FIXED over others, MAP_FIXED_NOREPLACE, the lowest
 * addresses. To be run without privileges.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "probe.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGE 4096UL

static void *map(void *where, size_t len, int flags)
{
	return mmap(where, len, RW, ANON | flags, -1, 0);
}

int main(void)
{
	char *base;

	probe_init();
	MUST((base = map(NULL, 16 * PAGE, 0)) != MAP_FAILED);
	memset(base, 'a', 16 * PAGE);
	SHOW_TRUE((uintptr_t)base % PAGE == 0);
	MUST(munmap(base + 4 * PAGE, 4 * PAGE) == 0);

	SHOW_TRUE(map(base + 4 * PAGE, PAGE, 0) == base + 4 * PAGE);
	SHOW_TRUE(map(base + 5 * PAGE + 100, PAGE, 0) == base + 5 * PAGE);
	SHOW_TRUE(map(base, PAGE, 0) == base);
	SHOW_TRUE(base[0] == 'a');
	SHOW_TRUE(map(base + 6 * PAGE, 4 * PAGE, 0) == base + 6 * PAGE);

	SHOW_PTR(map(base, PAGE, MAP_FIXED_NOREPLACE));
	SHOW_PTR(map(base + 6 * PAGE, 4 * PAGE, MAP_FIXED_NOREPLACE));
	SHOW_PTR(map(base + 6 * PAGE + 1, PAGE, MAP_FIXED_NOREPLACE));
	SHOW_TRUE(map(base + 6 * PAGE, 2 * PAGE, MAP_FIXED_NOREPLACE) == base + 6 * PAGE);

	SHOW_TRUE(map(base + PAGE, 14 * PAGE, MAP_FIXED) == base + PAGE);
	SHOW_TRUE(base[0] == 'a' && base[PAGE] == 0 && base[15 * PAGE - 1] == 0);
	SHOW_TRUE(base[15 * PAGE] == 'a');
	printf("the last page: %s\n", probe(base + 15 * PAGE));

	SHOW_PTR(map(NULL, PAGE, MAP_FIXED));
	SHOW_PTR(map((void *)PAGE, PAGE, MAP_FIXED));
	SHOW_PTR(map((void *)PAGE, PAGE, MAP_FIXED_NOREPLACE));
	SHOW_TRUE((uintptr_t)map((void *)PAGE, PAGE, 0) >= 0x10000);
	SHOW_TRUE(map((void *)0x10000, PAGE, MAP_FIXED_NOREPLACE) == (void *)0x10000);
	SHOW_TRUE((uintptr_t)map(NULL, PAGE, MAP_32BIT) < 0x80000000);
	printf("at 0: %s\n", probe(NULL));
	return 0;
}
