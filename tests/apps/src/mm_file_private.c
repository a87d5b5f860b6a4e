// SPDX-License-Identifier: GPL-2.0-only
/*
 * A private file mapping: shows the file until it is written to, and then its own.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL

int main(void)
{
	char buf[8];
	char *map;
	int fd;

	probe_init();
	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST(ftruncate(fd, 4 * PAGE + 10) == 0);
	map = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	MUST(map != MAP_FAILED);
	MUST(pwrite(fd, "before", 6, 0) == 6);
	printf("page read only: %.6s\n", map);
	MUST(pwrite(fd, "after!", 6, 0) == 6);
	printf("the same: %.6s\n", map);

	map[PAGE] = '1';
	MUST(pwrite(fd, "2", 1, PAGE) == 1);
	printf("page written to: %c\n", map[PAGE]);
	SHOW(pread(fd, buf, 1, PAGE));
	printf("the file: %c\n", buf[0]);

	MUST(pwrite(fd, "whole", 5, 2 * PAGE) == 5);
	MUST(pread(fd, map + 2 * PAGE + 8, 4, 0) == 4);
	printf("page written to by read(): %s, %s\n", map + 2 * PAGE, map + 2 * PAGE + 8);
	MUST(pread(fd, buf, 5, 2 * PAGE + 8) == 5);
	SHOW(memcmp(buf, "\0\0\0\0", 5));

	SHOW(map[4 * PAGE + 9] + map[4 * PAGE + 10] + map[5 * PAGE - 1]);
	map[4 * PAGE + 100] = 1;
	SHOW(map[4 * PAGE + 100]);
	SHOW_TRUE(probe_read(map + 5 * PAGE));
	probe_show(map + 5 * PAGE);
	SHOW_TRUE(probe_write(map + 6 * PAGE));
	probe_show(map + 6 * PAGE);

	SHOW(mprotect(map, 8 * PAGE, PROT_READ));
	SHOW_TRUE(probe_write(map));
	SHOW(close(fd));
	printf("after close: %.6s\n", map);
	SHOW(unlink("file"));
	printf("after unlink: %.6s\n", map);
	return 0;
}
