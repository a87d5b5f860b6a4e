/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vectors of buffers, as programs pass them.
 */
#ifndef LWK_SYS_IOVEC_H
#define LWK_SYS_IOVEC_H

#include "lwk/include/types.h"

/** IOVEC_MAX - UIO_MAXIOV: Linux refuses longer ones. */
#define IOVEC_MAX 1024

/** struct iovec - one part: Linux's structure. @base: where it begins. @len: bytes. */
struct iovec {
	u64 base;
	u64 len;
};

#endif
