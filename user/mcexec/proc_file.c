// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of /proc/self for the program, and of /proc/PID of others on the same LWK.
 */
#include "proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/mcexec/proc_text.h"
#include "user/mcexec/text.h"

_Bool proc_file_is_ours(int pid)
{
	char path[TEXT_LWK_PATH_LEN];

	return !text_lwk_path(path, pid, "") && !access(path, F_OK);
}

static void make_stat(FILE *out, int pid, char *lwk, char *proxy)
{
	proc_text_stat(out, lwk, proxy, pid != text_own_pid());
}

static void make_status(FILE *out, int pid, char *lwk, char *proxy)
{
	proc_text_status(out, lwk, proxy, pid != text_own_pid());
}

static void make_statm(FILE *out, int pid, char *lwk, char *proxy)
{
	(void)pid;
	(void)proxy;
	proc_text_statm(out, lwk);
}

/* A file, which of the LWK's it is made of, and how; without @make it is the LWK's. */
static const struct file {
	const char *name;
	const char *lwk;
	void (*make)(FILE *out, int pid, char *lwk, char *proxy);
} files[] = {
	{ "auxv", "auxv", NULL },
	{ "maps", "maps", NULL },
	{ "stat", "stat", make_stat },
	{ "statm", "stat", make_statm },
	{ "status", "status", make_status },
};

static const struct file *find_file(const char *name)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(name, files[i].name))
			return &files[i];
	return NULL;
}

/* Return: file descriptor or -errno. */
static int put_in_memory(const char *name, const char *text, size_t len, u64 flags)
{
	int fd = memfd_create(name, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	int err;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) == (ssize_t)len && !lseek(fd, 0, SEEK_SET))
		return fd;
	err = errno ? -errno : -ENOSPC;
	close(fd);
	return err;
}

static char *make_text(const struct file *file, int pid, char *lwk, size_t *len)
{
	char path[64], *proxy, *text = NULL;
	FILE *out;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file->name);
	proxy = text_read(path, len);
	if (!proxy)
		return NULL;
	out = open_memstream(&text, len);
	if (out) {
		file->make(out, pid, lwk, proxy);
		if (fclose(out)) {
			free(text);
			text = NULL;
		}
	}
	free(proxy);
	return text;
}

s64 proc_file_open(int pid, const char *name, u64 flags)
{
	const struct file *file = find_file(name);
	char *lwk, *text;
	size_t len;
	s64 fd = -ENOENT;

	if (!file || (flags & (O_ACCMODE | O_PATH | O_DIRECTORY)))
		return -ENOENT;
	lwk = text_read_lwk(pid, file->lwk, &len);
	if (!lwk)
		return -ENOENT;
	text = file->make ? make_text(file, pid, lwk, &len) : lwk;
	if (text)
		fd = put_in_memory(name, text, len, flags);
	if (text != lwk)
		free(text);
	free(lwk);
	return fd;
}
