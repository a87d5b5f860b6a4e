// SPDX-License-Identifier: GPL-2.0-only
/*
 * The twin's loop.
 */
#include "twin.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/aio.h"
#include "user/mcexec/clone.h"
#include "user/mcexec/core.h"
#include "user/mcexec/exec.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/fork.h"
#include "user/mcexec/mempolicy.h"
#include "user/mcexec/path.h"
#include "user/mcexec/policy.h"
#include "user/mcexec/proc_file.h"
#include "user/mcexec/ptrace.h"
#include "user/mcexec/shm.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/space.h"
#include "user/mcexec/spare.h"
#include "user/mcexec/summary.h"
#include "user/mcexec/thread.h"
#include "user/mcexec/trace.h"
#include "user/mcexec/uring.h"

/* The C library's SIGRTMIN is larger: it keeps some for itself. */
#define KERNEL_SIGRTMIN 32

/* twin.wait.nr between requests. */
#define NO_REQUEST (~0ULL)

_Static_assert(OFFLOAD_RET_RESTART == -513, "twin_entry.S has it as a number");

/**
 * struct twin - one twin
 * @setup:	what all share
 * @wait:	the request at hand; its @interrupted is set by signals for the program, too
 * @mask:	signals blocked
 * @held:	all signals are held back, @mask is what is blocked otherwise
 * @delivering:	those held back come now
 * @forked:	it came out of a fork: the request at hand was the parent's
 * @later:	a new thread answers the request at hand
 * @ended:	it is no twin any more
 * @request:	@wait, and small arguments behind it
 */
struct twin {
	struct twin_setup *setup;
	u64 mask;
	bool held;
	bool delivering;
	bool forked;
	bool later;
	bool ended;
	union {
		struct mcctrl_wait wait;
		struct mcctrl_request request;
	};
};

/* The calling thread's; signal handlers look it up. */
static __thread struct twin *self;

u64 twin_interrupt(u64 rip)
{
	if (self)
		__atomic_store_n(&self->wait.interrupted, 1, __ATOMIC_RELAXED);
	if (rip >= (u64)twin_syscall_look && rip < (u64)twin_syscall_made)
		return (u64)twin_syscall_abort;
	return rip;
}

u64 twin_hold(const siginfo_t *info, bool hold)
{
	if (!self)
		return 0;
	/* All that were queued come, but not what a timer sends meanwhile. */
	if (self->delivering)
		return info->si_signo < KERNEL_SIGRTMIN || info->si_code == SI_TIMER ?
			1ULL << (info->si_signo - 1) : 0;
	self->held = hold;
	return hold ? ~0ULL : 0;
}

void twin_block(u64 set)
{
	if (self)
		__atomic_or_fetch(&self->mask, set, __ATOMIC_RELAXED);
}

bool twin_passes_mask_on(void)
{
	if (!self)
		return false;
	switch (__atomic_load_n(&self->wait.nr, __ATOMIC_RELAXED)) {
	case SYS_execve:
	case SYS_execveat:
	case OFFLOAD_NR_FORK:
		return true;
	default:
		return false;
	}
}

/* Calls that come with an address of the program's, where the range has to be looked at. */

/* Linux unmaps a place before it asks the file, which may refuse: it is the program's again. */
static s64 mend_hole(int proxy, const u64 *args, s64 ret)
{
	u64 len = (args[1] + LWK_PAGE_SIZE - 1) & ~((u64)LWK_PAGE_SIZE - 1);

	if (ret >= 0 || ret == OFFLOAD_RET_RESTART || !len || args[0] % LWK_PAGE_SIZE ||
	    !msync((void *)args[0], len, MS_ASYNC) || errno != ENOMEM)
		return ret;
	return space_map(proxy, args[0], args[0] + len) ? -ENOMEM : ret;
}

static s64 do_mmap(struct twin *twin)
{
	const u64 *args = twin->wait.args;
	s64 ret;

	if (!space_is_user(args[0], args[1]))
		return -EINVAL;
	if (!(args[3] & MAP_FIXED))
		return uring_map(twin->setup->proxy, args);
	ret = twin_syscall(SYS_mmap, args, &twin->wait.interrupted);
	return mend_hole(twin->setup->proxy, args, ret);
}

