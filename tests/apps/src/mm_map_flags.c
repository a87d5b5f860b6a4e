// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mmap() refuses, and with which error.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define KERNEL_ADDRESS ((void *)0xffff800000000000)
#define NON_CANONICAL ((void *)0x800000000000)

static void show_files(void)
{
	int fds[2];
	int fd;

	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 1000, 0));
	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST(ftruncate(fd, 8192) == 0);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 100));
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, -4096));
	SHOW_PTR(mmap(NULL, 1UL << 46, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000));
	SHOW_PTR(mmap(NULL, 4096, RW, MAP_SHARED_VALIDATE | 0x8000000, fd, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, MAP_SHARED_VALIDATE, fd, 0));
	close(fd);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	MUST((fd = open("file", O_RDONLY)) >= 0);
	SHOW_PTR(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, MAP_PRIVATE, fd, 0));
	close(fd);
	MUST((fd = open("file", O_WRONLY)) >= 0);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	SHOW_PTR(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0));
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	close(fd);
	MUST((fd = open(".", O_RDONLY)) >= 0);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	close(fd);
	MUST((fd = open("file", O_PATH)) >= 0);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	close(fd);
	MUST(pipe(fds) == 0);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fds[0], 0));
}

int main(void)
{
	char *page;

	SHOW_PTR(mmap(NULL, 0, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 1, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, MAP_ANONYMOUS, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, ANON, -1, 4096));
	SHOW_PTR(mmap(NULL, 4096, RW, ANON, 1000, 0));
	SHOW_PTR(mmap(NULL, 4096, PROT_NONE, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, PROT_WRITE, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, 0x100 | PROT_READ, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 4096, RW, ANON | MAP_NORESERVE | MAP_STACK, -1, 0));
	SHOW_PTR(mmap(NULL, -4096UL, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, -1UL, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, 1UL << 47, RW, ANON | MAP_NORESERVE, -1, 0));
	SHOW_PTR(mmap(KERNEL_ADDRESS, 4096, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_PTR(mmap(NON_CANONICAL, 4096, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_PTR(mmap(KERNEL_ADDRESS, 4096, RW, ANON, -1, 0));
	MUST((page = mmap(NULL, 8192, RW, ANON, -1, 0)) != MAP_FAILED);
	SHOW_PTR(mmap(page + 1, 4096, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_TRUE(mmap(page, 4096, RW, ANON | MAP_FIXED, -1, 0) == page);
	show_files();
	return 0;
}
