// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recursion to the given depth, with a checksum over what every level left on the stack.
 */
#include <stdint.h>

#include "app.h"

static uint64_t __attribute__((noinline)) descend(unsigned int depth)
{
	volatile uint64_t frame[16];
	uint64_t sum;
	int i;

	for (i = 0; i < 16; i++)
		frame[i] = (uint64_t)depth * 31 + (uint64_t)i;
	sum = depth ? descend(depth - 1) : 0;
	for (i = 0; i < 16; i++)
		sum = sum * 3 + frame[i];
	return sum;
}

int main(int argc, char **argv)
{
	printf("%016lx\n", descend(argc > 1 ? (unsigned int)atoi(argv[1]) : 10));
	return 0;
}
