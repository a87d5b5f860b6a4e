// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors: duplicates, flags, their number, closing.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

int main(void)
{
	const struct rlimit few = { 20, 20 };
	int last = -1;
	int fd;

	SHOW(open("file", O_CREAT | O_RDWR | O_APPEND, 0644));
	SHOW(dup(3));
	SHOW(dup2(3, 10));
	SHOW(dup2(10, 10));
	SHOW(dup2(11, 11));
	SHOW(dup2(3, -1));
	SHOW(dup3(3, 11, O_CLOEXEC));
	SHOW(dup3(3, 3, 0));
	SHOW(dup3(3, 12, 77));
	SHOW(fcntl(3, F_DUPFD, 15));
	SHOW(fcntl(3, F_DUPFD_CLOEXEC, 5));
	SHOW(fcntl(3, F_DUPFD, -1));
	SHOW(fcntl(11, F_GETFD));
	SHOW(fcntl(11, F_SETFD, 0));
	SHOW(fcntl(11, F_GETFD));
	printf("%#x\n", fcntl(3, F_GETFL));
	SHOW(fcntl(3, F_SETFL, O_NONBLOCK | O_RDONLY));
	printf("%#x\n", fcntl(4, F_GETFL));
	SHOW(fcntl(3, F_GETOWN));
	SHOW(fcntl(3, 7777));
	SHOW(fcntl(999, F_GETFD));
	SHOW(close(10));
	SHOW(close(10));
	SHOW(read(10, &fd, 1));
	SHOW(write(-1, &fd, 1));
	SHOW(syscall(SYS_close_range, 11, 12, 0));
	SHOW(syscall(SYS_close_range, 12, 11, 0));
	SHOW(fcntl(11, F_GETFD));
	SHOW(syscall(SYS_close_range, 3, 3, 4));
	SHOW(fcntl(3, F_GETFD));
	MUST(setrlimit(RLIMIT_NOFILE, &few) == 0);
	while ((fd = dup(0)) >= 0)
		last = fd;
	printf("last %d, %s\n", last, error_name(errno));
	SHOW(open("file", O_RDONLY));
	SHOW(dup2(0, 20));
	SHOW(fcntl(0, F_DUPFD, 25));
	SHOW(syscall(SYS_pipe2, &last, 0));
	return 0;
}
