// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of /proc/self for the program, and of /proc/PID of others on the same LWK.
 *
 * What files an image is made of only its own mcexec knows. Another one is the same program at the
 * same addresses, so it is looked up there, if Linux lets us.
 */
#include "proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/mcexec/proc_text.h"
#include "user/mcexec/text.h"

static struct proc_file_name names[2];

static void note_name(struct proc_file_name *name, const struct program_file *file, u64 bias)
{
	struct stat st;
	char link[64];
	ssize_t len;

	if (file->fd < 0 || fstat(file->fd, &st))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	len = readlink(link, name->path, sizeof(name->path) - 1);
	name->path[len > 0 ? len : 0] = '\0';
	name->dev = st.st_dev;
	name->inode = st.st_ino;
	name->bias = bias;
	name->nsections = file->elf.nsections;
	memcpy(name->sections, file->elf.sections, sizeof(name->sections));
}

void proc_file_setup(const struct image *image)
{
	note_name(&names[0], &image->program->exe, image->layout.bias);
	note_name(&names[1], &image->program->interp, image->layout.interp_bias);
}

const struct proc_file_name *proc_file_names(void)
{
	return names;
}

_Bool proc_file_is_ours(int pid)
{
	char path[TEXT_LWK_PATH_LEN];

	return !text_lwk_path(path, pid, "") && !access(path, F_OK);
}

/* The names of another process's files; none, if they make no sense. */
static void read_names(int pid, struct proc_file_name *theirs)
{
	if (text_read_memory(theirs, pid, names, sizeof(names)))
		memset(theirs, 0, sizeof(names));
	for (int i = 0; i < 2; i++) {
		theirs[i].path[sizeof(theirs[i].path) - 1] = '\0';
		if (theirs[i].nsections > PROGRAM_MAX_SECTIONS)
			theirs[i].nsections = 0;
	}
}

static void make_maps(FILE *out, int pid, char *lwk, char *proxy)
{
	struct proc_file_name theirs[2];

	if (pid == text_own_pid()) {
		proc_text_maps(out, lwk, proxy, names);
		return;
	}
	read_names(pid, theirs);
	proc_text_maps(out, lwk, proxy, theirs);
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
	{ "maps", "maps", make_maps },
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
