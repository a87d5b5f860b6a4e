// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hidden file descriptors.
 */
#include "fds.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/twin.h"

/*
 * Not higher than this, though the limit may be: Linux's table of descriptors is an array up to
 * the highest one, and each fork() copies it.
 */
#define HIGHEST 1023

/* Which arguments of which call are file descriptors: bit n for argument n. */
#define A0 1
#define A1 2
#define A2 4
#define A3 8
/* Of Linux 6.12, which older headers do not know. */
#define CACHESTAT 451
#define FCHMODAT2 452

static const u8 fd_args[] = {
	[SYS_read] = A0, [SYS_write] = A0, [SYS_close] = A0, [SYS_fstat] = A0, [SYS_lseek] = A0,
	[SYS_ioctl] = A0, [SYS_pread64] = A0, [SYS_pwrite64] = A0, [SYS_readv] = A0,
	[SYS_writev] = A0, [SYS_dup] = A0, [SYS_dup2] = A0 | A1, [SYS_sendfile] = A0 | A1,
	[SYS_fcntl] = A0, [SYS_flock] = A0, [SYS_fsync] = A0, [SYS_fdatasync] = A0,
	[SYS_ftruncate] = A0, [SYS_getdents] = A0, [SYS_fchdir] = A0, [SYS_fchmod] = A0,
	[SYS_fchown] = A0, [SYS_fstatfs] = A0, [SYS_readahead] = A0, [SYS_fsetxattr] = A0,
	[SYS_fgetxattr] = A0, [SYS_flistxattr] = A0, [SYS_fremovexattr] = A0,
	[SYS_getdents64] = A0, [SYS_fadvise64] = A0, [SYS_epoll_wait] = A0,
	[SYS_epoll_ctl] = A0 | A2, [SYS_openat] = A0, [SYS_mkdirat] = A0, [SYS_mknodat] = A0,
	[SYS_fchownat] = A0, [SYS_futimesat] = A0, [SYS_newfstatat] = A0, [SYS_unlinkat] = A0,
	[SYS_renameat] = A0 | A2, [SYS_linkat] = A0 | A2, [SYS_symlinkat] = A1,
	[SYS_readlinkat] = A0, [SYS_fchmodat] = A0, [SYS_faccessat] = A0,
	[SYS_splice] = A0 | A2, [SYS_tee] = A0 | A1, [SYS_sync_file_range] = A0,
	[SYS_vmsplice] = A0, [SYS_utimensat] = A0, [SYS_epoll_pwait] = A0,
	[SYS_signalfd] = A0, [SYS_fallocate] = A0, [SYS_signalfd4] = A0,
	[SYS_dup3] = A0 | A1, [SYS_preadv] = A0, [SYS_pwritev] = A0, [SYS_fanotify_mark] = A0 | A3,
	[SYS_name_to_handle_at] = A0, [SYS_open_by_handle_at] = A0, [SYS_syncfs] = A0,
	[SYS_setns] = A0, [SYS_finit_module] = A0, [SYS_kexec_file_load] = A0 | A1,
	[SYS_renameat2] = A0 | A2, [SYS_copy_file_range] = A0 | A2, [SYS_preadv2] = A0,
	[SYS_pwritev2] = A0, [SYS_statx] = A0, [SYS_open_tree] = A0,
	[SYS_move_mount] = A0 | A2, [SYS_openat2] = A0, [SYS_faccessat2] = A0,
	[SYS_epoll_pwait2] = A0, [SYS_mount_setattr] = A0, [SYS_execveat] = A0,
	[SYS_io_uring_enter] = A0, [SYS_io_uring_register] = A0,
	[SYS_connect] = A0, [SYS_accept] = A0, [SYS_sendto] = A0, [SYS_recvfrom] = A0,
	[SYS_sendmsg] = A0, [SYS_recvmsg] = A0, [SYS_shutdown] = A0, [SYS_bind] = A0,
	[SYS_listen] = A0, [SYS_getsockname] = A0, [SYS_getpeername] = A0,
	[SYS_setsockopt] = A0, [SYS_getsockopt] = A0, [SYS_accept4] = A0,
	[SYS_recvmmsg] = A0, [SYS_sendmmsg] = A0, [SYS_mq_timedsend] = A0,
	[SYS_mq_timedreceive] = A0, [SYS_mq_notify] = A0, [SYS_mq_getsetattr] = A0,
	[SYS_inotify_add_watch] = A0, [SYS_inotify_rm_watch] = A0,
	[SYS_timerfd_settime] = A0, [SYS_timerfd_gettime] = A0,
	[SYS_pidfd_send_signal] = A0, [SYS_pidfd_getfd] = A0, [SYS_fsconfig] = A0,
	[SYS_fsmount] = A0, [SYS_fspick] = A0, [SYS_landlock_add_rule] = A0,
	[SYS_landlock_restrict_self] = A0, [SYS_quotactl_fd] = A0,
	[SYS_process_mrelease] = A0, [CACHESTAT] = A0, [FCHMODAT2] = A0,
};