/* munmap, mprotect and others of which the first two arguments are a range. */
static s64 do_range(struct twin *twin)
{
	const u64 *args = twin->wait.args;

	if (!space_is_user(args[0], args[1]))
		return -EINVAL;
	return twin_syscall(twin->wait.nr, args, &twin->wait.interrupted);
}

static s64 do_mremap(struct twin *twin)
{
	const u64 *args = twin->wait.args;
	/* Nothing moves: it is asked for to find out whether that is inside a huge page. */
	bool stays = !args[3] && args[1] == args[2];

	if (!space_is_user(args[0], args[1]))
		return -EINVAL;
	if (!stays && (!(args[3] & MREMAP_FIXED) || !space_is_user(args[4], args[2])))
		return -EINVAL;
	return twin_syscall(SYS_mremap, args, &twin->wait.interrupted);
}

static s64 do_shmat(struct twin *twin)
{
	return shm_attach(twin->wait.args);
}

/* It may be a file of /proc that tells what is so now. */
static s64 do_read(struct twin *twin)
{
	int err = proc_file_before_read(twin->wait.nr, twin->wait.args);

	return err ? err : twin_syscall(twin->wait.nr, twin->wait.args, &twin->wait.interrupted);
}

static s64 do_io_setup(struct twin *twin)
{
	return aio_setup(twin->wait.args);
}

static s64 do_io_submit(struct twin *twin)
{
	return aio_submit(twin->wait.args, &twin->wait.interrupted);
}

static s64 do_uring_setup(struct twin *twin)
{
	return uring_setup(twin->wait.args);
}

static s64 do_uring_register(struct twin *twin)
{
	return uring_register(twin->wait.args, &twin->wait.interrupted);
}

static s64 do_close_range(struct twin *twin)
{
	s64 ret;

	if (!((u32)twin->wait.args[2] & CLOSE_RANGE_UNSHARE))
		return fds_close_range(twin->wait.args);
	/* Spares would keep open in the old table what is closed in the new one. */
	spare_close(twin->setup);
	ret = fds_close_range(twin->wait.args);
	spare_open();
	return ret;
}

static s64 do_getdents(struct twin *twin)
{
	return fds_getdents(twin->wait.nr, twin->wait.args, &twin->wait.interrupted);
}

/* Of prctl(2), what would act on mcexec's code and memory instead of the program's. */
static s64 do_prctl(struct twin *twin)
{
	switch (twin->wait.args[0]) {
	case PR_SET_MM:
	case PR_SET_SECCOMP:
	case PR_SET_TSC:
	case PR_SET_SYSCALL_USER_DISPATCH:
		return -EINVAL;
	default:
		return twin_syscall(SYS_prctl, twin->wait.args, &twin->wait.interrupted);
	}
}

/* The request's mask is set already. */
static s64 do_sigprocmask(struct twin *twin)
{
	(void)twin;
	return 0;
}

static struct exec_signals exec_signals_of(const struct twin *twin)
{
	return (struct exec_signals){ &twin->wait.interrupted, twin->mask, twin->held };
}

static s64 do_execve(struct twin *twin)
{
	return exec_perform(twin->wait.args, exec_signals_of(twin));
}

static s64 do_execveat(struct twin *twin)
{
	return exec_perform_at(twin->wait.args, exec_signals_of(twin));
}

/* Much of that Linux refuses to who has several threads. */
static s64 do_apart(struct twin *twin)
{
	s64 ret;

	spare_close(twin->setup);
	ret = twin_syscall(twin->wait.nr, twin->wait.args, &twin->wait.interrupted);
	spare_open();
	return ret;
}

static s64 do_exit_group(struct twin *twin)
{
	_exit(summary_exit((int)twin->wait.args[0]));
}

static s64 do_exit(struct twin *twin)
{
	thread_leave(twin->setup->proxy, twin->wait.args);
	twin->ended = true;
	return 0;
}

/* What is the LWK's alone, and would tear mcexec apart. */
static s64 do_nothing(struct twin *twin)
{
	(void)twin;
	return -ENOSYS;
}

