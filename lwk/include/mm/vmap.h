/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vmap window: kernel addresses for memory that must not simply be used
 * through the direct map. Guarded areas (kernel stacks) have unmapped pages
 * before and behind, so that an overflow faults instead of corrupting; device
 * registers are mapped uncached.
 */
#ifndef LWK_MM_VMAP_H
#define LWK_MM_VMAP_H

#include "lwk/include/mm/pgtable.h"

/** VMAP_MAX_PAGES - the largest area. */
#define VMAP_MAX_PAGES 4096

/**
 * vmap_init() - set up the window at LWK_VMAP_VA.
 * @kernel: the kernel's tables; its root is in use from now on
 *
 * Context: boot CPU, once, after kmalloc_init().
 * Return: 0, or -ENOMEM.
 */
int vmap_init(const struct pgtable *kernel) __must_check;

/**
 * vmap_alloc() - allocate zeroed pages and map them with guard pages around.
 * @npages: 1 .. VMAP_MAX_PAGES
 * @node: NUMA node that is preferred, or PAGE_THIS_NODE
 *
 * The pages are writable, not executable, not physically contiguous.
 *
 * Context: any but NMI; no spinlock held.
 * Return: the first page, or NULL.
 */
void *vmap_alloc(u64 npages, u32 node) __must_check;

/**
 * vmap_free() - unmap and free what vmap_alloc() returned.
 * @ptr: what it returned
 * @npages: as it was allocated
 *
 * Panics if @ptr and @npages are not an area.
 *
 * Context: as arch_tlb_flush_kernel() demands.
 */
void vmap_free(void *ptr, u64 npages);

/**
 * vmap_map_device() - map device registers, uncached.
 * @pa: physical address, page-aligned
 * @npages: 1 .. VMAP_MAX_PAGES
 *
 * Context: any but NMI; no spinlock held.
 * Return: the first byte, or NULL.
 */
void *vmap_map_device(paddr_t pa, u64 npages) __must_check;

/**
 * vmap_unmap_device() - undo vmap_map_device().
 * @ptr: what it returned
 * @npages: as it was mapped
 *
 * Context: as arch_tlb_flush_kernel() demands.
 */
void vmap_unmap_device(void *ptr, u64 npages);

/**
 * vmap_used_pages() - mapped pages of the window, for leak checks.
 *
 * Context: any but NMI.
 * Return: the count, guard pages not included.
 */
u64 vmap_used_pages(void);

#endif
