/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mcexec's address space. All that is mcexec's own lies above LWK_PROXY_VA; below, the whole
 * user range is a mapping of the proxy's file: the program's memory, at the program's addresses.
 */
#ifndef MCEXEC_SPACE_H
#define MCEXEC_SPACE_H

#include <stdbool.h>

#include "abi/layout.h"
#include "abi/types.h"

/**
 * space_clear() - see to it that Linux's own pages are not in the user range
 *
 * Linux may have put the vDSO there, which is moved then. Nothing may ask the C library for the
 * time from now on: it would call the old place.
 *
 * Context: start of mcexec. Return: 0 or -errno.
 */
int space_clear(void);

/**
 * space_map_all() - map the proxy's file over all of the user range
 * @fd:		the proxy's file
 *
 * Context: start of mcexec. Return: 0 or -errno; -EEXIST: something is there.
 */
int space_map_all(int fd);

/**
 * space_map() - map the proxy's file over the user range, or part of it
 * @fd:		the proxy's file
 * @start:	[start, end) inside the user range, page-aligned
 * @end:	see @start
 *
 * Whatever is there gives way. Context: any thread. Return: 0 or -errno.
 */
int space_map(int fd, u64 start, u64 end);

/**
 * space_is_user() - is [addr, addr + len) inside the user range?
 * @addr:	any number
 * @len:	any number
 *
 * Context: any. Return: true if so.
 */
bool space_is_user(u64 addr, u64 len);

#endif
