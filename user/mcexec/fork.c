// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork(2) of the program.
 *
 * A pipe tells the parent how the child fares: an error number, 0 if it runs; or nothing but
 * the end, if it was killed before it came so far. A child of vfork(2) holds it until it
 * executes another program or ends.
 */
#include "fork.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/clone3.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/options.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/spare.h"
#include "user/mcexec/twin.h"

/* The pipe of the vfork(2) that this process came from, hidden, or -1. */
static int vfork_end = -1;

/* The parent's end of such a pipe, until fork_wait(), or -1. */
static __thread int parent_end = -1;

/* Return: 0 or -errno. */
static int become_proxy(struct twin_setup *setup, const u64 *args)
{
	struct mcctrl_fork fork = { .token = args[0], .creator = (u32)args[5] };
	struct rlimit limit;
	int err;
	int fd;

	fds_widen(&limit);
	fd = ioctl(setup->proxy, MCCTRL_IOC_FORK_PROXY, &fork);
	err = fd < 0 ? -errno : 0;
	fds_narrow(&limit);
	if (err)
		return err;
	/* With that the parent's file is closed here. */
	fd = fds_replace(setup->proxy, fd);
	if (fd < 0)
		return fd;
	setup->proxy = fd;
	signals_set_proxy(fd);
	return ioctl(fd, MCCTRL_IOC_START_IMAGE) ? -errno : 0;
}

static void run_child(struct twin_setup *setup, const u64 *args, int end)
{
	int err;

	spare_forget();
	err = become_proxy(setup, args);
	fds_seal();
	if (write(end, &err, sizeof(err)) != sizeof(err) || err)
		_exit(MCEXEC_FAILED);
	parent_end = -1;
	if (vfork_end >= 0)
		fds_close(vfork_end);
	vfork_end = -1;
	if (args[2] & OFFLOAD_FORK_VFORK)
		vfork_end = fds_hide(end);
	else
		close(end);
}

/*
 * Linux has written the number where the program says, and before the child runs, as it must be.
 * Another thread may have changed it since: what is closed is the dead child's own.
 */
static void close_pidfd(pid_t pid, u64 addr)
{
	const int options = WEXITED | WNOWAIT | WNOHANG | __WALL;
	siginfo_t info;
	int pidfd;

	if (memory_read(&pidfd, addr, sizeof(pidfd)) || fds_is_hidden((u64)pidfd))
		return;
	/* Of one that still runs there is no id. */
	if (!waitid(P_PIDFD, (id_t)pidfd, &info, options) && info.si_pid == pid)
		close(pidfd);
}

void fork_undo(pid_t pid, const u64 *args)
{
	siginfo_t info;

	if ((args[1] & CLONE_PIDFD) &&
	    !waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL))
		close_pidfd(pid, args[3]);
	waitpid(pid, NULL, __WALL);
}

static s64 wait_for_child(pid_t pid, const u64 *args, int end)
{
	int err;
	ssize_t n = read(end, &err, sizeof(err));

	/* Killed early, it has been there all the same: the program will hear of it. */
	if (n != sizeof(err))
		return pid;
	if (err) {
		fork_undo(pid, args);
		return err;
	}
	return pid;
}

static int make_pipe(void *ends)
{
	return pipe2(ends, O_CLOEXEC) ? -errno : 0;
}

/*
 * No more descriptors is nothing that fork(2) knows. A pidfd of the child's gets the lowest free
 * number, where the pipe must not be.
 */
static int open_pipe(int *ends, u64 flags)
{
	int err = fds_make(make_pipe, ends);

	if (!err && (flags & CLONE_PIDFD)) {
		fds_lock_limit();
		ends[0] = fds_move_up(ends[0]);
		ends[1] = fds_move_up(ends[1]);
		fds_unlock_limit();
	}
	return err == -EMFILE || err == -ENFILE ? -EAGAIN : err;
}

/*
 * Another thread may be inside the C library, which sees to it in its own fork() that the child
 * does not find it locked. Of other flags it knows nothing.
 */
static s64 fork_proxy(void *arg)
{
	const u64 *args = arg;
	struct clone_args clone;
	pid_t pid;

	if (clone3_wanted(args)) {
		if (!clone3_args(args, &clone))
			return -EBADF;
		return twin_raw_syscall(SYS_clone3, (long)&clone, sizeof(clone), 0, 0);
	}
	if (args[1] != SIGCHLD)
		return twin_raw_syscall(SYS_clone, (long)args[1], 0, (long)args[3], 0);
	pid = fork();
	return pid < 0 ? -errno : pid;
}

static s64 fork_with_room(const struct twin_setup *setup, const u64 *args)
{
	s64 pid;

	if (args[1] == SIGCHLD && !clone3_wanted(args))
		return spare_make_room(setup, fork_proxy, (void *)args);
	/* A spare that is being made may hold a lock of the C library's: see fork_proxy(). */
	spare_close(setup);
	pid = fork_proxy((void *)args);
	spare_open();
	return pid;
}

s64 fork_perform(struct twin_setup *setup, const u64 *args, u64 mask)
{
	int ends[2];
	int err = open_pipe(ends, args[1]);
	s64 pid;

	if (err)
		return err;
	/* Until the child has a process of its own on the LWK, there is nobody to take a signal. */
	signals_set_mask(~0ULL);
	fds_lock_limit();
	pid = fork_with_room(setup, args);
	fds_unlock_limit();
	close(ends[pid ? 1 : 0]);
	if (!pid) {
		run_child(setup, args, ends[1]);
	} else {
		if (pid > 0)
			pid = wait_for_child((pid_t)pid, args, ends[0]);
		if (pid > 0 && (args[2] & OFFLOAD_FORK_VFORK))
			parent_end = ends[0];
		else
			close(ends[0]);
	}
	signals_set_mask(mask);
	return pid;
}

void fork_drop(void)
{
	/* The number is remembered in memory that is the parent's, too. */
	if (vfork_end >= 0)
		close(vfork_end);
}

s64 fork_wait(u64 mask)
{
	char byte;

	if (parent_end < 0)
		return 0;
	signals_set_mask(~0ULL);
	while (read(parent_end, &byte, 1) > 0)
		continue;
	close(parent_end);
	parent_end = -1;
	signals_set_mask(mask);
	return 0;
}