/*
 * The proxy's file, the LWK's device, mcexec's own file and the program's, the trace and what those
 * who write it share, the share of CPUs. Ascending.
 */
#define MAX_HIDDEN 7
/* What execve(2) opens besides; fork(2) opens one, the child's file. */
#define MAX_PASSING 3
static int hidden[MAX_HIDDEN];
static int nhidden;

/*
 * Held while the limit on descriptors is wide, and over fork(2), so that no child begins with a
 * wide one.
 */
static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;

bool fds_is_hidden(u64 fd)
{
	for (int i = 0; i < nhidden; i++)
		if ((int)fd == hidden[i])
			return true;
	return false;
}

static void note_hidden(int fd)
{
	int i;

	for (i = nhidden++; i > 0 && hidden[i - 1] > fd; i--)
		hidden[i] = hidden[i - 1];
	hidden[i] = fd;
}

/* What another thread of the program has set meanwhile holds. */
static void set_back(const struct rlimit *limit, const struct rlimit *wide)
{
	struct rlimit now;

	if (!prlimit(0, RLIMIT_NOFILE, limit, &now) &&
	    (now.rlim_cur != wide->rlim_cur || now.rlim_max != wide->rlim_max))
		setrlimit(RLIMIT_NOFILE, &now);
}

/*
 * A number beyond the limit, which the program does not get unless it raises that. Return: -1 if
 * there is none.
 */
static int dup_beyond(int fd, const struct rlimit *limit)
{
	struct rlimit wide = { limit->rlim_cur + MAX_HIDDEN, limit->rlim_max };
	int to = -1;

	if (limit->rlim_cur > HIGHEST + 1 || setrlimit(RLIMIT_NOFILE, &wide))
		return -1;
	to = fcntl(fd, F_DUPFD_CLOEXEC, (int)limit->rlim_cur);
	set_back(limit, &wide);
	return to;
}

/* A free number below the limit, the higher the better. Return: -1 if there is none above @fd. */
static int dup_below(int fd, const struct rlimit *limit)
{
	int at = limit->rlim_cur > HIGHEST ? HIGHEST : (int)limit->rlim_cur - 1;
	int to;

	for (; at > fd; at--) {
		if (fds_is_hidden((u64)at))
			continue;
		to = fcntl(fd, F_DUPFD_CLOEXEC, at);
		if (to == at)
			return to;
		/* Something of the caller's is in the way: above it is no better. */
		if (to >= 0)
			close(to);
	}
	return -1;
}

int fds_replace(int fd, int by)
{
	struct rlimit limit, wide;
	int to;

	getrlimit(RLIMIT_NOFILE, &limit);
	/* Out of reach for ever, since the program has lowered its limit. */
	if ((rlim_t)fd >= limit.rlim_max) {
		fds_close(fd);
		return fds_hide(by);
	}
	wide = limit;
	/* dup3() obeys the limit that dup_beyond() went past. */
	if ((rlim_t)fd >= limit.rlim_cur)
		wide.rlim_cur = (rlim_t)fd + 1;
	setrlimit(RLIMIT_NOFILE, &wide);
	to = dup3(by, fd, O_CLOEXEC) < 0 ? -errno : fd;
	setrlimit(RLIMIT_NOFILE, &limit);
	close(by);
	return to;
}

