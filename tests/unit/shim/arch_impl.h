/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor as unit tests see it: a thread is a CPU, which has a number and
 * an interrupt flag that nothing but the checks look at. Physical memory is an
 * arena whose place shim.c decides.
 */
#ifndef UNIT_SHIM_ARCH_IMPL_H
#define UNIT_SHIM_ARCH_IMPL_H

#include <sched.h>

/** shim_cpu - this thread's CPU number and interrupt flag. */
extern _Thread_local struct shim_cpu {
	u32 id;
	bool irqs_off;
} shim_cpu;

/** shim_direct_base - what arch_direct_map_base() returns. */
extern u64 shim_direct_base;

static inline u64 arch_irq_save(void)
{
	u64 state = shim_cpu.irqs_off;

	shim_cpu.irqs_off = true;
	return state;
}

static inline void arch_irq_restore(u64 state)
{
	shim_cpu.irqs_off = state;
}

static inline bool arch_irqs_enabled(void)
{
	return !shim_cpu.irqs_off;
}

static inline u32 arch_cpu_id(void)
{
	return shim_cpu.id;
}

/* There may be fewer processors than threads: let the lock's holder run. */
static inline void arch_cpu_relax(void)
{
	sched_yield();
}

/** shim_clear_hook - what else happens while this CPU clears memory; NULL: nothing. */
extern _Thread_local void (*shim_clear_hook)(void);

static inline void arch_clear_uncached(void *start, u64 len)
{
	if (shim_clear_hook)
		shim_clear_hook();
	__builtin_memset(start, 0, len);
}

static inline u64 arch_direct_map_base(void)
{
	return shim_direct_base;
}

/** shim_tsc - what arch_tsc_ordered() returns; the test has it. */
extern u64 shim_tsc;

static inline u64 arch_tsc_ordered(void)
{
	return shim_tsc;
}

#endif
