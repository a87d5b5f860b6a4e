// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of /dev/zero and shared anonymous ones, and a device that cannot be mapped.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define LEN (256 << 10)

static long sum(const char *start)
{
	long total = 0;
	int i;

	for (i = 0; i < LEN; i++)
		total += start[i];
	return total;
}

int main(void)
{
	const int kinds[] = { MAP_PRIVATE, MAP_SHARED, MAP_SHARED | MAP_ANONYMOUS };
	char *start;
	size_t i;
	int fd;

	MUST((fd = open("/dev/zero", O_RDWR)) >= 0);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		start = mmap(NULL, LEN, PROT_READ | PROT_WRITE, kinds[i], fd, 0);
		MUST(start != MAP_FAILED);
		SHOW(sum(start));
		memset(start + 4000, 1, 10000);
		SHOW(sum(start));
		SHOW(read(fd, start + 5000, 5000));
		SHOW(sum(start));
		SHOW(madvise(start, LEN, MADV_DONTNEED));
		SHOW(sum(start));
		SHOW(munmap(start, LEN));
	}
	start = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(start != MAP_FAILED);
	start[0] = 1;
	close(fd);
	SHOW(sum(start));
	MUST((fd = open("/dev/null", O_RDWR)) >= 0);
	SHOW_PTR(mmap(NULL, LEN, PROT_READ, MAP_PRIVATE, fd, 0));
	MUST((fd = open("/dev/full", O_RDWR)) >= 0);
	SHOW_PTR(mmap(NULL, LEN, PROT_READ, MAP_PRIVATE, fd, 0));
	return 0;
}
