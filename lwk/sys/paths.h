/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths in system calls that Linux makes for a program.
 */
#ifndef LWK_SYS_PATHS_H
#define LWK_SYS_PATHS_H

#include "lwk/include/compiler.h"

/**
 * path_show() - show the twin how the path begins that the next request takes.
 * @nr: system call; one that takes none is left alone
 * @args: its arguments, for Linux
 *
 * Context: the task, interrupts enabled; does not wait.
 */
void path_show(u64 nr, const u64 args[6]);

#endif
