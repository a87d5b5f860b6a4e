// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that share the memory of another.
 *
 * Such a process has mcexec's memory, too, and the C library in it, which knows threads, but not
 * a process like this. So a thread of the parent lends it what the C library has for each thread,
 * and the lower part of its stack; this keeper touches neither until the process is gone, or
 * has left the memory by execve(2). Linux tells that by clearing a word (CLONE_CHILD_CLEARTID),
 * however it came about. If the parent ends first, the keeper does, but not what it lent.
 */
#include "clone.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/clone3.h"
#include "user/mcexec/device.h"
#include "user/mcexec/fork.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/options.h"
#include "user/mcexec/scratch.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/spare.h"
#include "user/mcexec/thread.h"

#define STACK_LEN (512 << 10)
/* What the keeper needs of it below the frame that lends the rest. */
#define STACK_KEPT (32 << 10)

/* How far the child is, as its parent sees it. */
#define CHILD_STARTING 0
#define CHILD_TOLD 1	/* it runs, or has said why not */
#define CHILD_GONE 2

/**
 * struct child - a process that shares the memory, on the keeper's stack
 * @setup:	what all twins share
 * @args:	of the request; the parent's, who waits while the child reads them
 * @flags:	of clone(2)
 * @stack:	lent: its upper end
 * @tls:	lent
 * @kept:	its own, a mapping of its own: the keeper's stack goes with its first thread
 * @mask:	signals that it blocks
 * @alive:	1; Linux clears it
 * @phase:	CHILD_*
 * @err:	with CHILD_TOLD: 0 or -errno
 * @released:	the parent does not look at it any more
 */
struct child {
	struct twin_setup *setup;
	const u64 *args;
	u64 flags;
	void *stack;
	void *tls;
	struct kept *kept;
	u64 mask;
	u32 alive;
	u32 phase;
	int err;
	u32 released;
};

/* What a keeper is told, and tells; on its creator's stack. */
struct keeper {
	struct child *child;
	sem_t ready;
};

/* The child that the calling twin has to wait for: vfork(2). */
static __thread struct child *awaited;

static void wait_while(u32 *word, u32 value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
		twin_raw_syscall(SYS_futex, (long)word, FUTEX_WAIT, value, 0);
}

static void tell(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	twin_raw_syscall(SYS_futex, (long)word, FUTEX_WAKE, INT_MAX, 0);
}

static void *keeper_main(void *arg)
{
	struct keeper *keeper = arg;
	struct child child = { .alive = 1, .tls = __builtin_thread_pointer() };
	u64 frame = (u64)__builtin_frame_address(0);

	signals_set_mask(~0ULL);
	child.stack = (void *)((frame - STACK_KEPT) & ~15ULL);
	keeper->child = &child;
	sem_post(&keeper->ready);
	wait_while(&child.alive, 1);
	/* Other threads of it may be there still; then the mapping stays. */
	if (!child.kept->outlived)
		munmap(child.kept, sizeof(*child.kept));
	tell(&child.phase, CHILD_GONE);
	wait_while(&child.released, 0);
	scratch_free_all();
	return NULL;
}

/* Return: 0 or -errno. */
static s64 start_keeper(void *out)
{
	struct child **child = out;
	struct keeper keeper;
	int err;

	sem_init(&keeper.ready, 0, 0);
	err = thread_spawn(keeper_main, &keeper, STACK_LEN);
	if (err)
		return err;
	while (sem_wait(&keeper.ready))
		continue;
	*child = keeper.child;
	return 0;
}

static int become_proxy(const struct child *child)
{
	struct mcctrl_fork fork = { .token = child->args[0], .creator = (u32)child->args[5] };

	if (ioctl(child->setup->proxy, MCCTRL_IOC_FORK_PROXY, &fork) ||
	    ioctl(child->setup->proxy, MCCTRL_IOC_START_IMAGE))
		return -errno;
	return 0;
}

/* The new process. It ends here. */
static int child_main(void *arg)
{
	struct child *child = arg;
	u64 mask = child->mask;
	int err;

	kept_use(child->kept);
	err = become_proxy(child);
	child->err = err;
	tell(&child->phase, CHILD_TOLD);
	if (!err) {
		signals_set_mask(mask);
		err = twin_run(child->setup);
		device_tell_lost(child->setup->device, child->setup->os, err);
	}
	_exit(MCEXEC_FAILED);
}

/* Return: the child's id or -errno. */
static s64 clone_proxy(void *arg)
{
	const u64 more = CLONE_SETTLS | CLONE_CHILD_CLEARTID;
	struct child *child = arg;
	struct clone_args args;
	pid_t pid;

	if (!clone3_wanted(child->args)) {
		pid = clone(child_main, child->stack, (int)(child->flags | more), child,
			    (void *)child->args[3], child->tls, &child->alive);
		return pid < 0 ? -errno : pid;
	}
	if (!clone3_args(child->args, &args))
		return -EBADF;
	args.flags |= more;
	args.tls = (u64)child->tls;
	args.child_tid = (u64)&child->alive;
	/* All below belongs to it. */
	args.stack = (u64)child->stack - STACK_KEPT;
	args.stack_size = STACK_KEPT;
	pid = clone3_run(&args, child_main, child);
	return pid < 0 ? -errno : pid;
}

static s64 make_child(struct child *child)
{
	s64 pid = spare_make_room(child->setup, clone_proxy, child);
	int err;

	if (pid < 0) {
		tell(&child->alive, 0);
		return pid;
	}
	wait_while(&child->phase, CHILD_STARTING);
	/* Killed early, it has been there all the same: the program will hear of it. */
	if (!child->err)
		return pid;
	err = child->err;
	fork_undo((pid_t)pid, child->args);
	return err;
}

/* Return: what the child has to begin with, or NULL. */
static struct kept *copy_kept(struct kept *kept, u64 flags)
{
	struct kept *copy = mmap(NULL, sizeof(*copy), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return NULL;
	if (flags & CLONE_FILES)
		kept->shares_files = true;
	*copy = *kept;
	copy->shares_files = flags & CLONE_FILES;
	copy->outlived = false;
	return copy;
}

s64 clone_perform(struct twin_setup *setup, const u64 *args, u64 mask)
{
	struct kept *kept = copy_kept(kept_of_process(), args[1]);
	struct child *child;
	s64 pid;

	if (!kept)
		return -ENOMEM;
	/* Until the child has a process of its own on the LWK, there is nobody to take a signal. */
	signals_set_mask(~0ULL);
	pid = spare_make_room(setup, start_keeper, &child);
	if (pid) {
		munmap(kept, sizeof(*kept));
		goto restore_mask;
	}
	child->setup = setup;
	child->args = args;
	child->flags = args[1];
	child->kept = kept;
	child->mask = mask;
	pid = make_child(child);
	if (pid > 0 && (args[2] & OFFLOAD_FORK_VFORK))
		awaited = child;
	else
		tell(&child->released, 1);
restore_mask:
	signals_set_mask(mask);
	return pid;
}

bool clone_wait(u64 mask)
{
	struct child *child = awaited;

	if (!child)
		return false;
	signals_set_mask(~0ULL);
	wait_while(&child->phase, CHILD_TOLD);
	tell(&child->released, 1);
	awaited = NULL;
	signals_set_mask(mask);
	return true;
}
