// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code that is made at run time and changed while it is in use.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define ROUNDS 300

/* mov $0, %eax; ret */
static const unsigned char code[] = { 0xb8, 0, 0, 0, 0, 0xc3 };

typedef int (*function)(void);

static int call(const void *start)
{
	return ((function)(uintptr_t)start)();
}

static void put(unsigned char *page, int result)
{
	memcpy(page, code, sizeof(code));
	memcpy(page + 1, &result, sizeof(result));
}

int main(void)
{
	unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int wrong = 0;
	int fd;
	int i;

	MUST(page != MAP_FAILED);
	for (i = 0; i < ROUNDS; i++) {
		put(page, i);
		wrong += call(page) != i;
	}
	printf("%d wrong, writable and executable\n", wrong);
	for (i = 0; i < ROUNDS; i++) {
		MUST(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
		put(page, i);
		MUST(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == 0);
		wrong += call(page) != i;
	}
	printf("%d wrong, one or the other\n", wrong);

	MUST((fd = open("code", O_CREAT | O_RDWR, 0700)) >= 0);
	MUST(write(fd, code, sizeof(code)) == sizeof(code));
	page = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	MUST(page != MAP_FAILED);
	for (i = 0; i < ROUNDS; i++) {
		MUST(pwrite(fd, &i, sizeof(i), 1) == sizeof(i));
		wrong += call(page) != i;
	}
	printf("%d wrong, written to its file\n", wrong);
	return 0;
}
