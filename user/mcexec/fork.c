// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork(2) of the program.
 *
 * The parent hears of mcctrl that the child runs, or has ended; and by memory that both have of an
 * error, if it could not run. There is nothing if it was killed before it came so far. With
 * CLONE_FILES the child has the parent's hidden descriptors and no others: mcctrl takes the
 * parent's file for its own.
 */
#include "fork.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/clone3.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/options.h"
#include "user/mcexec/proc_file.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/spare.h"
#include "user/mcexec/twin.h"

/* The child that the calling twin has to wait for, or 0: vfork(2). mcctrl knows it, too. */
static __thread pid_t awaited;

/*
 * A word of memory that parent and child have in common, for the child's error. Making one takes
 * longer than all else here, so one is kept; by who forks next, and by the child no longer.
 */
static s32 *kept_word;

static s32 *take_word(void)
{
	s32 *word = __atomic_exchange_n(&kept_word, NULL, __ATOMIC_ACQUIRE);

	if (word)
		return word;
	word = mmap(NULL, sizeof(*word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return word == MAP_FAILED ? NULL : word;
}

static void drop_word(s32 *word)
{
	if (word)
		munmap(word, sizeof(*word));
}

static void put_word(s32 *word)
{
	drop_word(__atomic_exchange_n(&kept_word, word, __ATOMIC_RELEASE));
}

static bool shares_files(const u64 *args)
{
	return args[1] & CLONE_FILES;
}

/* No more descriptors is nothing that fork(2) knows. */
static int error_of(int err)
{
	return err == -EMFILE || err == -ENFILE ? -EAGAIN : err;
}

/* Return: 0 or -errno. */
static int become_proxy(struct twin_setup *setup, const u64 *args)
{
	struct mcctrl_fork fork = {
		.token = args[0],
		.creator = (u32)args[5],
		.flags = shares_files(args) ? MCCTRL_FORK_NO_FD : 0,
	};
	struct rlimit limit;
	int err;
	int fd;

	fds_widen(&limit);
	fd = ioctl(setup->proxy, MCCTRL_IOC_FORK_PROXY, &fork);
	err = fd < 0 ? -errno : 0;
	fds_narrow(&limit);
	if (err)
		return err;
	if (!shares_files(args)) {
		/* With that the parent's file is closed here. */
		fd = fds_replace(setup->proxy, fd);
		if (fd < 0)
			return fd;
		setup->proxy = fd;
		signals_set_proxy(fd);
	}
	return ioctl(setup->proxy, MCCTRL_IOC_START_IMAGE) ? -errno : 0;
}

static void run_child(struct twin_setup *setup, const u64 *args, s32 *failure)
{
	int err;

	spare_forget();
	awaited = 0;
	kept_of_process()->shares_files = shares_files(args);
	if (!shares_files(args))
		fds_seal();
	err = become_proxy(setup, args);
	if (err) {
		*failure = error_of(err);
		_exit(MCEXEC_FAILED);
	}
	drop_word(failure);
	/* Another thread's, which may be about to use it. */
	drop_word(kept_word);
	kept_word = NULL;
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

/* @known: mcctrl has been told the number before; it may be another's by now. */
static void await(int proxy, pid_t pid, bool known, u32 flags)
{
	struct mcctrl_await await = { .pid = known ? 0 : (u32)pid, .flags = flags };
	siginfo_t info;

	while (ioctl(proxy, MCCTRL_IOC_AWAIT_CHILD, &await)) {
		if (errno == EINTR) {
			await.pid = 0;
			continue;
		}
		/* This process is the LWK's no more, nor can its child become that. */
		waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL);
		break;
	}
}

static s64 wait_for_child(int proxy, pid_t pid, const u64 *args, const s32 *failure)
{
	await(proxy, pid, false, args[2] & OFFLOAD_FORK_VFORK ? MCCTRL_AWAIT_KEEP : 0);
	/* Killed early, it has been there all the same: the program will hear of it. */
	if (!__atomic_load_n(failure, __ATOMIC_ACQUIRE))
		return pid;
	fork_undo(pid, args);
	return *failure;
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

static int dup_file(void *arg)
{
	int fd = fcntl(*(int *)arg, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/*
 * Is there a number for the child's file? That there is none is better known before there is a
 * child. Return: 0 or -errno.
 */
static int check_room(int proxy)
{
	int fd = fds_make(dup_file, &proxy);

	if (fd < 0)
		return error_of(fd);
	close(fd);
	return 0;
}

s64 fork_perform(struct twin_setup *setup, const u64 *args, u64 mask)
{
	s32 *failure = take_word();
	s64 pid;

	if (!failure)
		return -ENOMEM;
	*failure = 0;
	pid = shares_files(args) ? 0 : check_room(setup->proxy);
	if (pid < 0)
		goto put_failure;
	if (shares_files(args))
		kept_of_process()->shares_files = true;
	/* Until the child has a process of its own on the LWK, there is nobody to take a signal. */
	signals_set_mask(~0ULL);
	proc_file_lock();
	fds_lock_limit();
	pid = fork_with_room(setup, args);
	fds_unlock_limit();
	proc_file_unlock();
	if (!pid)
		run_child(setup, args, failure);
	else if (pid > 0)
		pid = wait_for_child(setup->proxy, (pid_t)pid, args, failure);
	if (pid > 0 && (args[2] & OFFLOAD_FORK_VFORK))
		awaited = (pid_t)pid;
	signals_set_mask(mask);
put_failure:
	if (pid)
		put_word(failure);
	return pid;
}

s64 fork_wait(int proxy, u64 mask)
{
	if (!awaited)
		return 0;
	signals_set_mask(~0ULL);
	await(proxy, awaited, true, MCCTRL_AWAIT_LEFT);
	awaited = 0;
	signals_set_mask(mask);
	return 0;
}
