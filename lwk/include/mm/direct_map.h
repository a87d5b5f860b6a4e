/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The direct map: all memory that Linux granted, and nothing else, is mapped at
 * a constant distance from its physical address. The holes between the granted
 * chunks are not mapped, so a stray pointer faults.
 */
#ifndef LWK_MM_DIRECT_MAP_H
#define LWK_MM_DIRECT_MAP_H

#include "abi/layout.h"
#include "lwk/include/arch.h"

#define PAGE_SHIFT LWK_PAGE_SHIFT
#define PAGE_LEN (1ULL << PAGE_SHIFT)
#define LARGE_PAGE_LEN (1ULL << 21)
#define HUGE_PAGE_LEN (1ULL << 30)

/**
 * phys_to_virt() - where granted physical memory is mapped.
 * @pa: an address inside a granted chunk
 *
 * Context: any, once the direct map covers @pa.
 * Return: the pointer.
 */
static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(arch_direct_map_base() + pa);
}

/**
 * virt_to_phys() - the physical address behind a pointer into the direct map.
 * @ptr: a pointer into the direct map, not into the kernel image or vmap window
 *
 * Context: any.
 * Return: the physical address.
 */
static inline paddr_t virt_to_phys(const void *ptr)
{
	return (u64)ptr - arch_direct_map_base();
}

#endif
