// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where things are, on one line: to be compared between runs of the same kernel.
 * proc_layout random: only the bytes of AT_RANDOM.
 */
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

int main(int argc, char **argv)
{
	const unsigned char *bytes = (const unsigned char *)getauxval(AT_RANDOM);
	int i;

	(void)argv;
	if (argc > 1) {
		for (i = 0; i < 16; i++)
			printf("%02x", bytes[i]);
		printf("\n");
		return 0;
	}
	printf("%p %p %p %p %p\n", (void *)main, (void *)&bytes, sbrk(0), (void *)stdout,
	       mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	return 0;
}