static s64 (*const special[])(struct twin *twin) = {
	[SYS_read] = do_read,
	[SYS_mmap] = do_mmap,
	[SYS_mprotect] = do_range,
	[SYS_munmap] = do_range,
	[SYS_brk] = do_nothing,
	[SYS_rt_sigaction] = do_nothing,
	[SYS_rt_sigprocmask] = do_sigprocmask,
	[SYS_rt_sigreturn] = do_nothing,
	[SYS_mremap] = do_mremap,
	[SYS_pread64] = do_read,
	[SYS_readv] = do_read,
	[SYS_madvise] = do_range,
	[SYS_shmat] = do_shmat,
	[SYS_clone] = do_nothing,
	[SYS_fork] = do_nothing,
	[SYS_vfork] = do_nothing,
	[SYS_execve] = do_execve,
	[SYS_exit] = do_exit,
	[SYS_shmdt] = do_nothing,
	[SYS_sigaltstack] = do_nothing,
	[SYS_getdents] = do_getdents,
	[SYS_prctl] = do_prctl,
	[SYS_arch_prctl] = do_nothing,
	[SYS_remap_file_pages] = do_nothing,
	[SYS_io_setup] = do_io_setup,
	[SYS_io_submit] = do_io_submit,
	[SYS_getdents64] = do_getdents,
	[SYS_set_tid_address] = do_nothing,
	[SYS_exit_group] = do_exit_group,
	[SYS_set_robust_list] = do_nothing,
	[SYS_unshare] = do_apart,
	[SYS_preadv] = do_read,
	[SYS_setns] = do_apart,
	[SYS_seccomp] = do_nothing,
	[SYS_execveat] = do_execveat,
	[SYS_rseq] = do_nothing,
	[SYS_pkey_mprotect] = do_range,
	[SYS_io_uring_setup] = do_uring_setup,
	[SYS_io_uring_register] = do_uring_register,
	[SYS_clone3] = do_nothing,
	[SYS_close_range] = do_close_range,
};

static s64 do_restore(struct twin *twin)
{
	const u64 *args = twin->wait.args;

	if (args[0] >= args[1] || !space_is_user(args[0], args[1] - args[0]))
		return -EINVAL;
	return space_map(twin->setup->proxy, args[0], args[1]);
}

static s64 do_fork(struct twin *twin)
{
	const u64 *args = twin->wait.args;
	s64 ret;

	if (args[1] & CLONE_VM)
		return clone_perform(twin->setup, args, twin->mask);
	ret = fork_perform(twin->setup, args, twin->mask);
	/* Nothing is held back from the child. */
	twin->forked = !ret;
	if (twin->forked)
		twin->held = false;
	return ret;
}

static s64 do_thread(struct twin *twin)
{
	s64 ret = thread_perform(twin->setup, twin->wait.args, twin->mask);

	twin->later = !ret;
	return ret;
}

/* Requests that are no system calls. */
static s64 perform_offload(struct twin *twin)
{
	const u64 *args = twin->wait.args;

	switch (twin->wait.nr) {
	case OFFLOAD_NR_SIGACTION:
		return signals_set_action(args[0], args[1], args[2]);
	case OFFLOAD_NR_RESTORE:
		return do_restore(twin);
	case OFFLOAD_NR_LIMIT:
		return exec_keep_limit(args[0], args[1], args[2]);
	case OFFLOAD_NR_CPUS:
		return exec_keep_cpus(args);
	case OFFLOAD_NR_SCHED:
		return policy_perform(args);
	case OFFLOAD_NR_MEMPOLICY:
		return mempolicy_keep(args);
	case OFFLOAD_NR_SHM_LEN:
		return shm_length(args[0], args[1]);
	case OFFLOAD_NR_FORK:
		return do_fork(twin);
	case OFFLOAD_NR_SIGNAL:
		return signals_send(args);
	case OFFLOAD_NR_TIMER:
		return signals_make_timer();
	case OFFLOAD_NR_RELAY:
		return signals_set_all(args);
	case OFFLOAD_NR_TRACE:
		return ptrace_perform(args);
	case OFFLOAD_NR_VFORK:
		return clone_wait(twin->mask) ? 0 :
						fork_wait(twin->setup->proxy, twin->mask);
	case OFFLOAD_NR_MADE:
		trace_made(args);
		return 0;
	case OFFLOAD_NR_THREAD:
		return do_thread(twin);
	case OFFLOAD_NR_DIE:
		summary_print();
		spare_close(twin->setup);
		core_prepare(twin->setup, args);
		signals_die(args);
	default:
		return -ENOSYS;
	}
}

