/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU data as unit tests see it, in the place of lwk/arch's header of this
 * name. A test that looks at its struct percpu defines shim_this_cpu().
 */
#ifndef UNIT_SHIM_ARCH_CPU_H
#define UNIT_SHIM_ARCH_CPU_H

/** struct arch_cpu - the processor's own tables: none here */
struct arch_cpu {
	int unused;
};

/**
 * shim_this_cpu() - data of the simulated CPU that runs now.
 *
 * Return: its struct percpu.
 */
void *shim_this_cpu(void);

static inline void *arch_this_cpu(void)
{
	return shim_this_cpu();
}

#endif