static struct rlimit wide_of(const struct rlimit *limit)
{
	struct rlimit wide = *limit;

	if (wide.rlim_cur == RLIM_INFINITY)
		return wide;
	/* Some of mcexec's own are there already. */
	wide.rlim_cur += MAX_HIDDEN + MAX_PASSING;
	if (wide.rlim_max < wide.rlim_cur)
		wide.rlim_max = wide.rlim_cur;
	return wide;
}

void fds_widen(struct rlimit *limit)
{
	struct rlimit wide;

	getrlimit(RLIMIT_NOFILE, limit);
	wide = wide_of(limit);
	setrlimit(RLIMIT_NOFILE, &wide);
}

void fds_narrow(const struct rlimit *limit)
{
	struct rlimit wide = wide_of(limit);

	set_back(limit, &wide);
}

void fds_lock_limit(void)
{
	pthread_mutex_lock(&limit_lock);
}

void fds_unlock_limit(void)
{
	pthread_mutex_unlock(&limit_lock);
}

int fds_make(int (*make)(void *arg), void *arg)
{
	int ret = make(arg);
	struct rlimit limit;

	if (ret != -EMFILE)
		return ret;
	fds_lock_limit();
	fds_widen(&limit);
	ret = make(arg);
	fds_narrow(&limit);
	fds_unlock_limit();
	return ret;
}

/* Return: its new number; @fd if no other is free. */
static int move_up(int fd)
{
	struct rlimit limit;
	int to;

	/* Not moved again by the next mcexec. */
	if (getrlimit(RLIMIT_NOFILE, &limit) || (rlim_t)fd >= limit.rlim_cur)
		return fd;
	to = dup_beyond(fd, &limit);
	if (to < 0)
		to = dup_below(fd, &limit);
	if (to < 0)
		return fd;
	close(fd);
	return to;
}

int fds_hide(int fd)
{
	if (fd < 0 || nhidden == MAX_HIDDEN)
		return fd;
	fd = move_up(fd);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	note_hidden(fd);
	return fd;
}

void fds_seal(void)
{
	for (int i = 0; i < nhidden; i++)
		fcntl(hidden[i], F_SETFD, FD_CLOEXEC);
}

void fds_close(int fd)
{
	int kept = 0;

	for (int i = 0; i < nhidden; i++)
		if (hidden[i] != fd)
			hidden[kept++] = hidden[i];
	nhidden = kept;
	close(fd);
}

bool fds_forbids(u64 nr, const u64 *args)
{
	if (nr == SYS_mmap)
		return !(args[3] & MAP_ANONYMOUS) && fds_is_hidden(args[4]);
	if (nr >= sizeof(fd_args))
		return false;
	for (u32 mask = fd_args[nr], i = 0; mask; mask >>= 1, i++)
		if ((mask & 1) && fds_is_hidden(args[i]))
			return true;
	return false;
}

s64 fds_close_range(const u64 *args)
{
	u32 first = (u32)args[0], last = (u32)args[1], flags = (u32)args[2];
	bool parted = false;
	s64 ret = 0;

	/* What is below each hidden one, as far as it is asked for. */
	for (int i = 0; i < nhidden && !ret; i++) {
		u32 fd = (u32)hidden[i];

		if (fd < first || fd > last)
			continue;
		parted = true;
		if (first < fd)
			ret = twin_raw_syscall(SYS_close_range, first, fd - 1, flags, 0);
		first = fd + 1;
	}
	/* An empty rest is none, but for Linux to look at the flags. */
	if (!ret && parted && first > last)
		ret = twin_raw_syscall(SYS_close_range, ~0U, ~0U, flags, 0);
	else if (!ret)
		ret = twin_raw_syscall(SYS_close_range, first, last, flags, 0);
	return ret;
}
