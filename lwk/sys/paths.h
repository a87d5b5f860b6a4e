/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths in system calls that Linux makes for a program.
 */
#ifndef LWK_SYS_PATHS_H
#define LWK_SYS_PATHS_H

#include "lwk/include/sys/syscall.h"

/* Of each call, 1 + the argument; 0: it takes no such path. */
extern const u8 path_args[SYSCALL_COUNT];

/**
 * path_show_head() - path_show(), of a call that takes one.
 * @path: its address
 *
 * Context: as path_show().
 */
void path_show_head(vaddr_t path);

/**
 * path_show() - show the twin how the path begins that the next request takes.
 * @nr: system call; one that takes none is left alone
 * @args: its arguments, for Linux
 *
 * Context: the task, interrupts enabled; does not wait.
 */
static inline void path_show(u64 nr, const u64 args[6])
{
	u8 arg = path_args[nr];

	if (arg)
		path_show_head(args[arg - 1]);
}

#endif
