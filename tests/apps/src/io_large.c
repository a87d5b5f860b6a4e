// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfers of many megabytes in one call, from and to memory of every kind.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "app.h"

#define MIB (1UL << 20)
#define PIECE (8 * MIB)
#define PIECES 8

static uint64_t checksum(const char *data, size_t len)
{
	const uint64_t *words = (const uint64_t *)data;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < len / 8; i++)
		sum = (sum ^ words[i]) * 0x100000001b3;
	return sum;
}

static void fill(char *data, size_t len, uint64_t seed)
{
	uint64_t *words = (uint64_t *)data;
	size_t i;

	for (i = 0; i < len / 8; i++)
		words[i] = seed = seed * 6364136223846793005 + 1442695040888963407;
}

static char *map(size_t len)
{
	char *start = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(start != MAP_FAILED);
	return start;
}

/* No call transfers more, whatever it is asked for: MAX_RW_COUNT. */
static void show_limit(void)
{
	char *buf = map(MIB);
	struct iovec vecs[2] = { { buf, 1UL << 31 }, { buf, 1UL << 31 } };
	int null;

	MUST((null = open("/dev/null", O_RDWR)) >= 0);
	SHOW(write(null, buf, 0x7ffff000));
	SHOW(write(null, buf, 0x7ffff001));
	SHOW(write(null, buf, 1UL << 32));
	SHOW(write(null, buf, SSIZE_MAX));
	SHOW(syscall(SYS_write, null, buf, 1UL << 63));
	SHOW(writev(null, vecs, 2));
	SHOW(read(null, buf, 1UL << 32));
	MUST(close(null) == 0);
	/* As far as there is memory. */
	MUST((null = open("/dev/zero", O_RDWR)) >= 0);
	MUST(munmap(buf + MIB / 2, MIB / 2) == 0);
	MUST(mmap(buf + MIB / 2, MIB / 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		  0) == buf + MIB / 2);
	SHOW(read(null, buf, 1UL << 31));
	MUST(close(null) == 0);
}

int main(void)
{
	struct iovec vecs[PIECES];
	uint64_t sum = 0;
	char *buf;
	int copy;
	int fd;
	int i;

	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST((copy = open("copy", O_CREAT | O_RDWR, 0644)) >= 0);
	for (i = 0; i < PIECES; i++) {
		vecs[i] = (struct iovec){ map(PIECE), PIECE };
		fill(vecs[i].iov_base, PIECE, (uint64_t)i);
		sum ^= checksum(vecs[i].iov_base, PIECE);
		/* Pieces of odd lengths, at odd addresses. */
		vecs[i].iov_base = (char *)vecs[i].iov_base + i;
		vecs[i].iov_len -= 2UL * (size_t)i;
	}
	SHOW(writev(fd, vecs, PIECES));
	buf = map(PIECES * PIECE);
	/* Into memory that has not been touched. */
	SHOW(pread(fd, buf, PIECES * PIECE, 0));
	SHOW(memcmp(buf + PIECE, vecs[1].iov_base, vecs[1].iov_len));
	printf("%016lx %016lx\n", sum, checksum(buf, PIECES * PIECE));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(preadv(fd, vecs, PIECES, 1));
	SHOW(memcmp(vecs[2].iov_base, buf + 1 + 2 * PIECE - 2, vecs[2].iov_len));
	SHOW(sendfile(copy, fd, NULL, 20 * MIB));
	SHOW(copy_file_range(fd, NULL, copy, NULL, 10 * MIB, 0));
	MUST(munmap(buf, PIECES * PIECE) == 0);
	buf = map(30 * MIB);
	SHOW(pread(copy, buf, 30 * MIB, 0));
	printf("%016lx\n", checksum(buf, 30 * MIB));
	SHOW(ftruncate(fd, MIB));
	SHOW(ftruncate(copy, 0));
	show_limit();
	return 0;
}
