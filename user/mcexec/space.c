// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcexec's address space.
 */
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of /proc/self/maps: some twenty lines, before the C library has mapped anything. */
#define MAPS_LEN 16384
#define MAX_PIECES 8

/* Linux's time pages are not larger. */
#define VVAR_MAX (1ULL << 20)

/* Where to look for room for the vDSO, if it has to move: far from the heap. */
#define HIGH_PLACE (LWK_PROXY_VA + 0x4000000000)
#define HIGH_STEP 0x4000000000

/*
 * struct piece - one mapping of vDSO or time pages; they lie side by side, and the code of the
 * one finds the other by the distance
 */
struct piece {
	u64 start;
	u64 end;
	bool code;
};

struct pieces {
	struct piece piece[MAX_PIECES];
	int n;
};

static int read_maps(char *text, size_t size)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + len, size - 1 - len);
		len += n > 0 ? n : 0;
	} while (n > 0);
	n = n < 0 ? -errno : 0;
	close(fd);
	text[len] = '\0';
	return n;
}

static int parse_line(const char *line, struct pieces *pieces)
{
	const char *name = strchr(line, '[');
	u64 start, end;
	char *rest;
	bool code;

	start = strtoull(line, &rest, 16);
	if (*rest != '-')
		return -EPROTO;
	end = strtoull(rest + 1, &rest, 16);
	if (*rest != ' ')
		return -EPROTO;
	code = name && !strncmp(name, "[vdso]", 6);
	if (!code && !(name && !strncmp(name, "[vvar", 5)))
		return 0;
	if (pieces->n == MAX_PIECES)
		return -EPROTO;
	pieces->piece[pieces->n++] = (struct piece){ start, end, code };
	return 0;
}

static int find_pieces(struct pieces *pieces)
{
	char *text = malloc(MAPS_LEN);
	char *line, *rest;
	int err;

	*pieces = (struct pieces){ 0 };
	if (!text)
		return -ENOMEM;
	err = read_maps(text, MAPS_LEN);
	rest = text;
	while (!err && (line = strsep(&rest, "\n")) && *line)
		err = parse_line(line, pieces);
	free(text);
	return err;
}

/* Reserve room above LWK_PROXY_VA that nobody has. Return: its address, or 0. */
static u64 find_room(u64 len)
{
	void *place;

	for (u64 at = HIGH_PLACE; at < LWK_TASK_END - len; at += HIGH_STEP) {
		place = mmap((void *)at, len, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
			     -1, 0);
		if (place != MAP_FAILED)
			return at;
	}
	return 0;
}

static int move_pieces(struct pieces *pieces)
{
	struct piece *piece = pieces->piece;
	u64 start = piece[0].start;
	u64 len = piece[pieces->n - 1].end - start;
	u64 room = find_room(len);
	void *to;

	if (!room)
		return -ENOMEM;
	for (int i = 0; i < pieces->n; i++) {
		to = (void *)(piece[i].start - start + room);
		if (mremap((void *)piece[i].start, piece[i].end - piece[i].start,
			   piece[i].end - piece[i].start, MREMAP_MAYMOVE | MREMAP_FIXED, to) !=
		    to)
			return -errno;
		piece[i].end += room - start;
		piece[i].start += room - start;
	}
	return 0;
}

int space_clear(void)
{
	u64 vdso = getauxval(AT_SYSINFO_EHDR);
	struct pieces pieces;
	int err;

	/* The time pages lie right below. It is above if Linux has room beside the stack. */
	if (!vdso || vdso >= LWK_USER_END + VVAR_MAX)
		return 0;
	err = find_pieces(&pieces);
	if (err || !pieces.n || pieces.piece[0].start >= LWK_USER_END)
		return err;
	return move_pieces(&pieces);
}

static int map_at(int fd, u64 start, u64 end, int fixed)
{
	void *place = mmap((void *)start, end - start, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_NORESERVE | fixed, fd, start);

	return place == MAP_FAILED ? -errno : 0;
}

int space_map_all(int fd)
{
	return map_at(fd, LWK_USER_START, LWK_USER_END, MAP_FIXED_NOREPLACE);
}

int space_map(int fd, u64 start, u64 end)
{
	return map_at(fd, start, end, MAP_FIXED);
}

bool space_is_user(u64 addr, u64 len)
{
	return addr >= LWK_USER_START && addr <= LWK_USER_END && len <= LWK_USER_END - addr;
}
