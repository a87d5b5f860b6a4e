/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mcexec remembers for a process of the program. Processes that share their memory, by
 * CLONE_VM, share mcexec's, too; this each has for itself.
 */
#ifndef MCEXEC_KEPT_H
#define MCEXEC_KEPT_H

#include <stdbool.h>

#include "abi/process.h"

/**
 * struct kept_limit - a limit that the program has changed
 * @cur:	soft limit
 * @max:	hard limit
 * @changed:	it has
 */
struct kept_limit {
	u64 cur;
	u64 max;
	bool changed;
};

/**
 * struct kept - one process's
 * @limits:	those that the LWK heeds, by RLIMIT_*
 * @cpus:	CPUs of the LWK that it may run on; none: all
 * @mempolicy_mode: its NUMA policy, for the next program
 * @mempolicy_nodes: of that
 * @shares_files: another process has the same file descriptors
 * @outlived: its first thread has ended, others have not
 */
struct kept {
	struct kept_limit limits[PROGRAM_MAX_RLIMITS];
	u64 cpus[IHK_MAX_CPUS / 64];
	u64 mempolicy_mode;
	u64 mempolicy_nodes[IHK_MAX_LINUX_NODES / 64];
	bool shares_files;
	bool outlived;
};

/** kept_of_process() - the calling process's. Context: any. */
struct kept *kept_of_process(void);

/**
 * kept_use() - say what the calling thread's process has
 * @kept:	lives as long as the process
 *
 * Context: a new thread; the first process needs none.
 */
void kept_use(struct kept *kept);

#endif
