// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading small files.
 */
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"

static int os_number = -1;
static int os_device = -1;

char *text_read(const char *path, size_t *len)
{
	size_t size = 16384;
	char *text = malloc(size), *more;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	*len = 0;
	while (text && fd >= 0 && (n = read(fd, text + *len, size - 1 - *len)) > 0) {
		*len += n;
		if (*len + 1 < size)
			continue;
		size *= 2;
		more = realloc(text, size);
		if (!more)
			break;
		text = more;
	}
	if (fd >= 0)
		close(fd);
	if (n) {
		free(text);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

int text_own_pid(void)
{
	char link[16];
	ssize_t len = readlink("/proc/self", link, sizeof(link) - 1);

	link[len > 0 ? len : 0] = '\0';
	return atoi(link);
}

/* Calls that take a process's id mean one of our own namespace. */
int text_read_memory(void *to, int pid, const void *from, size_t len)
{
	char path[64];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = pread(fd, to, len, (off_t)from);
		close(fd);
	}
	return got == (ssize_t)len ? 0 : -1;
}

void text_lwk_setup(int os, int device)
{
	os_number = os;
	os_device = device;
}

int text_os_number(void)
{
	return os_number;
}

/* /proc/mcosN has the ids of the first pid namespace, whichever /proc it is looked at in. */
int text_lwk_path(char *path, int pid, const char *name)
{
	struct mcctrl_id id = { .pid = pid };
	int err = 0, first;

	id.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (id.proc < 0)
		return -errno;
	first = ioctl(os_device, MCCTRL_IOC_FIRST_ID, &id);
	if (first < 0)
		err = -errno;
	close(id.proc);
	snprintf(path, TEXT_LWK_PATH_LEN, "/proc/mcos%d/%d/%s", os_number, first, name);
	return err;
}

char *text_read_lwk(int pid, const char *name, size_t *len)
{
	char path[TEXT_LWK_PATH_LEN];

	return text_lwk_path(path, pid, name) ? NULL : text_read(path, len);
}
