// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pipes: capacity, ends that close, flags, packets.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t pipes;

static void handler(int number)
{
	(void)number;
	pipes++;
}

static long fill(int fd)
{
	static char block[4096];
	long total = 0;
	ssize_t n;

	while ((n = write(fd, block, sizeof(block))) > 0)
		total += n;
	return total;
}

int main(void)
{
	char buf[PIPE_BUF * 2] = "";
	int queued;
	int fds[2];

	signal(SIGPIPE, handler);
	SHOW(pipe2(fds, 1));
	MUST(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	SHOW(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	SHOW(fcntl(fds[0], F_GETFD));
	SHOW(read(fds[0], buf, 1));
	SHOW(fcntl(fds[0], F_GETPIPE_SZ));
	SHOW(fill(fds[1]));
	SHOW(read(fds[0], buf, 100));
	SHOW(write(fds[1], buf, 100));
	SHOW(read(fds[0], buf, sizeof(buf)));
	SHOW(write(fds[1], buf, 3 * sizeof(buf) / 4));
	MUST(ioctl(fds[0], FIONREAD, &queued) == 0);
	SHOW(queued);
	SHOW(fcntl(fds[0], F_SETPIPE_SZ, 4096));
	SHOW(fcntl(fds[0], F_SETPIPE_SZ, 200000));
	SHOW(lseek(fds[0], 0, SEEK_SET));
	SHOW(pread(fds[0], buf, 1, 0));
	SHOW(write(fds[0], buf, 1));
	SHOW(read(fds[1], buf, 1));
	SHOW(write(fds[1], buf, 0));
	close(fds[0]);
	SHOW(write(fds[1], buf, 1));
	SHOW(pipes);
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(fds[1], buf, 1));
	close(fds[1]);

	MUST(pipe2(fds, O_DIRECT) == 0);
	SHOW(write(fds[1], "first", 5));
	SHOW(write(fds[1], "second", 6));
	SHOW(read(fds[0], buf, 3));
	SHOW(read(fds[0], buf, 100));
	printf("%.6s\n", buf);
	close(fds[1]);
	SHOW(read(fds[0], buf, 100));
	SHOW(tee(fds[0], fds[0], 1, 0));
	return 0;
}
