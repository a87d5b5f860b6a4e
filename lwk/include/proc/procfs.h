/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Linux's /proc/mcosN shows of a process.
 */
#ifndef LWK_PROC_PROCFS_H
#define LWK_PROC_PROCFS_H

#include "abi/offload.h"
#include "lwk/include/compiler.h"

/**
 * procfs_read() - the text, or part of it, of a file.
 * @msg: in its @file: @pid, @file, @offset, @len; unchecked
 * @buf: @len bytes, shared with Linux: only written
 *
 * Context: a worker thread.
 * Return: bytes, 0 at the end; -ESRCH, -ENOENT, -ENOMEM.
 */
s64 procfs_read(const struct msg_proc_file *msg, void *buf);

/**
 * procfs_log_all() - log the state of all processes and threads.
 *
 * Context: a worker thread.
 */
void procfs_log_all(void);

#endif
