/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the generic code (lwk/lib, lwk/mm, lock checks) needs from the processor.
 *
 * The architecture gives arch_impl.h, found through the include path, with the
 * inline definitions: lwk/arch/x86/include/ for the LWK, tests/unit/shim/ for
 * unit tests. All of them must work from the first C line of every CPU on.
 */
#ifndef LWK_ARCH_H
#define LWK_ARCH_H

#include "lwk/include/compiler.h"

/**
 * arch_irq_save() - disable interrupts on this CPU.
 *
 * Context: any.
 * Return: an opaque word for arch_irq_restore().
 */
static inline u64 arch_irq_save(void);

/**
 * arch_irq_restore() - put the interrupt state back.
 * @state: what the matching arch_irq_save() returned
 *
 * Context: any, on the CPU of the matching arch_irq_save().
 */
static inline void arch_irq_restore(u64 state);

/**
 * arch_irqs_enabled() - can this CPU take a maskable interrupt now?
 *
 * Context: any.
 * Return: true if interrupts are enabled.
 */
static inline bool arch_irqs_enabled(void);

/**
 * arch_cpu_id() - the number of this CPU within the LWK.
 *
 * Context: any; the answer stays true only while the caller cannot move, that
 * is with interrupts disabled.
 * Return: 0 .. IHK_MAX_CPUS - 1.
 */
static inline u32 arch_cpu_id(void);

/**
 * arch_cpu_relax() - one turn of a bounded spin: tells the processor so.
 *
 * Context: any.
 */
static inline void arch_cpu_relax(void);

/**
 * arch_clear_uncached() - clear memory without bringing it into this CPU's caches.
 * @start: first byte, aligned to 64
 * @len: bytes, a multiple of 64
 *
 * Whatever the caller does next, other CPUs see it after the zeroes.
 *
 * Context: any.
 */
static inline void arch_clear_uncached(void *start, u64 len);

/**
 * arch_direct_map_base() - where the direct map of granted memory begins.
 *
 * Context: any.
 * Return: the number that, added to a granted physical address, gives its
 * virtual address. See lwk/include/mm/direct_map.h, which is what callers use.
 */
static inline u64 arch_direct_map_base(void);

/**
 * arch_tsc_ordered() - the time-stamp counter, after all that was read before.
 *
 * Context: any.
 * Return: its value.
 */
static inline u64 arch_tsc_ordered(void);

/**
 * arch_tlb_flush_kernel() - forget translations of a kernel range on all CPUs.
 * @start: first byte, page-aligned
 * @len: bytes, page-aligned
 *
 * Also drops cached pointers to page tables that served the range. On return
 * no CPU of this LWK can use a translation that was there before the call.
 *
 * Context: process or boot context, interrupts enabled once more than one CPU
 * runs, no spinlock held; may wait for other CPUs.
 */
void arch_tlb_flush_kernel(vaddr_t start, u64 len);

#include <arch_impl.h>

#endif
