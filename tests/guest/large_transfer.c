// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a large piece of memory to a file and reads it back, a call for each. Each page has its
 * number in its first and last word, so that nothing can be missing, doubled or elsewhere.
 *
 *   large_transfer FILE MIB
 *
 * It says "ready", and does the next of the two for each line that it reads.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))

static uint64_t *memory;
static size_t len;

static void must(int cond, const char *what)
{
	if (cond)
		return;
	perror(what);
	exit(1);
}

/* Neither word is zero, nor that of another page. */
static void number_pages(void)
{
	for (size_t page = 0; page < len / PAGE; page++) {
		memory[page * WORDS] = page + 1;
		memory[page * WORDS + WORDS - 1] = ~page;
	}
}

static void clear_numbers(void)
{
	for (size_t page = 0; page < len / PAGE; page++) {
		memory[page * WORDS] = 0;
		memory[page * WORDS + WORDS - 1] = 0;
	}
}

static size_t wrong_pages(void)
{
	size_t wrong = 0;

	for (size_t page = 0; page < len / PAGE; page++)
		wrong += memory[page * WORDS] != page + 1 ||
			 memory[page * WORDS + WORDS / 2] != 0 ||
			 memory[page * WORDS + WORDS - 1] != ~page;
	return wrong;
}

static void next(void)
{
	char line[16];

	puts("ready");
	fflush(stdout);
	must(fgets(line, sizeof(line), stdin) != NULL, "input");
}

int main(int argc, char **argv)
{
	int fd;

	must(argc == 3, "large_transfer FILE MIB");
	len = strtoul(argv[2], NULL, 10) << 20;
	fd = open(argv[1], O_RDWR | O_CREAT | O_EXCL, 0600);
	must(fd >= 0, argv[1]);
	memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(memory != MAP_FAILED, "mmap");
	number_pages();
	next();
	must(write(fd, memory, len) == (ssize_t)len, "write");
	clear_numbers();
	next();
	must(pread(fd, memory, len, 0) == (ssize_t)len, "pread");
	next();
	must(wrong_pages() == 0, "content");
	puts("right");
	return 0;
}
