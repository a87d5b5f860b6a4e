// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a device that its driver maps by faults (tests/modules/devmap.c).
 *
 *	mm_devmap small		pages that it takes back while they are faulted in
 *	mm_devmap large		entries of 2 MiB
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL
#define LEN (2UL << 20)
#define STEP (31 * PAGE)
#define LARGE (1L << 30)
#define RW (PROT_READ | PROT_WRITE)

static char *map_at(void *where, off_t offset)
{
	int fd = open("/dev/devmap", O_RDWR);
	char *map;

	MUST(fd >= 0);
	map = mmap(where, LEN, RW, MAP_SHARED | (where ? MAP_FIXED : 0), fd, offset);
	MUST(map != MAP_FAILED);
	close(fd);
	return map;
}

/* Each page is met by a load or by a store. */
static void use(char *map, const char *text)
{
	unsigned long i;

	for (i = 0; i < LEN; i += STEP) {
		SHOW_TRUE(i / STEP % 2 ? probe_read(map + i) : probe_write(map + i));
		snprintf(map + i, PAGE, "%s %lu", text, i / PAGE);
	}
}

static void show_texts(const char *map)
{
	unsigned long i;

	for (i = 0; i < LEN; i += STEP)
		puts(probe_read(map + i) ? map + i : "nothing");
}

static char *large_place(void)
{
	char *place = mmap(NULL, 2 * LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(place != MAP_FAILED);
	return (char *)(((uintptr_t)place + LEN - 1) & ~(LEN - 1));
}

int main(int argc, char **argv)
{
	int large = argc > 1 && !strcmp(argv[1], "large");
	char *map = large ? map_at(large_place(), LARGE) : map_at(NULL, 0);
	char *other = map_at(NULL, 0);
	pid_t pid;

	probe_init();
	use(map, "mapped");
	show_texts(other);
	use(other, "otherwise");
	show_texts(map);
	MUST((pid = fork()) >= 0);
	if (!pid) {
		use(map, "child");
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0) == pid);
	show_texts(map);
	SHOW(munmap(map, LEN));
	SHOW_TRUE(probe_read(map));
	return 0;
}
