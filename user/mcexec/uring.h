/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring of the program: rings are Linux's, and their requests are performed for the proxy.
 */
#ifndef MCEXEC_URING_H
#define MCEXEC_URING_H

#include "abi/types.h"

/**
 * uring_map() - mmap(2) of a ring, which Linux maps where it likes, at a given address
 * @proxy:	the proxy's file
 * @args:	see abi/offload.h, SYSCALL_mmap
 *
 * Context: a twin. Return: the address or -errno; -EINVAL if it is no ring.
 */
s64 uring_map(int proxy, const u64 *args);

/**
 * uring_setup() - io_uring_setup(2) of a ring that knows no requests which must not be
 * @args:	its arguments
 *
 * Context: a twin. Return: a descriptor or -errno.
 */
s64 uring_setup(const u64 *args);

/**
 * uring_register() - io_uring_register(2), which gives the program no such requests
 * @args:	its arguments
 * @interrupted: as for twin_syscall()
 *
 * Context: a twin. Return: as twin_syscall().
 */
s64 uring_register(const u64 *args, const u32 *interrupted);

#endif
