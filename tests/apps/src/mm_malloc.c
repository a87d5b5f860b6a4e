// SPDX-License-Identifier: GPL-2.0-only
/*
 * The C library's allocator, with sizes from bytes to megabytes: what is stored stays.
 * The argument is the number of rounds.
 */
#include <stdint.h>

#include "app.h"

#define BLOCKS 256
#define MOST (64UL << 20)

struct block {
	unsigned char *start;
	size_t len;
	unsigned char fill;
};

static uint32_t random_number(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

/* Mostly small, some above the threshold for mmap(). */
static size_t random_len(void)
{
	const unsigned int shift = random_number() % 21;

	return 1 + random_number() % (1U << shift);
}

static unsigned long check(const struct block *block, size_t len)
{
	unsigned long wrong = 0;
	size_t i;

	for (i = 0; i < len; i += len > 8192 ? 512 : 1)
		wrong += block->start[i] != block->fill;
	return wrong;
}

int main(int argc, char **argv)
{
	static struct block blocks[BLOCKS];
	const int rounds = argc > 1 ? atoi(argv[1]) : 1000;
	unsigned long wrong = 0;
	size_t total = 0;
	int i;

	for (i = 0; i < rounds; i++) {
		struct block *block = &blocks[random_number() % BLOCKS];
		const size_t len = total > MOST ? 0 : random_len();

		wrong += check(block, len < block->len ? len : block->len);
		block->start = realloc(block->start, len ? len : 1);
		MUST(block->start != NULL);
		wrong += check(block, len < block->len ? len : block->len);
		total += len - block->len;
		block->len = len;
		block->fill = (unsigned char)random_number();
		memset(block->start, block->fill, len);
	}
	printf("%d rounds, %zu bytes in use, %lu wrong\n", rounds, total, wrong);
	return 0;
}
