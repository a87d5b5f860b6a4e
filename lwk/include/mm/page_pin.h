/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of programs that Linux goes on using after it has let go of its mappings: a device writes
 * to them, they wait in a pipe. Linux names them, and until it says that it has done with them
 * they are kept, whatever becomes of the program: a reference on their block, and no promise
 * is made of its memory.
 */
#ifndef LWK_MM_PAGE_PIN_H
#define LWK_MM_PAGE_PIN_H

#include "lwk/include/compiler.h"
#include "lwk/include/types.h"

/**
 * page_pin() - keep pages that Linux uses.
 * @pa: the first one, page-aligned
 * @npages: how many, contiguous; each belongs to an address space, or is pinned already
 *
 * Context: any but NMI; one such call at a time.
 * Return: 0; -EINVAL if one of them is not allocated: then none is kept.
 */
int page_pin(paddr_t pa, u64 npages) __must_check;

/**
 * page_unpin() - Linux does not use pages any more.
 * @pa: the first one, page-aligned
 * @npages: how many, contiguous
 *
 * Context: any but NMI; one such call at a time.
 * Return: 0; -EINVAL if one of them is not pinned: those before it are free to go.
 */
int page_unpin(paddr_t pa, u64 npages) __must_check;

/**
 * page_pinned() - how many pages of a node Linux uses.
 * @node: NUMA node
 *
 * Context: any.
 * Return: the count, 4 KiB pages; more is kept where they are parts of larger blocks.
 */
u64 page_pinned(u32 node);

#endif
