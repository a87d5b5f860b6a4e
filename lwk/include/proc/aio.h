/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Contexts of asynchronous I/O.
 */
#ifndef LWK_PROC_AIO_H
#define LWK_PROC_AIO_H

#include "lwk/include/types.h"

/**
 * aio_setup() - io_setup(2).
 * @nevents: events that the context is for
 * @context_at: where its name is to be written
 *
 * Context: the calling task, interrupts enabled, no lock held.
 * Return: 0 or -errno.
 */
s64 aio_setup(u32 nevents, vaddr_t context_at);

/**
 * aio_destroy() - io_destroy(2).
 * @context: name of a context, unchecked
 *
 * Waits for its requests.
 *
 * Context: as aio_setup().
 * Return: 0 or -errno.
 */
s64 aio_destroy(u64 context);

#endif
