// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the program's ptrace(2) needs of Linux: the other program's memory, which Linux reaches
 * through the proxy.
 */
#include "ptrace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/offload.h"
#include "user/mcexec/memory.h"

#define PATH_LEN 40

static int open_memory(int tid, int flags)
{
	char path[PATH_LEN];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -EIO : fd;
}

static s64 peek(int tid, u64 from, u64 to)
{
	int fd = open_memory(tid, O_RDONLY);
	u64 word;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, &word, sizeof(word), (off_t)from);
	close(fd);
	if (n != sizeof(word))
		return -EIO;
	return memory_write(to, &word, sizeof(word)) ? -EFAULT : 0;
}

static s64 poke(int tid, u64 to, u64 word)
{
	int fd = open_memory(tid, O_RDWR);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pwrite(fd, &word, sizeof(word), (off_t)to);
	close(fd);
	return n == sizeof(word) ? 0 : -EIO;
}

s64 ptrace_perform(const u64 *args)
{
	int tid = (int)args[1];

	switch (args[0]) {
	case OFFLOAD_TRACE_PEEK:
		return peek(tid, args[2], args[3]);
	case OFFLOAD_TRACE_POKE:
		return poke(tid, args[2], args[3]);
	default:
		return -EINVAL;
	}
}
