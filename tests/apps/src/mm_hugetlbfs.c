// SPDX-License-Identifier: GPL-2.0-only
/*
 * mm_hugetlbfs FILE: a file of huge pages, mapped shared and private, in whole pages and in parts
 * of them; a System V segment of huge pages. There are enough of Linux's huge pages.
 */
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "fork.h"
#include "probe.h"

#define PAGE 4096UL
#define HUGE (2UL << 20)
#define RW (PROT_READ | PROT_WRITE)

static int fd;

static char *map_file(size_t len, int flags)
{
	char *start = mmap(NULL, len, RW, flags, fd, 0);

	MUST(start != MAP_FAILED);
	return start;
}

static void show_file(void)
{
	char *a = map_file(2 * HUGE, MAP_SHARED);
	char *b = map_file(2 * HUGE, MAP_PRIVATE);
	pid_t pid;

	SHOW_TRUE((unsigned long)a % HUGE == 0);
	strcpy(a + HUGE + PAGE, "shared");
	puts(b + HUGE + PAGE);
	strcpy(b + HUGE + PAGE, "mine");
	puts(a + HUGE + PAGE);
	puts(b + HUGE + PAGE);
	pid = fork_must();
	if (!pid) {
		strcpy(a + 5 * PAGE, "from the child");
		strcpy(b + 7 * PAGE, "of the child");
		_exit(0);
	}
	reap(pid, "the child");
	puts(a + 5 * PAGE);
	SHOW(b[7 * PAGE]);
	SHOW(munmap(b, 2 * HUGE));
	SHOW(munmap(a, 2 * HUGE));
	puts(probe(a));
	a = map_file(2 * HUGE, MAP_SHARED);
	puts(a + HUGE + PAGE);
	SHOW(munmap(a, 2 * HUGE));
}

static void show_parts(void)
{
	char *a = map_file(2 * HUGE, MAP_SHARED);

	strcpy(a, "first");
	strcpy(a + HUGE, "second");
	SHOW(munmap(a, PAGE));
	SHOW(munmap(a + PAGE, HUGE));
	SHOW(munmap(a + HUGE - PAGE, 2 * PAGE));
	SHOW(mprotect(a, PAGE, PROT_READ));
	/* Linux 6.1 says ENOMEM, Linux 6.12 EINVAL. */
	SHOW_TRUE(mmap(a + PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
			  MAP_FAILED && (errno == ENOMEM || errno == EINVAL));
	SHOW_PTR(mmap(a + PAGE, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0));
	puts(a);
	puts(a + HUGE);
	strcpy(a + PAGE, "still there");
	puts(a + PAGE);
	SHOW(munmap(a, HUGE));
	puts(probe(a));
	puts(a + HUGE);
	SHOW(munmap(a + HUGE, HUGE));
}

static void show_lengths(void)
{
	char *a;

	SHOW_PTR(mmap(NULL, HUGE, RW, MAP_SHARED, fd, PAGE));
	SHOW(ftruncate(fd, PAGE));
	SHOW(ftruncate(fd, (off_t)HUGE));
	a = map_file(2 * HUGE, MAP_SHARED);
	puts(probe(a));
	SHOW(munmap(a, 2 * HUGE));
}

static void show_segment(void)
{
	int id = shmget(IPC_PRIVATE, 2 * HUGE, IPC_CREAT | SHM_HUGETLB | 0600);
	char *a, *b;

	MUST(id >= 0);
	a = shmat(id, NULL, 0);
	b = shmat(id, NULL, 0);
	MUST(a != (void *)-1 && b != (void *)-1);
	SHOW_TRUE((unsigned long)a % HUGE == 0);
	strcpy(a + HUGE + PAGE, "in a segment");
	puts(b + HUGE + PAGE);
	SHOW(munmap(b, PAGE));
	SHOW(shmdt(b));
	puts(probe(b));
	SHOW(shmdt(a));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

int main(int argc, char **argv)
{
	MUST(argc == 2);
	probe_init();
	fd = open(argv[1], O_RDWR | O_CREAT, 0600);
	MUST(fd >= 0);
	show_file();
	show_parts();
	show_lengths();
	show_segment();
	return 0;
}
