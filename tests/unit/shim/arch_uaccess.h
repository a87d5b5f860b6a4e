/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program's memory as unit tests see it: where it is, the test says.
 */
#ifndef UNIT_SHIM_ARCH_UACCESS_H
#define UNIT_SHIM_ARCH_UACCESS_H

#include "abi/errno.h"
#include "lwk/include/types.h"

/** shim_user_load() - read a word; the test has it. Return: false: there is none. */
bool shim_user_load(void *word, vaddr_t addr, u64 len);

static inline void user_open(void)
{
}

static inline void user_close(void)
{
}

#define user_load(value, addr, err)                                                         \
	do {                                                                                \
		if (!shim_user_load(&(value), addr, sizeof(value)))                         \
			(err) = -EFAULT;                                                    \
	} while (0)

#endif
