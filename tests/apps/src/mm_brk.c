// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heap: brk() as the kernel has it, its limits, what its memory holds.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL

static char *raw_brk(char *end)
{
	return (char *)syscall(SYS_brk, end);
}

int main(void)
{
	const struct rlimit small = { 16 << 20, RLIM_INFINITY };
	char *first;
	char *top;

	probe_init();
	first = raw_brk(NULL);
	SHOW_TRUE(first != NULL && raw_brk((char *)1) == first);
	top = (char *)(((uintptr_t)first + PAGE - 1) & ~(PAGE - 1));
	SHOW_TRUE(raw_brk(top + 3 * PAGE + 5) == top + 3 * PAGE + 5);
	memset(top, 1, 4 * PAGE);
	printf("after it: %s\n", probe(top + 4 * PAGE));
	SHOW_TRUE(raw_brk(top + PAGE + 1) == top + PAGE + 1);
	SHOW(top[PAGE + 2]);
	printf("behind a lower one: %s\n", probe(top + 2 * PAGE));
	SHOW_TRUE(raw_brk(top + 4 * PAGE) == top + 4 * PAGE);
	SHOW(top[PAGE + 2] + top[2 * PAGE] + top[3 * PAGE]);
	SHOW_TRUE(raw_brk(top + 64 * (1 << 20)) == top + 64 * (1 << 20));
	top[63 << 20] = 1;
	SHOW_TRUE(raw_brk(top) == top);
	SHOW_TRUE(raw_brk(top - (1UL << 40)) == top);
	SHOW_TRUE(raw_brk((char *)0xffff800000000000) == top);
	SHOW_TRUE(raw_brk((char *)-1L) == top);

	MUST(setrlimit(RLIMIT_DATA, &small) == 0);
	SHOW_TRUE(raw_brk(top + (8 << 20)) == top + (8 << 20));
	SHOW_TRUE(raw_brk(top + (17 << 20)) == top + (8 << 20));
	SHOW_PTR(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW_PTR(mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	MUST(raw_brk(top) == top);
	MUST(mmap(top + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	     top + PAGE);
	SHOW_TRUE(raw_brk(top + PAGE) == top);
	SHOW_TRUE(raw_brk(top + 4 * PAGE) == top);
	SHOW_TRUE(probe_read(top + PAGE));
	return 0;
}
