// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that make processes and threads, and programs of them: their arguments.
 */
#include "abi/errno.h"
#include "lwk/include/mm/page.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"

#define CLONE_ARGS_LEN_VER0 64
#define CLONE_ARGS_LEN_VER2 88
#define SET_TID_MAX 32 /* MAX_PID_NS_LEVEL */

#define CLONE3_FLAGS (0xffffffffULL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP)

/* Linux's struct clone_args. */
struct clone_args {
	u64 flags;
	u64 pidfd;
	u64 child_tid;
	u64 parent_tid;
	u64 exit_signal;
	u64 stack;
	u64 stack_len;
	u64 tls;
	u64 set_tid;
	u64 set_tid_count;
	u64 cgroup;
};

_Static_assert(sizeof(struct clone_args) == CLONE_ARGS_LEN_VER2, "Linux's");

s64 sys_clone(const u64 args[6])
{
	const struct process_fork_args fork = {
		.flags = args[0] & 0xffffffff,
		.stack = args[1],
		.parent_tid = args[2],
		.pidfd = args[2],
		.child_tid = args[3],
		.tls = args[4],
	};

	return process_clone(&fork);
}

s64 sys_fork(const u64 args[6])
{
	const struct process_fork_args fork = { .flags = SIGCHLD };

	(void)args;
	return process_clone(&fork);
}

s64 sys_vfork(const u64 args[6])
{
	const struct process_fork_args fork = { .flags = CLONE_VM | CLONE_VFORK | SIGCHLD };

	(void)args;
	return process_clone(&fork);
}

/* Bytes that this kernel does not know of have to be zero. */
static int check_rest(vaddr_t addr, u64 len)
{
	u8 bytes[64];

	while (len) {
		u64 n = MIN(len, (u64)sizeof(bytes));

		if (copy_from_user(bytes, addr, n))
			return -EFAULT;
		for (u64 i = 0; i < n; i++) {
			if (bytes[i])
				return -E2BIG;
		}
		addr += n;
		len -= n;
	}
	return 0;
}

static int get_args(vaddr_t addr, u64 len, struct clone_args *args)
{
	u64 known = MIN(len, (u64)sizeof(*args));
	int err;

	if (len > PAGE_LEN)
		return -E2BIG;
	if (len < CLONE_ARGS_LEN_VER0)
		return -EINVAL;
	err = check_rest(addr + known, len - known);
	if (err)
		return err;
	memset(args, 0, sizeof(*args));
	return copy_from_user(args, addr, known);
}

/* What Linux says of the fields one by one. */
static bool fields_ok(const struct clone_args *args, u64 len)
{
	if (args->set_tid_count > SET_TID_MAX || !args->set_tid != !args->set_tid_count)
		return false;
	if (args->exit_signal > SIGNAL_COUNT)
		return false;
	return !(args->flags & CLONE_INTO_CGROUP) ||
	       (args->cgroup <= 0x7fffffff && len >= CLONE_ARGS_LEN_VER2);
}

static bool stack_ok(const struct clone_args *args)
{
	if (!args->stack)
		return !args->stack_len;
	return args->stack_len && user_range_ok(args->stack, args->stack_len);
}

/* And of what they mean together. */
static bool args_ok(const struct clone_args *args)
{
	const u64 flags = args->flags;

	if ((flags & ~CLONE3_FLAGS) ||
	    (flags & (CLONE_DETACHED | (CLONE_EXIT_SIGNAL & ~(u64)CLONE_NEWTIME))))
		return false;
	if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
		return false;
	if ((flags & (CLONE_THREAD | CLONE_PARENT)) && args->exit_signal)
		return false;
	return stack_ok(args);
}

s64 sys_clone3(const u64 args[6])
{
	struct process_fork_args fork;
	struct clone_args clone;
	s32 ids[SET_TID_MAX];
	int err = get_args(args[0], args[1], &clone);

	if (err)
		return err;
	if (!fields_ok(&clone, args[1]))
		return -EINVAL;
	if (copy_from_user(ids, clone.set_tid, clone.set_tid_count * sizeof(ids[0])))
		return -EFAULT;
	if (!args_ok(&clone))
		return -EINVAL;
	fork = (struct process_fork_args){
		.flags = (clone.flags & ~(u64)CLONE_NEWTIME) | clone.exit_signal |
			 (clone.flags & CLONE_NEWTIME ? CLONE_FORK_NEWTIME : 0),
		.stack = clone.stack + clone.stack_len,
		.parent_tid = clone.parent_tid,
		.pidfd = clone.pidfd,
		.child_tid = clone.child_tid,
		.tls = clone.tls,
		.set_tid = clone.set_tid,
		.set_tid_count = (u32)clone.set_tid_count,
		.cgroup = (u32)clone.cgroup,
	};
	return process_clone(&fork);
}

s64 sys_execve(const u64 args[6])
{
	return process_exec(SYSCALL_execve, args);
}

s64 sys_execveat(const u64 args[6])
{
	return process_exec(SYSCALL_execveat, args);
}
