// SPDX-License-Identifier: GPL-2.0-only
/*
 * The proxy's appearance. Linux reads arguments and environment from the process's own memory, at
 * addresses that mcctrl changes at the start. The auxiliary vector prctl() changes, and all these
 * addresses with it, which therefore have to be known.
 */
#include "identity.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"

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
#define STAT_ARG_START 48

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

/* Code and data as Linux tells them apart: code is what an executable section has of the file. */
static void place_sections(struct mcctrl_show *show, const struct image *image)
{
	const struct elf_program *elf = &image->program->exe.elf;
	struct mcctrl_range code = { ~0ULL, 0 }, data = { 0, 0 };

	for (u32 i = 0; i < elf->nsections; i++) {
		u64 start = elf->sections[i].vaddr + image->layout.bias;
		u64 end = start + elf->sections[i].filesz;

		if (elf->sections[i].prot & PROT_EXEC) {
			code.start = start < code.start ? start : code.start;
			code.end = end > code.end ? end : code.end;
		}
		data.start = start > data.start ? start : data.start;
		data.end = end > data.end ? end : data.end;
	}
	if (code.start >= code.end)
		return;
	show->code = code;
	show->data = data;
}

void identity_take(const struct image *image)
{
	u64 strings = (u64)image->strings;
	struct mcctrl_show show = {
		.args = { strings, strings + image->env_start },
		.env = { strings + image->env_start, strings + image->env_end },
	};

	prctl(PR_SET_NAME, program_name(image->program), 0, 0, 0);
	place_sections(&show, image);
	ioctl(image->proxy, MCCTRL_IOC_SHOW, &show);
}

void identity_set_auxv(void *auxv, size_t len)
{
	char text[STAT_LEN];
	struct prctl_mm_map map = { .exe_fd = ~0U, .auxv = auxv, .auxv_size = (__u32)len };
	const char *fields = read_stat(text);

	if (!read_map(&map) || !read_field(fields, STAT_ARG_START, &map.arg_start) ||
	    !read_field(fields, STAT_ARG_START + 1, &map.arg_end) ||
	    !read_field(fields, STAT_ARG_START + 2, &map.env_start) ||
	    !read_field(fields, STAT_ARG_START + 3, &map.env_end))
		return;
	map.brk = (u64)sbrk(0);
	prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}
