// SPDX-License-Identifier: GPL-2.0-only
/*
 * What msync() takes and refuses, and what it leaves alone.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define MAPPINGS 16

/* Page faults of reading each of the mappings once. */
static long faults_of_reading(volatile char *const *maps)
{
	struct rusage before, after;
	unsigned int i;

	MUST(getrusage(RUSAGE_SELF, &after) == 0);
	MUST(getrusage(RUSAGE_SELF, &before) == 0);
	for (i = 0; i < MAPPINGS; i++)
		MUST(*maps[i] == 'b');
	MUST(getrusage(RUSAGE_SELF, &after) == 0);
	return after.ru_minflt - before.ru_minflt;
}

/* The page that was written is written back, and stays where others but read it. */
static void show_readers_kept(int fd, char *writer)
{
	volatile char *maps[MAPPINGS];
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++) {
		maps[i] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		MUST(maps[i] != MAP_FAILED);
	}
	*writer = 'b';
	printf("each has a page: %d\n", faults_of_reading(maps) == MAPPINGS);
	MUST(msync(writer, PAGE, MS_SYNC) == 0);
	printf("faults after msync: %ld\n", faults_of_reading(maps));
	for (i = 0; i < MAPPINGS; i++)
		MUST(munmap((char *)maps[i], PAGE) == 0);
}

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
	show_readers_kept(fd, map);
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
	SHOW(mlock(anon + PAGE, PAGE));
	SHOW(msync(anon, 8 * PAGE, MS_INVALIDATE));
	SHOW(msync(anon, PAGE, MS_INVALIDATE));
	SHOW(msync(anon, 8 * PAGE, MS_ASYNC));
	SHOW(munlock(anon + PAGE, PAGE));
	MUST(munmap(map + PAGE, PAGE) == 0);
	SHOW(msync(map, 3 * PAGE, MS_SYNC));
	MUST(munmap(anon + PAGE, PAGE) == 0);
	SHOW(msync(anon, 3 * PAGE, MS_ASYNC));
	SHOW(mlock(anon + 2 * PAGE, PAGE));
	SHOW(msync(anon, 3 * PAGE, MS_SYNC));
	SHOW(msync(anon, 3 * PAGE, MS_INVALIDATE));
	return 0;
}
