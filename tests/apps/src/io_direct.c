// SPDX-License-Identifier: GPL-2.0-only
/*
 * O_DIRECT: the device reads and writes the program's memory itself, be it anonymous, on
 * the stack, of the program's image, or another file's.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define LEN (1UL << 20)
#define BLOCK 4096UL

static char data[4 * BLOCK] __attribute__((aligned(4096))) = { 1 };

static uint64_t checksum(const char *start, size_t len)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum = sum * 31 + (unsigned char)start[i];
	return sum;
}

static void *map(int flags, int fd)
{
	void *start = mmap(NULL, LEN, PROT_READ | PROT_WRITE, flags, fd, 0);

	MUST(start != MAP_FAILED);
	return start;
}

int main(void)
{
	char on_stack[2 * BLOCK] __attribute__((aligned(4096)));
	char *out = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *in = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *shared;
	int other;
	size_t i;
	int fd;

	for (i = 0; i < LEN; i++)
		out[i] = (char)(i * 13 + i / 4099);
	MUST((fd = open("file", O_CREAT | O_RDWR | O_DIRECT, 0644)) >= 0);
	SHOW(write(fd, out, LEN));
	SHOW(pread(fd, in, LEN, 0));
	SHOW(memcmp(in, out, LEN));
	memset(in, 0, LEN);
	SHOW(pread(fd, in + BLOCK, 3 * BLOCK, 2 * BLOCK));
	SHOW(memcmp(in + BLOCK, out + 2 * BLOCK, 3 * BLOCK));
	SHOW(pread(fd, on_stack, sizeof(on_stack), 0));
	SHOW(memcmp(on_stack, out, sizeof(on_stack)));
	SHOW(pread(fd, data, sizeof(data), BLOCK));
	SHOW(memcmp(data, out + BLOCK, sizeof(data)));
	SHOW(pwrite(fd, data, sizeof(data), 8 * BLOCK));
	SHOW(pread(fd, in, BLOCK, LEN - BLOCK));
	SHOW(pread(fd, in, 2 * BLOCK, LEN - BLOCK));
	SHOW(pread(fd, in, BLOCK, LEN));
	SHOW(pread(fd, in + 1, BLOCK, 0));
	SHOW(pread(fd, in, 100, 0));
	SHOW(pread(fd, in, BLOCK, 100));
	SHOW(pwrite(fd, in + 7, BLOCK, 0));

	MUST((other = open("other", O_CREAT | O_RDWR, 0644)) >= 0 && ftruncate(other, LEN) == 0);
	shared = map(MAP_SHARED, other);
	SHOW(pread(fd, shared, LEN, 0));
	SHOW(pwrite(fd, shared + LEN / 2, LEN / 2, 0));
	SHOW(munmap(in, LEN));
	SHOW(pread(fd, in, BLOCK, 0));
	MUST(mprotect(out, LEN, PROT_READ) == 0);
	SHOW(pread(fd, out, BLOCK, 0));
	SHOW(pwrite(fd, out, BLOCK, 0));
	printf("%016lx\n", checksum(shared, LEN));
	return 0;
}
