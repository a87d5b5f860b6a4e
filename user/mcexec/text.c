// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading small files.
 */
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

char *text_read_lwk(int os, int pid, const char *name, size_t *len)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/mcos%d/%d/%s", os, pid, name);
	return text_read(path, len);
}
