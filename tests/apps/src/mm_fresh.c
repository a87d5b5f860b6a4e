// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fresh memory is zero, whoever had it before: heap, mappings, stack, bss.
 */
#include <alloca.h>
#include <stdint.h>
#include <sys/mman.h>

#include "app.h"

#define LEN (24UL << 20)

static uint64_t bss[(8UL << 20) / 8];
static uint64_t data[1024] = { 1 };

static int is_zero(const uint64_t *start, size_t len)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < len / 8; i++)
		all |= start[i];
	return all == 0;
}

static int __attribute__((noinline)) stack_is_zero(void)
{
	return is_zero(alloca(6UL << 20), 5UL << 20);
}

int main(void)
{
	int i;

	SHOW_TRUE(is_zero(bss, sizeof(bss)));
	SHOW_TRUE(is_zero(data + 1, sizeof(data) - 8));
	for (i = 0; i < 4; i++) {
		uint64_t *start = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		MUST(start != MAP_FAILED);
		SHOW_TRUE(is_zero(start, LEN));
		memset(start, 0xa5, LEN);
		if (i % 2)
			MUST(madvise(start, LEN, MADV_DONTNEED) == 0);
		SHOW_TRUE(is_zero(start, LEN));
		MUST(munmap(start, LEN) == 0);
	}
	SHOW_TRUE(stack_is_zero());
	return 0;
}
