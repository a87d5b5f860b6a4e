// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listing /proc/self/fd and /proc/self/fdinfo without the hidden descriptors.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/mcexec/fds.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/scratch.h"
#include "user/mcexec/text.h"
#include "user/mcexec/twin.h"

/* Where d_reclen and d_name are in what getdents(2) and getdents64(2) write: see there. */
#define RECLEN_AT 16
#define OLD_NAME_AT 18
#define NAME_AT 19

/* Is this directory, "…/PID/fd" or "…/PID/task/TID/fd", ours? The path is changed. */
static bool is_own_list(char *path)
{
	char *name, *owner;

	name = strrchr(path, '/');
	if (!name || (strcmp(name, "/fd") && strcmp(name, "/fdinfo")))
		return false;
	*name = '\0';
	owner = strstr(path, "/task/");
	if (owner)
		*owner = '\0';
	owner = strrchr(path, '/');
	return owner && atoi(owner + 1) == text_own_pid();
}

static bool lists_descriptors(int fd)
{
	struct statfs fs;
	char link[64], path[128];
	ssize_t len;

	/* The common case, other file systems, by one cheap call. */
	if (fstatfs(fd, &fs) || fs.f_type != PROC_SUPER_MAGIC)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	return is_own_list(path);
}

/* Take the hidden ones out of @len bytes of entries. Return: bytes that are left. */
static size_t strip(char *entries, size_t len, size_t name_at)
{
	size_t kept = 0;
	u16 reclen;

	for (size_t at = 0; at < len; at += reclen) {
		const char *name = entries + at + name_at;
		bool hidden;

		memcpy(&reclen, entries + at + RECLEN_AT, sizeof(reclen));
		hidden = *name >= '0' && *name <= '9' && fds_is_hidden((u64)atoi(name));
		if (hidden)
			continue;
		memmove(entries + kept, entries + at, reclen);
		kept += reclen;
	}
	return kept;
}

static s64 strip_program(u64 buf, size_t len, size_t name_at)
{
	char *entries = scratch_alloc(len);
	s64 ret = -ENOMEM;

	if (!entries)
		return ret;
	ret = memory_read(entries, buf, len);
	if (!ret) {
		len = strip(entries, len, name_at);
		ret = memory_write(buf, entries, len);
	}
	scratch_free(entries);
	return ret ? ret : (s64)len;
}

s64 fds_getdents(u64 nr, const u64 *args, const u32 *interrupted)
{
	s64 ret;

	/* Again when all were hidden: nothing would mean the end. */
	do {
		ret = twin_syscall(nr, args, interrupted);
		if (ret <= 0 || !lists_descriptors((int)args[0]))
			return ret;
		ret = strip_program(args[1], (size_t)ret,
				    nr == SYS_getdents64 ? NAME_AT : OLD_NAME_AT);
	} while (!ret);
	return ret;
}
