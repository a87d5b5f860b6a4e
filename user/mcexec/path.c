// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths that mean something else to the program. Only absolute ones, as programs write them: who
 * goes there by way of open directories, or of links of his own, sees the proxy, or Linux.
 */
#include "path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "user/mcexec/memory.h"
#include "user/mcexec/proc_file.h"
#include "user/mcexec/sys_file.h"
#include "user/mcexec/text.h"

#define PROC "/proc/"
#define SYS "/sys/"

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
	return !head || !memcmp(&head, PROC, sizeof(PROC) - 1) ||
	       !memcmp(&head, SYS, sizeof(SYS) - 1);
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

/* Step over a process id and a slash at *@p. Return: the id; 0: it was not there. */
static int skip_pid(const char **p)
{
	char *end;
	long pid;

	if (**p < '1' || **p > '9')
		return 0;
	pid = strtol(*p, &end, 10);
	if (*end != '/' || pid > INT_MAX)
		return 0;
	*p = end + 1;
	return (int)pid;
}

/*
 * What follows "/proc/self/" in whichever of its ways to say it, or "/proc/PID/" of another
 * process. Return: NULL: it is none.
 */
static const char *proc_file(const char *path, int *pid)
{
	const char *p = path;

	if (!skip(&p, PROC))
		return NULL;
	if (skip(&p, "self/") || skip(&p, "thread-self/"))
		*pid = text_own_pid();
	else
		*pid = skip_pid(&p);
	if (!*pid || (skip(&p, "task/") && skip_pid(&p) != *pid))
		return NULL;
	return p;
}

int path_read(char *text, u64 path, _Bool here)
{
	int len;

	if (here)
		len = (int)strnlen(strncpy(text, (const char *)path, PATH_TEXT_LEN), PATH_TEXT_LEN);
	else
		len = memory_read_string(text, path, PATH_TEXT_LEN);
	if (len == PATH_TEXT_LEN)
		len = -ENAMETOOLONG;
	return len < 0 ? len : 0;
}

/* Another mcexec of this LWK is the same file at the same addresses as we are. */
static int exe_of(int pid)
{
	int theirs;

	if (pid == text_own_pid())
		return exe_fd;
	if (!proc_file_is_ours(pid) || text_read_memory(&theirs, pid, &exe_fd, sizeof(theirs)))
		return -1;
	return theirs;
}

_Bool path_exe(const char *text, char *other)
{
	int pid, fd;
	const char *file = proc_file(text, &pid);

	if (!file || strcmp(file, "exe"))
		return 0;
	fd = exe_of(pid);
	if (fd < 0)
		return 0;
	snprintf(other, PATH_OTHER_LEN, "/proc/%d/fd/%d", pid, fd);
	return 1;
}

/*
 * Linux would describe the proxy's mappings there, which are none of the program's. Programs do
 * without these files, or with maps: a Linux without CONFIG_PROC_PAGE_MONITOR has none. Return: is
 * it one of them, and @other a path at which nothing is?
 */
static _Bool path_hidden(const char *text, char *other)
{
	int pid;
	const char *file = proc_file(text, &pid);

	if (!file || (strcmp(file, "smaps") && strcmp(file, "smaps_rollup")))
		return 0;
	if (!proc_file_is_ours(pid))
		return 0;
	snprintf(other, PATH_OTHER_LEN, "/proc/%d/-", pid);
	return 1;
}

_Bool path_replace(const char *text, char *other)
{
	struct stat shown, meant;

	if (sys_file_replace(text, other, PATH_OTHER_LEN) || path_hidden(text, other))
		return 1;
	if (!path_exe(text, other))
		return 0;
	/* The link itself is better than another one, which has its own name and mode. */
	return stat(text, &shown) || stat(other, &meant) || shown.st_dev != meant.st_dev ||
	       shown.st_ino != meant.st_ino;
}

s64 path_open(u64 nr, const u64 *args, const char *text)
{
	const char *file;
	int pid;

	if (nr != SYS_open && nr != SYS_openat)
		return -ENOENT;
	args += nr == SYS_openat;
	file = proc_file(text, &pid);
	return file ? proc_file_open(pid, file, args[1]) : -ENOENT;
}
