/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inline primitives of lwk/include/arch.h on x86-64.
 *
 * GS holds the address of the CPU's struct percpu from the first instruction on,
 * so arch_cpu_id() is right in every context.
 */
#ifndef ARCH_IMPL_H
#define ARCH_IMPL_H

#include "abi/layout.h"
#include "lwk/include/compiler.h"
#include "lwk/include/core/percpu_offsets.h"

#define X86_RFLAGS_IF (1ULL << 9)

static inline u64 arch_irq_save(void)
{
	u64 flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

static inline bool arch_irqs_enabled(void)
{
	u64 flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags) : : "memory");
	return flags & X86_RFLAGS_IF;
}

static inline void arch_irq_restore(u64 state)
{
	if (state & X86_RFLAGS_IF)
		__asm__ volatile("sti" : : : "memory");
	else
		__asm__ volatile("cli" : : : "memory");
}

static inline u32 arch_cpu_id(void)
{
	u32 id;

	__asm__ volatile("movl %%gs:%c1, %0" : "=r"(id) : "i"(PERCPU_ID));
	return id;
}

static inline void arch_cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void arch_clear_uncached(void *start, u64 len)
{
	u64 *line = start;

	for (; len; len -= 64, line += 8)
		__asm__ volatile("movnti %1, (%0); movnti %1, 8(%0); movnti %1, 16(%0); movnti %1, 24(%0);"
				 "movnti %1, 32(%0); movnti %1, 40(%0); movnti %1, 48(%0); movnti %1, 56(%0)"
				 : : "r"(line), "r"(0ULL) : "memory");
	/* Such stores keep no order: SDM volume 1, 10.4.6.2. */
	__asm__ volatile("sfence" : : : "memory");
}

static inline u64 arch_direct_map_base(void)
{
	return LWK_DIRECT_VA;
}

static inline u64 arch_tsc_ordered(void)
{
	u32 low, high;

	/* Linux's way, too, to have RDTSC wait. */
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

#endif
