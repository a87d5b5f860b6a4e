/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine that unit tests give the kernel's code: panic, physical memory,
 * TLB. See arch_impl.h for the processor.
 */
#ifndef UNIT_SHIM_H
#define UNIT_SHIM_H

#include "lwk/include/arch.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/page_alloc.h"

/** SHIM_PANIC_STATUS - exit status of a process that was meant to panic. */
#define SHIM_PANIC_STATUS 77

/** SHIM_PADDR - first physical address of the arena; 1 GiB aligned. */
#define SHIM_PADDR 0x100000000ULL

/** shim_panic_fd - where panic() writes its message; -1: stderr, and abort. */
extern int shim_panic_fd;

/** shim_tlb_flushes - how often arch_tlb_flush_kernel() was called. */
extern u64 shim_tlb_flushes;

/**
 * shim_tlb_user_hook - called by arch_tlb_flush_user(), on the thread that flushes;
 * NULL for none.
 */
extern void (*shim_tlb_user_hook)(paddr_t root, vaddr_t start, u64 len);

/** shim_pkeys, shim_pkru - protection keys of the processor, 1 for none; a thread's rights. */
extern u32 shim_pkeys;
extern _Thread_local u32 shim_pkru;

/**
 * shim_memory_init() - make physical memory from SHIM_PADDR on.
 * @len: bytes; costs nothing until touched
 */
void shim_memory_init(u64 len);

/**
 * shim_topology() - a machine whose CPU c is on node c % @nnodes.
 * @topo: result; distances are 10, 10 + 10 * |a - b|
 * @ncpus: CPUs
 * @nnodes: nodes
 */
void shim_topology(struct mm_topology *topo, u32 ncpus, u32 nnodes);

/**
 * shim_page_alloc_init() - bring the page allocator up on equal shares.
 * @ncpus: CPUs
 * @nnodes: nodes
 * @node_len: bytes of each node, one chunk each
 */
void shim_page_alloc_init(u32 ncpus, u32 nnodes, u64 node_len);

/**
 * shim_fail_nth() - make one allocation fail.
 * @n: how many succeed before; ~0 for none to fail
 *
 * Debug builds only. For "every allocation failing in turn":
 *
 *	for (n = 0; shim_fail_nth(n), try_it(), shim_failed(); n++)
 *		check that nothing is left behind;
 */
void shim_fail_nth(u64 n);

/**
 * shim_failed() - did the allocation fail? Ends the injection.
 *
 * Return: true if so.
 */
bool shim_failed(void);

/**
 * shim_free_pages() - free pages of all nodes.
 *
 * Return: the count.
 */
u64 shim_free_pages(void);

#endif
