// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core files: see core.h.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/core_map.h"
#include "user/mcexec/identity.h"
#include "user/mcexec/text.h"

/* Linux's default of coredump_filter. */
#define FILTER_DEFAULT 0x33

/* As many ranges as Linux lets a process have, and their lines in maps. */
#define RANGES_LEN (65536 * sizeof(struct core_range))
#define MAPS_LEN (65536ULL * 512)
#define AUXV_LEN 1024

static struct core_file files[2];

static void note_file(struct core_file *to, const struct program_file *file, u64 bias)
{
	struct stat st;
	char link[64];
	ssize_t len;

	if (file->fd < 0 || fstat(file->fd, &st))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	len = readlink(link, to->path, sizeof(to->path) - 1);
	to->path[len > 0 ? len : 0] = '\0';
	to->dev = st.st_dev;
	to->inode = st.st_ino;
	to->bias = bias;
	to->nsections = file->elf.nsections;
	memcpy(to->sections, file->elf.sections, sizeof(to->sections));
}

void core_setup(const struct image *image)
{
	note_file(&files[0], &image->program->exe, image->layout.bias);
	note_file(&files[1], &image->program->interp, image->layout.interp_bias);
}

/* Reads what there is of a file, with a NUL behind it. Return: bytes, or -errno. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (n > 0 && len + 1 < size) {
		n = read(fd, text + len, size - 1 - len);
		len += n > 0 ? n : 0;
	}
	n = n < 0 ? -errno : (ssize_t)len;
	close(fd);
	text[len] = '\0';
	return n;
}

static void *alloc(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* A pipe gets core files whatever the limit. What cannot be read, as with no /proc, may be one. */
static bool may_be_pipe(void)
{
	char pattern[4] = "";

	return read_file("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern)) <= 0 ||
	       pattern[0] == '|';
}

/* The program may have all the descriptors it may have: this thread takes one, of its own copy. */
static void make_room(void)
{
	if (!unshare(CLONE_FILES))
		close(0);
}

/* Would Linux write one? It asks again, but to get there may take long. */
static bool is_wanted(void)
{
	struct rlimit limit;

	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		return false;
	return may_be_pipe() || getrlimit(RLIMIT_CORE, &limit) || limit.rlim_cur >= LWK_PAGE_SIZE;
}

/* Whether a process dumps core is said of its memory, which others may have, too. */
static void forbid(bool shared)
{
	/* Too little for a file; Linux takes it for "no pipe, either". */
	struct rlimit limit = { 1, 0 }, now;

	if (!shared) {
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		return;
	}
	if (getrlimit(RLIMIT_CORE, &now))
		return;
	limit.rlim_max = now.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
}

static u64 read_filter(void)
{
	char text[32];

	return read_file("/proc/self/coredump_filter", text, sizeof(text)) > 0 ?
		strtoull(text, NULL, 16) : FILTER_DEFAULT;
}

/* Have a copy of it in place of a mapping of a file, whose name would be in the core file. */
static int replace_mapping(void *start, size_t len, const char *perms)
{
	int prot = (perms[0] == 'r' ? PROT_READ : 0) | (perms[1] == 'w' ? PROT_WRITE : 0) |
		   (perms[2] == 'x' ? PROT_EXEC : 0);
	void *copy = alloc(len);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, start, len);
	if (mprotect(copy, len, prot) ||
	    mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, start) != start)
		return -errno;
	return 0;
}

/* What is mcexec's own is in no core file, but for the vDSO, which is the program's, too. */
static int hide_mapping(const char *line)
{
	u64 start, end;
	char *rest;
	size_t len;
	int err = 0;

	start = strtoull(line, &rest, 16);
	end = *rest == '-' ? strtoull(rest + 1, &rest, 16) : 0;
	if (start < LWK_USER_END || end <= start || end > LWK_TASK_END || strstr(line, "[v"))
		return 0;
	len = end - start;
	if (strchr(line, '/') && rest[1] == 'r' && rest[4] == 'p')
		err = replace_mapping((void *)start, len, rest + 1);
	return err || !madvise((void *)start, len, MADV_DONTDUMP) ? err : -errno;
}

static int hide_own(void)
{
	char *text = alloc(MAPS_LEN), *rest = text, *line;
	int err = 0;

	if (!text)
		return -ENOMEM;
	if (read_file("/proc/self/maps", text, MAPS_LEN) <= 0)
		err = -ENOENT;
	while (!err && (line = strsep(&rest, "\n")) && *line)
		err = hide_mapping(line);
	munmap(text, MAPS_LEN);
	return err;
}

static void take_auxv(void)
{
	char auxv[AUXV_LEN], path[TEXT_LWK_PATH_LEN];
	ssize_t len;

	if (text_lwk_path(path, text_own_pid(), "auxv"))
		return;
	len = read_file(path, auxv, sizeof(auxv));
	if (len > 0)
		identity_set_auxv(auxv, (size_t)len);
}

static int prepare(const struct twin_setup *setup)
{
	struct core_range *ranges = alloc(RANGES_LEN);
	struct mcctrl_core core = { (u64)ranges, RANGES_LEN };
	const struct core_map map = {
		.proxy = setup->proxy,
		.filter = read_filter(),
		.files = files,
	};
	int err;

	if (!ranges)
		return -ENOMEM;
	take_auxv();
	if (ioctl(setup->proxy, MCCTRL_IOC_CORE, &core))
		return -errno;
	err = core_map_ranges(&map, ranges, core.len / sizeof(*ranges));
	munmap(ranges, RANGES_LEN);
	return err ? err : hide_own();
}

void core_prepare(const struct twin_setup *setup, const u64 *args)
{
	make_room();
	if (is_wanted() && (!args[1] || prepare(setup)))
		forbid(!args[1]);
}
