/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One CPU's stacks, within the architecture.
 */
#ifndef X86_CPU_H
#define X86_CPU_H

#include "lwk/include/core/percpu.h"

/** x86_smap - the processor has SMAP; for assembly. */
extern u8 x86_smap;

/**
 * cpu_stack_guard() - the page below the kernel stack of a CPU's idle loop, which is not mapped.
 * @cpu: any CPU
 *
 * Context: any.
 * Return: its address; meaningless before arch_cpu_stacks().
 */
u64 cpu_stack_guard(const struct percpu *cpu);

#endif
