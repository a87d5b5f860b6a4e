// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files without a name: memfd_create(), its seals, and POSIX shared memory.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"

#define LEN (1 << 20)
#define RW (PROT_READ | PROT_WRITE)

static void show_seals(int fd)
{
	char *start;

	SHOW(fcntl(fd, F_GET_SEALS));
	start = mmap(NULL, LEN, RW, MAP_SHARED, fd, 0);
	MUST(start != MAP_FAILED);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(munmap(start, LEN));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE));
	SHOW(ftruncate(fd, LEN / 2));
	SHOW(ftruncate(fd, LEN * 2));
	SHOW(write(fd, "x", 1));
	SHOW_PTR(mmap(NULL, LEN, RW, MAP_SHARED, fd, 0));
	SHOW_PTR(mmap(NULL, LEN, RW, MAP_PRIVATE, fd, 0));
	SHOW_PTR(mmap(NULL, LEN, PROT_READ, MAP_PRIVATE, fd, 0));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
}

/* A place that a file had almost been mapped to is like any other, also to Linux. */
static void after_failure(int fd)
{
	static const char text[] = "still there\n";
	char *wanted = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *start;

	MUST(wanted != MAP_FAILED && !munmap(wanted, LEN));
	SHOW_PTR(mmap(wanted, LEN, RW, MAP_SHARED, fd, 0));
	start = mmap(wanted, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW_TRUE(start == wanted);
	strcpy(start + LEN / 2, text);
	SHOW(write(1, start + LEN / 2, sizeof(text) - 1));
	SHOW(munmap(start, LEN));
}

int main(void)
{
	const char *name = "/mckernel-apps-test";
	char *start;
	int fd, sock;

	MUST((fd = memfd_create("name", MFD_ALLOW_SEALING)) >= 0);
	SHOW(ftruncate(fd, LEN));
	start = mmap(NULL, LEN, RW, MAP_SHARED, fd, 0);
	MUST(start != MAP_FAILED);
	memset(start + 5000, 'm', 100000);
	SHOW(pwrite(fd, "write", 5, 50000));
	printf("%.7s\n", start + 49999);
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(munmap(start, LEN));
	show_seals(fd);
	after_failure(fd);
	/* This one says so itself, when the place is cleared already. */
	MUST((sock = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0);
	after_failure(sock);
	close(sock);
	SHOW(memfd_create("name", 0x1000));

	shm_unlink(name);
	MUST((fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600)) >= 0);
	SHOW(shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600));
	SHOW(ftruncate(fd, LEN));
	start = mmap(NULL, LEN, RW, MAP_SHARED, fd, 0);
	MUST(start != MAP_FAILED);
	strcpy(start + LEN - 100, "shared");
	SHOW(shm_unlink(name));
	close(fd);
	printf("%s\n", start + LEN - 100);
	return 0;
}
