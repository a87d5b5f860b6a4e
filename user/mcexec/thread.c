// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads of the program.
 *
 * The C library makes them, so that what it keeps for each thread is there. It believes that all
 * threads share everything; what the program does not want to share is had anew. It also takes a
 * signal for itself when it makes the first thread, which is given back to the program at once.
 */
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/spare.h"
#include "user/mcexec/summary.h"
#include "user/mcexec/thread_clone.h"

#define STACK_LEN (256 << 10)

#define SHARED (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)
#define SEPARATE \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWTIME)

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* The C library's signal: SIGSETXID. */
#define LIBRARY_SIGNAL 33

/* Also in processes with a copy of the memory, which have one thread at first. */
static bool has_others;

/* What a new thread is told; @args: of the request; @offer: the creator's, or NULL. */
struct start {
	struct twin_setup *setup;
	struct kept *kept;
	u32 creator;
	u64 flags;
	u64 args[6];
	int pidfd;
	struct body_offer *offer;
};

/*
 * Of the thread that the calling twin makes. There until that has answered the request: the creator
 * neither ends nor makes another before.
 */
static __thread struct start next;

/* Among the creator's descriptors; EINVAL on a Linux that has none of threads. */
static int open_pidfd(struct start *start)
{
	int fd = (int)syscall(SYS_pidfd_open, gettid(), PIDFD_THREAD);
	int err = fd < 0 ? -errno : 0;

	start->pidfd = fd;
	return err ? err : memory_write(start->args[2], &fd, sizeof(fd));
}

/* What the program does not share is had anew. */
static int go_apart(struct start *start)
{
	int apart = (int)((SHARED & ~start->flags) | (SEPARATE & start->flags));

	if (!apart)
		return 0;
	if (unshare(apart))
		return -errno;
	if (start->pidfd >= 0 && (apart & CLONE_FILES)) {
		close(start->pidfd);
		start->pidfd = -1;
	}
	return 0;
}

/* As with clone3(2), which asks the same of who moves a thread. */
static int enter_group(int group)
{
	struct statfs fs;
	int fd, err;

	/* What has such a name elsewhere is not to be opened. */
	if (fds_is_hidden((u64)group) || fstatfs(group, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		return -EBADF;
	fd = openat(group, "cgroup.threads", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOTDIR ? -EBADF : -errno;
	err = write(fd, "0", 1) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

static int prepare(struct start *start)
{
	int err;

	err = start->flags & CLONE_PIDFD ? open_pidfd(start) : 0;
	if (!err && (start->flags & CLONE_INTO_CGROUP))
		err = enter_group((int)start->args[3]);
	if (!err)
		err = go_apart(start);
	return err;
}

/* With its end the request is answered. Return: 0, or -errno: the program hears of that. */
static int become_twin(struct start *start)
{
	struct mcctrl_twin twin = { .creator = start->creator };

	twin.err = prepare(start);
	if (!twin.err && ioctl(start->setup->proxy, MCCTRL_IOC_ADD_TWIN, &twin))
		twin.err = -errno;
	if (!twin.err)
		return 0;
	if (start->pidfd >= 0)
		close(start->pidfd);
	ioctl(start->setup->proxy, MCCTRL_IOC_ADD_TWIN, &twin);
	return twin.err;
}

static void *thread_main(void *arg)
{
	struct start start = *(const struct start *)arg;

	/* The C library has let one through. */
	signals_set_mask(~0ULL);
	kept_use(start.kept);
	if (start.offer && !thread_clone_leave(start.offer))
		return NULL;
	if (become_twin(&start))
		return NULL;
	if (start.flags == SHARED)
		spare_refill(start.setup);
	twin_run(start.setup);
	return NULL;
}

static int create(void *(*fn)(void *arg), void *arg, size_t stack_len)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	pthread_attr_setstacksize(&attr, stack_len);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	return -err;
}

/* As create(), for the first one. */
static int create_first(void *(*fn)(void *arg), void *arg, size_t stack_len)
{
	u64 action[SIGNALS_ACTION_WORDS];
	int err;

	signals_save_action(LIBRARY_SIGNAL, action);
	err = create(fn, arg, stack_len);
	signals_restore_action(LIBRARY_SIGNAL, action);
	return err;
}

int thread_spawn(void *(*fn)(void *arg), void *arg, size_t stack_len)
{
	static bool any; /* no other thread is there to make the first one */
	int err = any ? create(fn, arg, stack_len) : create_first(fn, arg, stack_len);

	any = true;
	return err;
}

bool thread_has_others(void)
{
	return __atomic_load_n(&has_others, __ATOMIC_RELAXED);
}

/* @arg: of the thread, struct start. Return: 0 or -errno. */
static s64 spawn_twin(void *arg)
{
	struct body_offer offer = { .state = 0 };
	struct start *start = arg;
	s64 err;

	if (!thread_clone_wanted(start->args))
		return thread_spawn(thread_main, start, STACK_LEN);
	start->offer = &offer;
	err = thread_spawn(thread_main, start, STACK_LEN);
	return err ? err : thread_clone(&offer, start->args);
}

s64 thread_perform(struct twin_setup *setup, const u64 *args, u64 mask)
{
	/* The new thread is to begin so, too; a C library that makes one has seen to it. */
	bool blocks_all = !~(mask | SIGNALS_UNBLOCKABLE);
	s64 err;

	next = (struct start){
		.setup = setup,
		.kept = kept_of_process(),
		.creator = gettid(),
		.flags = args[1],
		.pidfd = -1,
	};
	memcpy(next.args, args, sizeof(next.args));
	__atomic_store_n(&has_others, true, __ATOMIC_RELAXED);
	if (!blocks_all)
		signals_set_mask(~0ULL);
	err = spare_make_room(setup, spawn_twin, &next);
	if (!blocks_all)
		signals_set_mask(mask);
	return err;
}

void thread_leave(int proxy, const u64 *args)
{
	/* Its status is the process's, though another twin may still be about to end. */
	if (args[1])
		_exit(summary_exit((int)args[0]));
	signals_set_mask(~0ULL);
	twin_raw_syscall(SYS_ioctl, proxy, MCCTRL_IOC_END_TWIN, 0, 0);
	if (gettid() != getpid())
		return;
	kept_of_process()->outlived = true;
	twin_raw_syscall(SYS_exit, 0, 0, 0, 0);
}
