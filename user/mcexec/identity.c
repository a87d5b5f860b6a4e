// SPDX-License-Identifier: GPL-2.0-only
/*
 * The proxy's appearance. Linux reads arguments and environment from the process's own memory, at
 * addresses that prctl() changes, all of them together; so the others have to be known.
 */
#include "identity.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define STAT_LEN 1024

/* /proc/self/stat, from its third field on: the second one, the name, may contain anything. */
static const char *read_stat(char *text)
{
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	const char *end;
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, text, STAT_LEN - 1);
	close(fd);
	if (n <= 0)
		return NULL;
	text[n] = '\0';
	end = strrchr(text, ')');
	return end ? end + 1 : NULL;
}

/* Fields of /proc/PID/stat, see proc(5) */
#define STAT_START_CODE 26
#define STAT_END_CODE 27
#define STAT_START_STACK 28
#define STAT_START_DATA 45
#define STAT_END_DATA 46
#define STAT_START_BRK 47

/* Field @n of @rest, which begins with a blank in front of the third. Return: success. */
static _Bool read_field(const char *rest, int n, __u64 *value)
{
	for (int i = 3; rest && i < n; i++)
		rest = strchr(rest + 1, ' ');
	if (!rest)
		return 0;
	*value = strtoull(rest, NULL, 10);
	return 1;
}

/* Return: success. */
static _Bool read_map(struct prctl_mm_map *map)
{
	char text[STAT_LEN];
	const char *fields = read_stat(text);

	return read_field(fields, STAT_START_CODE, &map->start_code) &&
	       read_field(fields, STAT_END_CODE, &map->end_code) &&
	       read_field(fields, STAT_START_STACK, &map->start_stack) &&
	       read_field(fields, STAT_START_DATA, &map->start_data) &&
	       read_field(fields, STAT_END_DATA, &map->end_data) &&
	       read_field(fields, STAT_START_BRK, &map->start_brk);
}

void identity_take(const struct image *image)
{
	struct prctl_mm_map map = { .exe_fd = ~0U };
	u64 strings = (u64)image->strings;

	prctl(PR_SET_NAME, program_name(image->program), 0, 0, 0);
	if (!read_map(&map))
		return;
	map.brk = (u64)sbrk(0);
	map.arg_start = strings;
	map.arg_end = strings + image->env_start;
	map.env_start = map.arg_end;
	map.env_end = strings + image->env_end;
	prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}
