// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that make processes, and programs of them.
 */
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"

s64 sys_clone(const u64 args[6])
{
	const struct process_fork_args fork = {
		.flags = args[0] & 0xffffffff,
		.stack = args[1],
		.parent_tid = args[2],
		.child_tid = args[3],
		.tls = args[4],
	};

	return process_fork(&fork);
}

s64 sys_fork(const u64 args[6])
{
	const struct process_fork_args fork = { .flags = SIGCHLD };

	(void)args;
	return process_fork(&fork);
}

s64 sys_vfork(const u64 args[6])
{
	const struct process_fork_args fork = { .flags = CLONE_VM | CLONE_VFORK | SIGCHLD };

	(void)args;
	return process_fork(&fork);
}

s64 sys_execve(const u64 args[6])
{
	return process_exec(SYSCALL_execve, args);
}
