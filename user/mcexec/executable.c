// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that may be executed.
 */
#include "executable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/fds.h"

/* What execvp(3) uses if there is no PATH. */
#define DEFAULT_PATH "/bin:/usr/bin"

/* Checked on the open file, so that it is the one that will be run. */
static int check_executable(int fd)
{
	struct statvfs fs;
	struct stat st;

	if (fstat(fd, &st) || fstatvfs(fd, &fs))
		return -errno;
	if (!S_ISREG(st.st_mode) || (fs.f_flag & ST_NOEXEC))
		return -EACCES;
	if (syscall(SYS_faccessat2, fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH))
		return -errno;
	return 0;
}

struct place {
	int dir;
	const char *path;
	int flags;
};

static int open_place(void *arg)
{
	const struct place *place = arg;
	int fd = openat(place->dir, place->path, place->flags);

	return fd < 0 ? -errno : fd;
}

/*
 * A FIFO or terminal must not hold us up before it is refused; who has a lease on the file may, as
 * Linux's execve(2) waits for that.
 */
static int open_to_check(int dir, const char *path, int flags)
{
	struct place place = { dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags };
	int fd = fds_make(open_place, &place);
	int err;

	if (fd == -EWOULDBLOCK) {
		place.flags &= ~O_NONBLOCK;
		fd = fds_make(open_place, &place);
	}
	if (fd < 0)
		return fd;
	err = check_executable(fd);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int executable_open(const char *path)
{
	return open_to_check(AT_FDCWD, path, 0);
}

/* The open file itself, anew: it may have been opened for writing, or without any access. */
static int reopen(int fd)
{
	char path[32];
	struct stat st;

	if (fd == AT_FDCWD)
		return -EACCES;
	if (fstat(fd, &st))
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open_to_check(AT_FDCWD, path, 0);
}

int executable_open_at(int dir, const char *path, int flags)
{
	if (*path)
		return open_to_check(dir, path, flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0);
	return flags & AT_EMPTY_PATH ? reopen(dir) : -ENOENT;
}

/* Goes on to the next directory after these, as glibc's execvp(). */
static int is_search_error(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -EACCES || err == -ESTALE ||
	       err == -ENODEV || err == -ETIMEDOUT || err == -ENAMETOOLONG;
}

static int open_in(const char *dir, size_t dir_len, const char *name, char *path)
{
	int n = snprintf(path, PATH_MAX, "%.*s%s%s", (int)dir_len, dir, dir_len ? "/" : "", name);

	return n < PATH_MAX ? executable_open(path) : -ENAMETOOLONG;
}

int executable_find(const char *name, char *path)
{
	const char *dirs = getenv("PATH");
	int result = -ENOENT;
	size_t len;
	int fd;

	if (!*name || strlen(name) >= PATH_MAX)
		return *name ? -ENAMETOOLONG : -ENOENT;
	if (strchr(name, '/'))
		return executable_open(strcpy(path, name));
	if (!dirs)
		dirs = DEFAULT_PATH;
	for (;; dirs += len + 1) {
		len = strcspn(dirs, ":");
		fd = open_in(dirs, len, name, path);
		if (fd >= 0)
			return fd;
		if (!is_search_error(fd)) {
			result = fd;
			break;
		}
		/* Found, but of no use: that is worth more than not found. */
		if (fd == -EACCES)
			result = -EACCES;
		if (!dirs[len])
			break;
	}
	strcpy(path, name);
	return result;
}
