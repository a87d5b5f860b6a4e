// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls get addresses at which no program has memory: EFAULT, whatever lies there
 * elsewhere. The vDSO, which is up there, can be read as ever.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

/* Raw calls: the C library itself would use the memory. */
#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))
#define STEP 0x1000UL

static char *at;

static void show_calls(void)
{
	struct iovec iov[2] = { { "ab", 2 }, { at, 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct msghdr named = { .msg_name = at, .msg_namelen = 16, .msg_iov = iov,
				.msg_iovlen = 1 };
	int null = open("/dev/zero", O_RDWR);
	int file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int pair[2];

	MUST(null >= 0 && file >= 0 && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CALL(read, null, at, 8);
	CALL(read, 1000, at, 8);
	CALL(read, file, at, 0);
	CALL(write, file, at, 8);
	CALL(pread64, null, at, 8, 0);
	CALL(readv, null, iov, 2);
	CALL(writev, file, iov, 2);
	CALL(writev, 1000, iov, 2);
	CALL(readv, null, at, 1);
	CALL(sendmsg, pair[0], &msg, 0);
	CALL(sendmsg, file, &msg, 0);
	CALL(sendmsg, pair[0], at, 0);
	CALL(sendmsg, pair[0], &named, 0);
	CALL(openat, AT_FDCWD, at, O_RDONLY);
	CALL(newfstatat, AT_FDCWD, ".", at, 0);
	CALL(getcwd, at, 100);
	CALL(poll, at, 1, 0);
	CALL(pipe, at);
	CALL(clock_gettime, CLOCK_MONOTONIC, at);
	CALL(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, at);
	CALL(getrandom, at, 8, 0);
	CALL(execve, at, NULL, NULL);
	close(null);
	close(file);
	close(pair[0]);
	close(pair[1]);
}

/* Numbers are numbers, however large. */
static void show_numbers(void)
{
	int file = open("file", O_RDWR);

	MUST(file >= 0);
	SHOW_TRUE(lseek(file, 0x7ee000001000, SEEK_SET) == 0x7ee000001000);
	CALL(pread64, file, at, 0, 0x7ee000001000);
	CALL(ftruncate, file, 0);
	CALL(read, file, &file, 0);
	CALL(fadvise64, file, 0x7ee000001000, 0x1000, POSIX_FADV_NORMAL);
	close(file);
}

int main(void)
{
	const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
	static const unsigned long places[] = { 0x7ee000000000, 0x7ee000001234, 0x7ee000100000,
						0x7ffffffff000, 0xffffffff81000000 };
	char head[4];
	int fds[2];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		at = (char *)places[i];
		/* Linux may have something of the program's there. */
		if (mincore((void *)(places[i] & ~(STEP - 1)), STEP, (unsigned char *)head) != -1)
			continue;
		printf("place %zu\n", i);
		show_calls();
		show_numbers();
	}
	MUST(pipe(fds) == 0);
	SHOW(write(fds[1], vdso, 4));
	SHOW(read(fds[0], head, 4));
	SHOW(memcmp(head, "\177ELF", 4));
	return 0;
}
