// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of /sys for the program.
 */
#include "sys_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/mcexec/text.h"

/* The folders of which the LWK has its own, and where. */
#define SYSTEM "/sys/devices/system/"
#define LWK_SYSTEM "/sys/devices/virtual/ihk/mcos%d/sys/linux/devices/system/%s"

#define CGROUP "/sys/fs/cgroup/"

static _Bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* What Linux's group may use, as far as the LWK has it: no CPU of the LWK is among Linux's. */
static const char *of_group(const char *path)
{
	static const struct {
		const char *name;
		const char *lwk;
	} files[] = {
		{ "cpuset.cpus.effective", "cpu/online" },
		{ "cpuset.mems.effective", "node/online" },
	};
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(name, files[i].name))
			return files[i].lwk;
	return NULL;
}

/* Return: the file's path in the LWK's tree; NULL: it is Linux's. */
static const char *lwk_file(const char *path)
{
	const char *rest;

	if (begins(path, CGROUP))
		return of_group(path);
	if (!begins(path, SYSTEM))
		return NULL;
	rest = path + strlen(SYSTEM);
	return begins(rest, "cpu/") || begins(rest, "node/") || !strcmp(rest, "cpu") ||
			       !strcmp(rest, "node") ?
		       rest :
		       NULL;
}

_Bool sys_file_replace(const char *text, char *other, size_t len)
{
	const char *file = lwk_file(text);

	return file && snprintf(other, len, LWK_SYSTEM, text_os_number(), file) < (int)len &&
	       !faccessat(AT_FDCWD, other, F_OK, AT_SYMLINK_NOFOLLOW);
}
