// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths that mean something else to the program. Only absolute ones, as programs write them: who
 * goes there by way of open directories, or of links of his own, sees the proxy.
 */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/memory.h"
#include "user/mcexec/proc_file.h"

/* "/proc/thread-self/" or "/proc/PID/task/TID/", a name, and a NUL. */
#define MAX_PATH 64

#define PROC "/proc/"

_Static_assert(sizeof(PROC) - 1 <= sizeof(u64), "offload_slot.path shows it");

static int exe_fd = -1;

void path_setup(int exe)
{
	exe_fd = exe;
}

int path_argument(u64 nr)
{
	switch (nr) {
#define PATH_CALL(name, argument) \
	case SYS_##name: \
		return argument;
#include "abi/paths.def"
	default:
		return -1;
	}
}

_Bool path_may_be_own(u64 head)
{
	return !head || !memcmp(&head, PROC, sizeof(PROC) - 1);
}

/* Step over @word at *@p. Return: was it there? */
static _Bool skip(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len))
		return 0;
	*p += len;
	return 1;
}

/* Step over our own process id and a slash at *@p. Return: was it there? */
static _Bool skip_pid(const char **p)
{
	char *end;

	if (**p < '1' || **p > '9' || strtol(*p, &end, 10) != getpid() || *end != '/')
		return 0;
	*p = end + 1;
	return 1;
}

/* What follows "/proc/self/" in whichever of its ways to say it. Return: NULL: it is none. */
static const char *own_proc_file(const char *path)
{
	const char *p = path;

	if (!skip(&p, PROC))
		return NULL;
	if (!skip(&p, "self/") && !skip(&p, "thread-self/") && !skip_pid(&p))
		return NULL;
	if (skip(&p, "task/") && !skip_pid(&p))
		return NULL;
	return p;
}

/* As own_proc_file(), of a path in the program's memory, which is copied to @text. */
static const char *read_own(u64 path, char *text)
{
	if (memory_read_string(text, path, MAX_PATH) < 0)
		return NULL;
	return own_proc_file(text);
}

u64 path_replace(u64 path, char *other)
{
	char text[MAX_PATH];
	const char *file = read_own(path, text);

	if (!file || strcmp(file, "exe") || exe_fd < 0)
		return path;
	snprintf(other, PATH_OTHER_LEN, "/proc/self/fd/%d", exe_fd);
	return (u64)other;
}

s64 path_open(u64 nr, const u64 *args)
{
	char text[MAX_PATH];
	const char *file;

	if (nr != SYS_open && nr != SYS_openat)
		return -ENOENT;
	args += nr == SYS_openat;
	file = read_own(args[0], text);
	return file ? proc_file_open(file, args[1]) : -ENOENT;
}
