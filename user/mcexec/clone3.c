// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone3(2) for the proxy.
 */
#include "user/mcexec/clone3.h"

#include <errno.h>
#include <sys/syscall.h>

#include "abi/offload.h"
#include "user/mcexec/fds.h"

#define EXIT_SIGNAL 0xffULL /* of clone(2)'s flags */

/* Linux's latest is longer; what follows is not asked for. */
_Static_assert(sizeof(struct clone_args) >= CLONE_ARGS_SIZE_VER2, "with control groups");

static u64 nids(const u64 *args)
{
	return args[2] >> OFFLOAD_FORK_IDS_SHIFT;
}

bool clone3_wanted(const u64 *args)
{
	return nids(args) || (args[1] & CLONE_INTO_CGROUP) || (args[2] & OFFLOAD_FORK_NEWTIME);
}

bool clone3_args(const u64 *args, struct clone_args *clone)
{
	const u64 cgroup = args[5] >> 32;

	*clone = (struct clone_args){
		.flags = args[1] & ~EXIT_SIGNAL,
		.exit_signal = args[1] & EXIT_SIGNAL,
		.pidfd = args[3],
		.set_tid = args[4],
		.set_tid_size = nids(args),
	};
	if (args[2] & OFFLOAD_FORK_NEWTIME)
		clone->flags |= CLONE_NEWTIME;
	if (!(args[1] & CLONE_INTO_CGROUP))
		return true;
	clone->cgroup = cgroup;
	return !fds_is_hidden(cgroup);
}

pid_t clone3_run(struct clone_args *clone, int (*fn)(void *arg), void *arg)
{
	register void *r8 __asm__("r8") = arg;
	long ret;

	/* In the child there is nothing on the stack to return to. */
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r8, %%rdi\n\t"
			 "call *%%rdx\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "0"(SYS_clone3), "D"(clone), "S"(sizeof(*clone)), "d"(fn),
			   "r"(r8)
			 : "rcx", "r11", "memory");
	if (ret >= 0)
		return (pid_t)ret;
	errno = (int)-ret;
	return -1;
}
