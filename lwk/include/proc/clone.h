/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making processes and threads, as clone(2) does.
 */
#ifndef LWK_PROC_CLONE_H
#define LWK_PROC_CLONE_H

#include "lwk/include/types.h"

/* Flags of clone(2) */
#define CLONE_EXIT_SIGNAL 0x000000ff
#define CLONE_NEWTIME 0x00000080	/* in place of a signal: clone3(2), unshare(2), setns(2) */
#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_PIDFD 0x00001000
#define CLONE_PTRACE 0x00002000
#define CLONE_VFORK 0x00004000
#define CLONE_PARENT 0x00008000
#define CLONE_THREAD 0x00010000
#define CLONE_NEWNS 0x00020000
#define CLONE_SYSVSEM 0x00040000
#define CLONE_SETTLS 0x00080000
#define CLONE_PARENT_SETTID 0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_DETACHED 0x00400000
#define CLONE_UNTRACED 0x00800000
#define CLONE_CHILD_SETTID 0x01000000
#define CLONE_NEWCGROUP 0x02000000
#define CLONE_NEWUTS 0x04000000
#define CLONE_NEWIPC 0x08000000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000
#define CLONE_NEWNET 0x40000000
#define CLONE_IO 0x80000000
/* Of clone3(2) alone */
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#define CLONE_INTO_CGROUP 0x200000000ULL
/* CLONE_NEWTIME beside a signal, in struct process_fork_args; no flag of any call. */
#define CLONE_FORK_NEWTIME 0x400000000ULL

/**
 * struct process_fork_args - arguments of clone(2) and clone3(2)
 * @flags:	CLONE_*, CLONE_FORK_NEWTIME for CLONE_NEWTIME
 * @stack:	stack pointer of the child, or 0: the same
 * @parent_tid:	for CLONE_PARENT_SETTID
 * @child_tid:	for CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID
 * @tls:	for CLONE_SETTLS
 * @pidfd:	for CLONE_PIDFD
 * @set_tid:	clone3(2): where ids are that the caller chooses, or 0
 * @set_tid_count: how many
 * @cgroup:	for CLONE_INTO_CGROUP
 * @unpromised:	of no call: memory that cannot be promised to the child it may have without
 */
struct process_fork_args {
	u64 flags;
	u64 stack;
	u64 parent_tid;
	u64 child_tid;
	u64 tls;
	u64 pidfd;
	u64 set_tid;
	u32 set_tid_count;
	u32 cgroup;
	bool unpromised;
};

/**
 * process_clone() - make a process or a thread, as clone(2) does.
 * @args: unchecked
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: the child's id; -errno; -ERESTARTNOINTR.
 */
s64 process_clone(const struct process_fork_args *args);

#endif
