// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program finds no descriptors but its own, and may close all that there might be.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"

int main(void)
{
	struct stat st;
	int closed = 0;
	int open_fds = 0;
	int fd;

	for (fd = 3; fd < 1024; fd++) {
		open_fds += fstat(fd, &st) == 0;
		closed += close(fd) == 0;
	}
	SHOW(open_fds);
	SHOW(closed);
	SHOW(open(".", O_RDONLY));
	SHOW(close_range(3, ~0U, 0));
	SHOW(open(".", O_RDONLY));
	SHOW(dup2(3, 1000));
	SHOW(mkdir("dir", 0755));
	SHOW(fchdir(1000));
	return 0;
}
