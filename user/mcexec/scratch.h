/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory for the length of a request. The C library's has locks, which a process that is killed
 * would leave locked for those that share its memory; and what it had at an execve(2) would be
 * theirs for ever.
 */
#ifndef MCEXEC_SCRATCH_H
#define MCEXEC_SCRATCH_H

#include <stddef.h>

/**
 * scratch_alloc() - allocate memory
 * @len:	bytes
 *
 * Context: any thread. Return: zeroed memory; NULL without.
 */
void *scratch_alloc(size_t len);

/**
 * scratch_free() - free it
 * @memory:	of the calling thread, or NULL
 *
 * Context: the thread that allocated it.
 */
void scratch_free(void *memory);

/** scratch_free_all() - free what the calling thread still has. Context: any thread. */
void scratch_free_all(void);

#endif
