// SPDX-License-Identifier: GPL-2.0-only
/*
 * What msync() takes and refuses.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL

int main(void)
{
	char *anon;
	char *map;
	int fd;

	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST(ftruncate(fd, 8 * PAGE) == 0);
	map = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	anon = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(map != MAP_FAILED && anon != MAP_FAILED);
	memset(map, 'a', 8 * PAGE);
	memset(anon, 'a', 8 * PAGE);
	SHOW(msync(map, 8 * PAGE, MS_SYNC));
	SHOW(msync(map, 8 * PAGE, MS_ASYNC));
	SHOW(msync(map, 8 * PAGE, MS_INVALIDATE));
	SHOW(msync(map, 8 * PAGE, MS_SYNC | MS_ASYNC));
	SHOW(msync(map, 8 * PAGE, 0x100));
	SHOW(msync(map, 8 * PAGE, 0));
	SHOW(msync(map + 1, PAGE, MS_SYNC));
	SHOW(msync(map, 0, MS_SYNC));
	SHOW(msync(map, -PAGE, MS_SYNC));
	SHOW(msync(anon, 8 * PAGE, MS_SYNC));
	SHOW(mlock(map, PAGE));
	SHOW(msync(map, PAGE, MS_SYNC | MS_INVALIDATE));
	SHOW(munlock(map, PAGE));
	MUST(munmap(map + PAGE, PAGE) == 0);
	SHOW(msync(map, 3 * PAGE, MS_SYNC));
	MUST(munmap(anon + PAGE, PAGE) == 0);
	SHOW(msync(anon, 3 * PAGE, MS_ASYNC));
	return 0;
}
