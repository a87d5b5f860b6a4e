/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asynchronous I/O of the program: contexts are the proxy's, their rings lie where the LWK says.
 */
#ifndef MCEXEC_AIO_H
#define MCEXEC_AIO_H

#include "abi/types.h"

/**
 * aio_setup() - io_setup(2), in two steps: make a context, and move its ring
 * @args:	see abi/offload.h
 *
 * Context: a twin. Return: see there.
 */
s64 aio_setup(const u64 *args);

/**
 * aio_submit() - io_submit(2), but for requests that name a hidden descriptor
 * @args:	its arguments
 * @interrupted: as for twin_syscall()
 *
 * Context: a twin. Return: as twin_syscall().
 */
s64 aio_submit(const u64 *args, const u32 *interrupted);

#endif
