/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user address spaces need from the processor; lwk/arch/ has the definitions.
 */
#ifndef LWK_ARCH_USER_H
#define LWK_ARCH_USER_H

#include "lwk/include/core/cpumask.h"

/**
 * arch_tlb_flush_user() - forget translations of a user range.
 * @cpus: CPUs that may use the address space; read after the caller's changes to
 *	the page tables, so that a CPU which enters meanwhile sees those
 * @root: physical address of its top table
 * @start: first byte, page-aligned
 * @len: bytes, page-aligned, not 0
 *
 * Also drops cached pointers to page tables that served the range. On return no
 * CPU can use a translation of the range that was there before the call.
 *
 * Context: process context, interrupts enabled, no spinlock held; waits for CPUs.
 */
void arch_tlb_flush_user(const struct cpumask *cpus, paddr_t root, vaddr_t start, u64 len);

#endif
