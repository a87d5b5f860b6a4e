// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of /proc/self for the program, and of /proc/PID of others on the same LWK.
 *
 * A file in memory has the text. Linux makes such a text whenever it is read from its beginning,
 * so it is put there anew before such a read: the descriptors that were opened are remembered, and
 * a number is believed only if the file behind it is still the same.
 */
#include "proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/fds.h"
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

/* A descriptor that the program was given. */
struct shown {
	const struct file *file;
	int pid;
	int fd;
	dev_t dev;
	ino_t ino;
};

/* Held over fork(2), too: no child begins with it locked. Taken before that of fds.c. */
static pthread_mutex_t shown_lock = PTHREAD_MUTEX_INITIALIZER;
/* shown_lock protects: */
static struct shown *shown;
static int nshown;
/* Read without it: bit N for any descriptor that is N modulo 64. Who reads others takes no lock. */
static u64 shown_bits;

/* Is the file that was opened still behind the number? */
static _Bool is_open(const struct shown *entry)
{
	struct stat now;

	return !fstat(entry->fd, &now) && now.st_dev == entry->dev && now.st_ino == entry->ino;
}

static u64 bit_of(int fd)
{
	return 1ULL << ((unsigned int)fd % 64);
}

/* Without memory for it the file keeps the text that it has. */
static void remember(int pid, const struct file *file, int fd)
{
	struct shown *more;
	struct stat made;
	int i = 0;

	if (fstat(fd, &made))
		return;
	pthread_mutex_lock(&shown_lock);
	while (i < nshown && shown[i].fd != fd && is_open(&shown[i]))
		i++;
	more = i < nshown ? shown : realloc(shown, (size_t)(i + 1) * sizeof(*shown));
	if (more) {
		shown = more;
		shown[i] = (struct shown){ file, pid, fd, made.st_dev, made.st_ino };
		nshown += i == nshown;
		__atomic_fetch_or(&shown_bits, bit_of(fd), __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&shown_lock);
}

void proc_file_lock(void)
{
	pthread_mutex_lock(&shown_lock);
}

void proc_file_unlock(void)
{
	pthread_mutex_unlock(&shown_lock);
}

/* Return: 0 or -errno. */
static int put_text(int fd, const char *text, size_t len)
{
	ssize_t put = pwrite(fd, text, len, 0);

	if (put < 0)
		return -errno;
	if ((size_t)put != len)
		return -ENOSPC;
	return ftruncate(fd, (off_t)len) ? -errno : 0;
}

/* Return: file descriptor or -errno. */
static int put_in_memory(const char *name, const char *text, size_t len, u64 flags)
{
	int fd = memfd_create(name, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	int err;

	if (fd < 0)
		return -errno;
	err = put_text(fd, text, len);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static char *read_linux(const struct file *file, int pid, size_t *len)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file->name);
	return text_read(path, len);
}

static char *make_text(const struct file *file, int pid, char *lwk, size_t *len)
{
	char *proxy = read_linux(file, pid, len), *text = NULL;
	FILE *out;

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

/* Return: to be freed; NULL: the LWK has no such process. */
static char *read_text(const struct file *file, int pid, size_t *len)
{
	char *lwk = text_read_lwk(pid, file->lwk, len), *text;

	if (!lwk || !file->make)
		return lwk;
	text = make_text(file, pid, lwk, len);
	free(lwk);
	return text;
}

s64 proc_file_open(int pid, const char *name, u64 flags)
{
	const struct file *file = find_file(name);
	char *text;
	size_t len;
	s64 fd;

	if (!file || (flags & (O_ACCMODE | O_PATH | O_DIRECTORY)))
		return -ENOENT;
	text = read_text(file, pid, &len);
	if (!text)
		return -ENOENT;
	fd = put_in_memory(name, text, len, flags);
	free(text);
	if (fd >= 0)
		remember(pid, file, (int)fd);
	return fd;
}

/* Where in the file the call begins to read; preadv2() is not looked at. */
static off_t read_position(u64 nr, const u64 *args)
{
	switch (nr) {
	case SYS_pread64:
	case SYS_preadv:
		return (off_t)args[3];
	default:
		return lseek((int)args[0], 0, SEEK_CUR);
	}
}

/*
 * What has ended, or has left for Linux, is Linux's to describe. Where the text cannot be made for
 * another reason the old one stays.
 */
static int put_anew(void *arg)
{
	const struct shown *entry = arg;
	size_t len;
	char *text = read_text(entry->file, entry->pid, &len);
	char path[32];
	int err;

	if (!text)
		text = read_linux(entry->file, entry->pid, &len);
	if (!text && errno == EMFILE)
		return -EMFILE;
	if (!text) {
		snprintf(path, sizeof(path), "/proc/%d", entry->pid);
		return access(path, F_OK) ? -ESRCH : 0;
	}
	err = put_text(entry->fd, text, len);
	free(text);
	return err;
}

int proc_file_before_read(u64 nr, const u64 *args)
{
	int err = 0;

	if (!(__atomic_load_n(&shown_bits, __ATOMIC_RELAXED) & bit_of((int)args[0])))
		return 0;
	pthread_mutex_lock(&shown_lock);
	for (int i = 0; i < nshown; i++) {
		if (shown[i].fd != (int)args[0])
			continue;
		if (is_open(&shown[i]) && !read_position(nr, args))
			err = fds_make(put_anew, &shown[i]);
		break;
	}
	pthread_mutex_unlock(&shown_lock);
	return err == -EMFILE ? 0 : err;
}
