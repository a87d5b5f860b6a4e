// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of which only a part is mapped: the call does what it can.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL

/* @before bytes ahead of the hole */
static struct iovec vec(char *hole, size_t before, size_t len)
{
	return (struct iovec){ .iov_base = hole - before, .iov_len = len };
}

static void show_vectors(char *hole)
{
	struct iovec bad[3] = { vec(hole, 100, 100), vec(hole, 50, 100), vec(hole, 60, 60) };
	struct iovec good[2] = { vec(hole, 100, 50), vec(hole, 40, 40) };
	struct iovec negative[2] = { vec(hole, 100, 100), vec(hole, 100, (size_t)-1) };
	static struct iovec many[1025];
	char buf[16];
	int fd;

	MUST((fd = open("vectors", O_CREAT | O_RDWR, 0644)) >= 0);
	SHOW(writev(fd, good, 2));
	SHOW(writev(fd, bad, 3));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(writev(fd, negative, 2));
	SHOW(writev(fd, good, 0));
	SHOW(syscall(SYS_writev, fd, good, -1));
	SHOW(writev(fd, many, 1024));
	SHOW(writev(fd, many, 1025));
	SHOW(preadv(fd, good, 2, 0));
	SHOW(preadv(fd, bad, 3, 0));
	SHOW(preadv(fd, good, 2, -1));
	SHOW(pwritev(fd, good, 2, 1000));
	SHOW(process_vm_readv(getpid(), good, 2, bad, 1, 0));
	SHOW(process_vm_readv(getpid(), good, 1, bad + 1, 1, 0));
	SHOW(pread(fd, buf, sizeof(buf), 1080));
}

int main(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *start = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	char *hole = start + 4 * PAGE;
	int fds[2];
	int file;
	int zero;

	MUST(start != MAP_FAILED && munmap(hole, PAGE) == 0);
	memset(start, 'd', 4 * PAGE);
	MUST((file = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST((zero = open("/dev/zero", O_RDONLY)) >= 0);
	MUST(pipe2(fds, O_NONBLOCK) == 0);

	SHOW(write(file, start, 6 * PAGE));
	SHOW(lseek(file, 0, SEEK_END));
	SHOW(write(fds[1], hole - 10, 100));
	SHOW(read(fds[0], start, 100));
	MUST(ftruncate(file, 8 * PAGE) == 0);
	SHOW(pread(file, hole - 2 * PAGE, 4 * PAGE, 0));
	SHOW(pread(file, hole - 10, 100, 0));
	SHOW(read(zero, hole - 3 * PAGE, 5 * PAGE));
	SHOW(read(zero, hole - 100, 1000));
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	SHOW(write(fds[0], hole - 10, 100));
	SHOW(write(fds[0], start, 100));
	SHOW(read(fds[1], hole - 10, 100));
	show_vectors(hole);
	return 0;
}
