/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of /proc/self, and /proc/PID, that show a program a process on the LWK instead of the
 * proxy.
 * Opening one gives a file in memory with the text of that moment.
 */
#ifndef MCEXEC_PROC_FILE_H
#define MCEXEC_PROC_FILE_H

#include "abi/types.h"

/**
 * proc_file_is_ours() - is a process one of the same LWK?
 * @pid:	process
 *
 * Context: a twin. Return: whether its files may be asked for.
 */
_Bool proc_file_is_ours(int pid);

/**
 * proc_file_open() - open one of the files
 * @pid:	process
 * @name:	behind "/proc/self/"
 * @flags:	of open(2)
 *
 * Context: a twin. Return: file descriptor; -errno; -ENOENT: not one of them, Linux's own will do.
 */
s64 proc_file_open(int pid, const char *name, u64 flags);

#endif
