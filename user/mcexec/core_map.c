// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mappings that a program's core file shows: see core_map.h.
 */
#include "core_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/layout.h"
#include "user/mcexec/memory.h"

/* Bits of coredump_filter */
#define FILTER_ANON_PRIVATE (1U << 0)
#define FILTER_ANON_SHARED (1U << 1)

#define PAGE_MASK ((u64)LWK_PAGE_SIZE - 1)

_Static_assert(CORE_RANGE_READ == PROT_READ && CORE_RANGE_WRITE == PROT_WRITE &&
	       CORE_RANGE_EXEC == PROT_EXEC, "protections are copied");

/* A part of a range, what of a file it was read from, and where what was read ends. */
struct part {
	u64 start;
	u64 end;
	int prot;
	const struct core_file *file;
	u64 offset;
	u64 file_end;
};

/* Linux's rule for anonymous memory: if it is private, whether it has been written. */
static bool is_dumped(const struct core_map *map, u32 flags)
{
	/* The LWK shows nobody what the program may not read. */
	if (flags & CORE_RANGE_DONTDUMP || !(flags & CORE_RANGE_READ))
		return false;
	if (flags & CORE_RANGE_SHARED)
		return map->filter & FILTER_ANON_SHARED;
	return map->filter & FILTER_ANON_PRIVATE && flags & CORE_RANGE_TOUCHED;
}

/* The part of [@part->start, @part->end) with which it begins: in one section's file, or none. */
static void find_file(const struct core_file *file, struct part *part)
{
	for (u32 i = 0; file->path[0] && i < file->nsections; i++) {
		const struct program_section *s = &file->sections[i];
		u64 start = (s->vaddr + file->bias) & ~PAGE_MASK;
		u64 end = (s->vaddr + file->bias + s->filesz + PAGE_MASK) & ~PAGE_MASK;

		/* What lies where a file was mapped is something else now. */
		if (s->mapped || !s->filesz || end <= part->start || start >= part->end)
			continue;
		if (start > part->start) {
			part->end = start;
			continue;
		}
		part->file = file;
		part->offset = (s->offset & ~PAGE_MASK) + (part->start - start);
		part->end = end < part->end ? end : part->end;
		/* Behind it Linux has what follows in the file, unless that is to be zero. */
		part->file_end = s->memsz == s->filesz ? s->vaddr + file->bias + s->filesz : end;
	}
}

/* Return: the file, if it is still the one; else -1. */
static int open_file(const struct core_file *file)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && st.st_dev == file->dev && st.st_ino == file->inode)
		return fd;
	close(fd);
	return -1;
}

/* Make the pages of a copy those of the program, but for those that are the file's. */
static void copy_pages(u8 *copy, const struct part *part)
{
	u8 page[LWK_PAGE_SIZE];
	u64 left, len;

	for (u64 at = part->start; at < part->end; at += sizeof(page), copy += sizeof(page)) {
		left = part->prot & PROT_WRITE ? part->end - at : part->file_end - at;
		len = left < sizeof(page) ? left : sizeof(page);
		if (!memory_read(page, at, len) && memcmp(copy, page, len))
			memcpy(copy, page, len);
	}
}

/* Return: success. */
static bool map_file(const struct part *part)
{
	u64 len = part->end - part->start;
	int fd = open_file(part->file);
	void *copy, *to = (void *)part->start;

	if (fd < 0)
		return false;
	copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, (off_t)part->offset);
	close(fd);
	if (copy == MAP_FAILED)
		return false;
	copy_pages(copy, part);
	if (!mprotect(copy, len, part->prot) &&
	    mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to)
		return true;
	munmap(copy, len);
	return false;
}

static int map_memory(const struct core_map *map, const struct part *part, bool dumped)
{
	u64 len = part->end - part->start;
	void *to = (void *)part->start;

	if (mmap(to, len, part->prot, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, map->proxy,
		 (off_t)part->start) == MAP_FAILED)
		return -errno;
	return !dumped && madvise(to, len, MADV_DONTDUMP) ? -errno : 0;
}

static int map_range(const struct core_map *map, const struct core_range *range)
{
	int prot = range->flags & (CORE_RANGE_READ | CORE_RANGE_WRITE | CORE_RANGE_EXEC);
	bool dumped = is_dumped(map, range->flags);
	u64 at = range->start;
	int err = 0;

	while (!err && at < range->end) {
		struct part part = { at, range->end, prot, NULL, 0, 0 };

		if (!(range->flags & CORE_RANGE_SHARED)) {
			find_file(&map->files[0], &part);
			find_file(&map->files[1], &part);
		}
		if (!part.file || !map_file(&part))
			err = map_memory(map, &part, dumped);
		at = part.end;
	}
	return err;
}

static int unmap(u64 start, u64 end)
{
	return start < end && munmap((void *)start, end - start) ? -errno : 0;
}

int core_map_ranges(const struct core_map *map, const struct core_range *ranges, size_t n)
{
	u64 at = LWK_USER_START;
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		err = unmap(at, ranges[i].start);
		if (!err && !(ranges[i].flags & CORE_RANGE_LINUX))
			err = map_range(map, &ranges[i]);
		at = ranges[i].end;
	}
	return err ? err : unmap(at, LWK_USER_END);
}
