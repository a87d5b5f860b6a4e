// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a trace: see trace_lines.h.
 *
 * Anybody may be killed or stopped at any time, also while he writes: who waits for him looks
 * whether he still runs, and takes his place. If he cannot be seen, from another PID namespace or
 * without /proc, he has his time. At worst a line is cut.
 */
#include "trace_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "abi/types.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/twin.h"

#define CUT " <unfinished ...>\n"
#define NSEC_PER_SEC 1000000000ULL
#define LOOK_NS 10000000	 /* how long to sleep before one looks at who writes */
#define PATIENCE_NS NSEC_PER_SEC /* how long one lets a single writer be */

/*
 * In memory that all share.
 * @writer: thread that writes, 0: none
 * @turns: how many have written, so that one writer is told from the next
 * @open: thread whose line has no end yet, 0: none; for the writer
 */
struct lines {
	u32 writer;
	u32 turns;
	u32 open;
};

static struct lines *lines;
static int out_fd = -1;

int trace_lines_create(void)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!ftruncate(fd, sizeof(*lines)))
		return fds_hide(fd);
	close(fd);
	return -ENOMEM;
}

int trace_lines_use(int file, int out)
{
	void *at = mmap(NULL, sizeof(*lines), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (at == MAP_FAILED)
		return -errno;
	lines = at;
	out_fd = out;
	return 0;
}

/* Will that thread not go on by itself? */
static _Bool stands_still(u32 tid)
{
	char path[32], stat[64];
	const char *state;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT;
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (n < 0)
		return errno == ESRCH;
	stat[n] = '\0';
	state = strrchr(stat, ')');
	return state && state[1] && strchr("ZXTt", state[2]);
}

/* Become the writer after @writer, or 0: if there is none. */
static _Bool take(u32 writer)
{
	/* Acquire, with the release of unlock(). */
	if (!__atomic_compare_exchange_n(&lines->writer, &writer, (u32)gettid(), 0,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return 0;
	/* Relaxed: a number, which orders nothing. */
	__atomic_fetch_add(&lines->turns, 1, __ATOMIC_RELAXED);
	return 1;
}

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * NSEC_PER_SEC + (u64)now.tv_nsec;
}

static void lock(void)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	u64 since = now_ns();
	u32 turn, seen = 0;

	while (!take(0)) {
		/* Relaxed: take() finds out whether this is still so. */
		u32 writer = __atomic_load_n(&lines->writer, __ATOMIC_RELAXED);

		if (!writer)
			continue;
		if (twin_raw_syscall(SYS_futex, (long)&lines->writer, FUTEX_WAIT, writer,
				     (long)&look) != -ETIMEDOUT)
			continue;
		turn = __atomic_load_n(&lines->turns, __ATOMIC_RELAXED);
		if (turn != seen)
			since = now_ns();
		seen = turn;
		if ((stands_still(writer) || now_ns() - since >= PATIENCE_NS) && take(writer))
			return;
	}
}

static void unlock(void)
{
	u32 me = (u32)gettid();

	/* Somebody may have taken its place. */
	__atomic_compare_exchange_n(&lines->writer, &me, 0, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	twin_raw_syscall(SYS_futex, (long)&lines->writer, FUTEX_WAKE, 1, 0);
}

/* A full disk is the user's. */
static void write_parts(const struct iovec *parts, int n)
{
	if (writev(out_fd, parts, n) < 0)
		return;
}

/* An open line of another thread is cut first. */
static struct iovec cut(u32 me)
{
	_Bool other = lines->open && lines->open != me;

	return (struct iovec){ CUT, other ? strlen(CUT) : 0 };
}

void trace_lines_begin(const char *text, size_t len)
{
	struct iovec parts[2] = { [1] = { (char *)text, len } };

	lock();
	/* Its own can only be one that has come to no end: an execve(2) that Linux performed. */
	parts[0] = cut(0);
	write_parts(parts, 2);
	lines->open = (u32)gettid();
	unlock();
}

void trace_lines_end(const char *head, size_t head_len, const char *text, size_t len)
{
	u32 me = (u32)gettid();
	struct iovec parts[3] = { [1] = { (char *)head, head_len }, [2] = { (char *)text, len } };

	lock();
	parts[0] = cut(me);
	if (lines->open == me)
		parts[1].iov_len = 0;
	write_parts(parts, 3);
	lines->open = 0;
	unlock();
}

void trace_lines_put(const char *text, size_t len)
{
	struct iovec parts[2] = { [1] = { (char *)text, len } };

	lock();
	parts[0] = cut(0);
	write_parts(parts, 2);
	lines->open = 0;
	unlock();
}
