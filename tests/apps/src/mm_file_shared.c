// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared file mappings agree with each other and with read() and write(), at once.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define PAGES 16
#define ROUNDS 2000

static char *map(int fd, int prot)
{
	char *start = mmap(NULL, PAGES * PAGE, prot, MAP_SHARED, fd, 0);

	MUST(start != MAP_FAILED);
	return start;
}

/* Through one way in, out by the other, at places all over the file. */
static void show_coherence(int fd, char *first, const char *second)
{
	unsigned int wrong = 0;
	unsigned int place = 1;
	unsigned int i;
	char byte;

	for (i = 0; i < ROUNDS; i++) {
		place = (place * 1103515245 + 12345) % (PAGES * PAGE);
		byte = (char)i;
		if (i % 3 == 0)
			first[place] = byte;
		else if (i % 3 == 1)
			MUST(pwrite(fd, &byte, 1, place) == 1);
		else
			__atomic_store_n(first + place, byte, __ATOMIC_SEQ_CST);
		byte = 0;
		MUST(pread(fd, &byte, 1, place) == 1);
		wrong += byte != (char)i || first[place] != (char)i || second[place] != (char)i;
	}
	printf("%u of %u wrong\n", wrong, i);
}

int main(void)
{
	char *writable;
	char *readable;
	char buf[4];
	int fd;

	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST(ftruncate(fd, PAGES * PAGE) == 0);
	writable = map(fd, PROT_READ | PROT_WRITE);
	readable = map(fd, PROT_READ);
	show_coherence(fd, writable, readable);

	memset(writable, 'm', PAGES * PAGE);
	SHOW(pread(fd, readable + 1, 1, 0));
	SHOW(pread(fd, writable + PAGE, PAGE, 3 * PAGE));
	SHOW(write(fd, writable + 8 * PAGE, 2 * PAGE));
	SHOW(msync(writable, PAGES * PAGE, MS_SYNC));
	SHOW(munmap(writable, PAGES * PAGE));
	MUST(pread(fd, buf, 4, 0) == 4);
	printf("%.4s %.4s\n", buf, readable + 15 * PAGE);

	SHOW(ftruncate(fd, PAGE));
	SHOW(ftruncate(fd, PAGES * PAGE));
	SHOW(readable[0] + readable[PAGE] + readable[15 * PAGE]);
	writable = map(fd, PROT_WRITE);
	strcpy(writable + PAGE, "left in the file");
	return 0;
}
