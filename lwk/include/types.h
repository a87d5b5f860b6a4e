/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LWK's basic types: the fixed-width integers of abi/types.h, bool, NULL,
 * and the two kinds of address. A physical and a virtual address are both
 * 64-bit integers; their names tell them apart. Memory of the LWK itself is
 * reached through ordinary pointers.
 */
#ifndef LWK_TYPES_H
#define LWK_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "abi/types.h"

typedef u64 paddr_t;
typedef u64 vaddr_t;

/** PADDR_NONE - no physical address: what a failed allocation returns. */
#define PADDR_NONE (~(paddr_t)0)

#endif
