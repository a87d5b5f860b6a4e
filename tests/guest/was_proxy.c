// SPDX-License-Identifier: GPL-2.0-only
/*
 * Becomes a proxy as mcexec does, then executes another program and keeps the proxy's file open.
 *
 *   was_proxy OS PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"

int main(int argc, char **argv)
{
	struct mcctrl_create create = { .version = MCCTRL_VERSION };
	char path[32];
	int device, fd;

	if (argc < 3)
		return 2;
	snprintf(path, sizeof(path), "/dev/mcos%s", argv[1]);
	device = open(path, O_RDONLY | O_CLOEXEC);
	fd = ioctl(device, MCCTRL_IOC_CREATE_PROXY, &create);
	if (fd < 0 || fcntl(fd, F_SETFD, 0)) {
		fprintf(stderr, "was_proxy: %s: %s\n", path, strerror(errno));
		return 1;
	}
	execvp(argv[2], argv + 2);
	return 1;
}
