// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap(2) of what is not private anonymous memory: mappings of files, shared memory, System V
 * segments, memory of devices; and MREMAP_DONTUNMAP, MAP_HUGETLB, advice that few kernels take.
 */
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "fork.h"
#include "probe.h"

#define PAGE 4096L
#define PAGES 6
#define LEN (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* What is mapped, with a number in each page. */
struct kind {
	const char *name;
	int flags;
	int fd;
};

static char *make(const struct kind *kind)
{
	char *start = mmap(NULL, LEN, RW, kind->flags, kind->fd, 0);

	MUST(start != MAP_FAILED);
	for (int i = 0; i < PAGES; i++)
		start[i * PAGE] = (char)('a' + i);
	return start;
}

/* The numbers of pages; '-' where none can be read. */
static void pages(const char *what, const char *start, int n)
{
	printf("%s: ", what);
	for (int i = 0; i < n; i++) {
		if (!probe_read(start + i * PAGE))
			putchar('-');
		else
			putchar(start[i * PAGE] ? start[i * PAGE] : '0');
	}
	putchar('\n');
}

static char *place(void)
{
	char *start = mmap(NULL, 4 * LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(start != MAP_FAILED);
	return start;
}

static char *show_move(const char *text, char *result)
{
	if (result == MAP_FAILED)
		printf("%s: %s\n", text, error_name(errno));
	return result;
}

#define MOVE(...) show_move(#__VA_ARGS__, mremap(__VA_ARGS__))

static void show_grow(const struct kind *kind)
{
	char *a = make(kind);
	char *b = MOVE(a, LEN, 2 * LEN, MREMAP_MAYMOVE);

	if (b != MAP_FAILED) {
		pages("grown", b, PAGES + 1);
		b = MOVE(b, 2 * LEN, PAGE, 0);
		pages("shrunk", b, 2);
		munmap(b, PAGE);
	} else {
		munmap(a, LEN);
	}
}

static void show_part(const struct kind *kind)
{
	char *a = make(kind), *to = place();
	char *b;

	MOVE(a, PAGE, 2 * PAGE, 0);
	b = MOVE(a + PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);

	if (b != MAP_FAILED) {
		pages("part moved and grown", b, 3);
		b[PAGE] = 'X';
		pages("left", a, PAGES);
	}
	MOVE(a + 4 * PAGE, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + LEN);
	pages("moved and shrunk", to + LEN, 2);
	pages("left", a, PAGES);
	MOVE(a, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, a + PAGE);
	munmap(a, LEN);
	munmap(to, 4 * LEN);
}

static void show_keep(const struct kind *kind)
{
	char *a = make(kind), *to = place();
	char *b = MOVE(a + PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);

	if (b != MAP_FAILED) {
		pages("kept", a, PAGES);
		pages("new", b, 2);
		*b = 'Y';
		printf("%c\n", a[PAGE] ? a[PAGE] : '0');
		munmap(b, 2 * PAGE);
	}
	b = MOVE(a, LEN, LEN, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, to);
	if (b != MAP_FAILED) {
		pages("kept", a, PAGES);
		pages("new", b, PAGES);
	}
	MOVE(a, LEN, 2 * LEN, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	MOVE(a, LEN, LEN, MREMAP_DONTUNMAP, NULL);
	MOVE(a, LEN, LEN, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, to + 1);
	MOVE(a, LEN, LEN, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, a + PAGE);
	munmap(a, LEN);
	munmap(to, 4 * LEN);
}

static void show_twice(const struct kind *kind)
{
	char *a = make(kind), *to = place();
	char *b = MOVE(a + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE);

	if (b != MAP_FAILED) {
		pages("twice", b, 2);
		*b = 'Z';
		pages("first", a, PAGES);
		munmap(b, 2 * PAGE);
	}
	b = MOVE(a, 0, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (b != MAP_FAILED)
		pages("twice", b, PAGES + 1);
	MOVE(a, 0, LEN, 0);
	munmap(a, LEN);
	munmap(to, 4 * LEN);
}

static void show_kind(const struct kind *kind)
{
	printf("-- %s\n", kind->name);
	show_grow(kind);
	show_part(kind);
	show_keep(kind);
	show_twice(kind);
}

static void show_segment(void)
{
	int id = shmget(IPC_PRIVATE, LEN, 0600);
	char *a = shmat(id, NULL, 0), *to = place(), *b;

	MUST(a != (void *)-1);
	puts("-- segment");
	for (int i = 0; i < PAGES; i++)
		a[i * PAGE] = (char)('a' + i);
	b = MOVE(a + 2 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	pages("moved", b, 3);
	pages("left", a, PAGES);
	b = MOVE(a, 0, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, to + LEN);
	if (b != MAP_FAILED)
		pages("twice", b, PAGES);
	b = MOVE(a, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED,
		 to + 2 * LEN);
	if (b != MAP_FAILED)
		pages("kept", a, 2);
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmdt(a));
	pages("left", a, PAGES);
	munmap(to, 4 * LEN);
}

static void show_huge(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
	const size_t len = 2 << 20;
	char *start;

	puts("-- huge");
	SHOW_PTR(mmap(NULL, len, RW, flags | 10 << 26, -1, 0));
	SHOW_PTR(mmap(NULL, 0, RW, flags, -1, 0));
	SHOW_PTR(mmap((void *)0x10001000, len, RW, flags | MAP_FIXED, -1, 0));
	start = mmap(NULL, 2 * len, RW, flags | MAP_NORESERVE, -1, 0);
	MUST(start != MAP_FAILED);
	SHOW(munmap(start + PAGE, PAGE));
	SHOW(mprotect(start, PAGE, PROT_READ));
	SHOW(munmap(start, 2 * len));
}

static void show_advice(void)
{
	char *a = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(a != MAP_FAILED);
	puts("-- advice");
	SHOW(madvise(a, LEN, 5));
	SHOW(madvise(a, LEN, 7));
	SHOW(madvise(a, LEN, 99));
	SHOW(madvise(a, LEN, 200));
	munmap(a, LEN);
}

int main(void)
{
	int file = open("file", O_CREAT | O_TRUNC | O_RDWR, 0600);
	int mem = memfd_create("file", 0);
	const struct kind kinds[] = {
		{ "private memory", MAP_PRIVATE | MAP_ANONYMOUS, -1 },
		{ "shared memory", MAP_SHARED | MAP_ANONYMOUS, -1 },
		{ "private file", MAP_PRIVATE, file },
		{ "shared file", MAP_SHARED, file },
		{ "memory file", MAP_SHARED, mem },
	};

	probe_init();
	MUST(file >= 0 && mem >= 0);
	MUST(!ftruncate(file, LEN) && !ftruncate(mem, LEN));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		show_kind(&kinds[i]);
	show_segment();
	show_huge();
	show_advice();
	return 0;
}
