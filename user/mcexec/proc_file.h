/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of /proc/self, and /proc/PID, that show a program a process on the LWK instead of the
 * proxy.
 * Opening one gives a file in memory, whose text is made anew when it is read from its beginning.
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

/**
 * proc_file_before_read() - make the text anew, if the program is about to read one from its start
 * @nr:		of read(2), readv(2), pread64(2) or preadv(2)
 * @args:	its arguments
 *
 * Context: a twin, before the call. Return: 0; -errno, which is the call's: -ESRCH: nobody has the
 * number any more.
 */
int proc_file_before_read(u64 nr, const u64 *args);

/** proc_file_lock() - keep other threads from the files while the caller forks */
void proc_file_lock(void);

/** proc_file_unlock() - undo proc_file_lock(), on both sides of the fork */
void proc_file_unlock(void);

#endif
