/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program's memory, where mcexec itself wants to know or change what is there. A bad pointer of
 * the program's comes back as an error.
 */
#ifndef MCEXEC_MEMORY_H
#define MCEXEC_MEMORY_H

#include <stddef.h>

#include "abi/types.h"

/**
 * memory_read() - copy from the program's memory
 * @to:		where to
 * @from:	any number
 * @len:	bytes
 *
 * Context: a twin. Return: 0 or -EFAULT.
 */
int memory_read(void *to, u64 from, size_t len);

/**
 * memory_write() - copy to the program's memory
 * @to:		any number
 * @from:	where from
 * @len:	bytes
 *
 * Context: a twin. Return: 0 or -EFAULT.
 */
int memory_write(u64 to, const void *from, size_t len);

/**
 * memory_read_string() - copy a string from the program's memory
 * @to:		where to
 * @from:	any number
 * @size:	bytes of @to
 *
 * Context: a twin. Return: its length without NUL, -EFAULT, or -ENAMETOOLONG: does not fit.
 */
int memory_read_string(char *to, u64 from, size_t size);

/**
 * memory_count() - length of an array of pointers that ends with NULL, as argv
 * @array:	any number; 0 is an empty one
 * @max:	most entries
 *
 * Context: a twin. Return: entries, -EFAULT, or -E2BIG.
 */
int memory_count(u64 array, int max);

#endif
