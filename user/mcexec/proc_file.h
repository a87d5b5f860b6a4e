/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of /proc/self that show the program its own process on the LWK instead of the proxy.
 * Opening one gives a file in memory with the text of that moment.
 */
#ifndef MCEXEC_PROC_FILE_H
#define MCEXEC_PROC_FILE_H

#include "user/mcexec/image.h"

/**
 * proc_file_setup() - where the LWK tells of the process, and what its files are called
 * @image:	loaded, its files still open
 *
 * Context: main thread.
 */
void proc_file_setup(const struct image *image);

/**
 * proc_file_open() - open one of the files
 * @name:	behind "/proc/self/"
 * @flags:	of open(2)
 *
 * Context: a twin. Return: file descriptor; -errno; -ENOENT: not one of them, Linux's own will do.
 */
s64 proc_file_open(const char *name, u64 flags);

#endif
