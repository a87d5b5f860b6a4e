/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The auxiliary vector as the kernel wrote it; what getauxval() tells the C library may
 * have changed.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <link.h>
#include <unistd.h>

static inline const ElfW(auxv_t) *vector_start(void)
{
	char **entry = environ;

	while (*entry)
		entry++;
	return (const ElfW(auxv_t) *)(entry + 1);
}

/* Entries, without the last. */
static inline size_t vector_count(void)
{
	const ElfW(auxv_t) *vector = vector_start();
	size_t n = 0;

	while (vector[n].a_type != AT_NULL)
		n++;
	return n;
}

static inline unsigned long vector_value(unsigned long type)
{
	const ElfW(auxv_t) *vector = vector_start();

	while (vector->a_type != AT_NULL && vector->a_type != type)
		vector++;
	return vector->a_un.a_val;
}

#endif