/* A call with a path that may mean one of the program's own files. */
static s64 perform_own(struct twin *twin, int path)
{
	u64 nr = twin->wait.nr;
	bool here = twin->wait.flags & MCCTRL_WAIT_SMALL &&
		    twin->request.small.args[path] != twin->wait.args[path];
	char text[PATH_TEXT_LEN], other[PATH_OTHER_LEN];
	u64 args[6];
	s64 ret;

	if (path_read(text, twin->wait.args[path], here))
		return twin_syscall(nr, twin->wait.args, &twin->wait.interrupted);
	ret = path_open(nr, twin->wait.args, text);
	if (ret != -ENOENT)
		return ret;
	memcpy(args, twin->wait.args, sizeof(args));
	if (path_replace(text, other))
		args[path] = (u64)other;
	return twin_syscall(nr, args, &twin->wait.interrupted);
}

static s64 perform_call(struct twin *twin)
{
	u64 nr = twin->wait.nr;
	int path = path_argument(nr);

	if (path >= 0 && path_may_be_own(twin->wait.path))
		return perform_own(twin, path);
	return twin_syscall(nr, twin->wait.args, &twin->wait.interrupted);
}

static s64 perform(struct twin *twin)
{
	u64 nr = twin->wait.nr;

	if (nr >= OFFLOAD_NR_FAULT)
		return perform_offload(twin);
	if (fds_forbids(nr, twin->wait.args) || fds_forbids_inner(nr, twin->wait.args))
		return -EBADF;
	if (nr < sizeof(special) / sizeof(special[0]) && special[nr])
		return special[nr](twin);
	return perform_call(twin);
}

static s64 next_request(struct twin *twin)
{
	__atomic_store_n(&twin->wait.interrupted, 0, __ATOMIC_RELAXED);
	/* For signal handlers: none is at hand. */
	__atomic_store_n(&twin->wait.nr, NO_REQUEST, __ATOMIC_RELAXED);
	return twin_raw_syscall(SYS_ioctl, twin->setup->proxy, MCCTRL_IOC_WAIT_SYSCALL,
				(long)&twin->wait, 0);
}

/*
 * What is blocked while a request is served. mcctrl has seen to it, but a signal that came since
 * may have changed it.
 */
static void take_mask(struct twin *twin)
{
	const struct mcctrl_wait *wait = &twin->wait;

	/* A signal from here on has what it blocks in both. */
	__atomic_store_n(&twin->mask, wait->sigmask, __ATOMIC_RELAXED);
	twin->held = wait->flags & MCCTRL_WAIT_HELD;
	if (!twin->held && (!(wait->flags & MCCTRL_WAIT_MASKED) ||
			    __atomic_load_n(&wait->interrupted, __ATOMIC_RELAXED)))
		signals_set_mask(twin->mask);
}

/* Signals that came before the answer are the LWK's before it, too. */
static void before_answer(struct twin *twin)
{
	/* The call that they were held back for is yet to be made. */
	if (!twin->held || twin->wait.ret == OFFLOAD_RET_RESTART)
		return;
	twin->delivering = true;
	signals_deliver(twin->mask);
	twin->delivering = false;
	twin->held = false;
}

int twin_run(struct twin_setup *setup)
{
	struct twin twin;
	s64 err;

	/* But for small arguments, which are large. */
	memset(&twin, 0, offsetof(struct twin, request.small));
	twin.setup = setup;
	twin_raw_syscall(SYS_rt_sigprocmask, 0, 0, (long)&twin.mask, sizeof(twin.mask));
	self = &twin;
	for (;;) {
		err = next_request(&twin);
		if (err == -EINTR) {
			twin.wait.flags = 0;
			continue;
		}
		if (err)
			break;
		take_mask(&twin);
		summary_count(twin.wait.nr);
		trace_call(&twin.request);
		twin.wait.ret = perform(&twin);
		if (twin.ended)
			break;
		if (twin.forked) {
			twin.forked = false;
			twin.wait.flags = 0;
			continue;
		}
		trace_result(&twin.request);
		before_answer(&twin);
		twin.wait.flags = twin.later ? MCCTRL_WAIT_LATER : MCCTRL_WAIT_ANSWER;
		twin.later = false;
	}
	self = NULL;
	return (int)err;
}
