// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves its memory in a pipe and ends, or uses up memory.
 *
 *   pin_pipe give FIFO PAGES	each page full of one letter, from a on
 *   pin_pipe fill MIB		writes to so much memory
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

static char *map(size_t len)
{
	char *start = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start != MAP_FAILED)
		return start;
	fprintf(stderr, "pin_pipe: %zu bytes: %s\n", len, strerror(errno));
	exit(1);
}

static int give(const char *path, size_t pages)
{
	struct iovec vec = { .iov_base = map(pages * PAGE), .iov_len = pages * PAGE };
	int fd = open(path, O_RDWR);

	for (size_t i = 0; i < pages; i++)
		memset((char *)vec.iov_base + i * PAGE, 'a' + (int)i, PAGE);
	if (vmsplice(fd, &vec, 1, 0) == (ssize_t)vec.iov_len)
		return 0;
	fprintf(stderr, "pin_pipe: %s: %s\n", path, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	size_t len;

	if (argc == 4 && !strcmp(argv[1], "give"))
		return give(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 3 && !strcmp(argv[1], "fill")) {
		len = strtoul(argv[2], NULL, 10) << 20;
		memset(map(len), 'X', len);
		return 0;
	}
	fprintf(stderr, "usage: pin_pipe give FIFO PAGES | fill MIB\n");
	return 2;
}
