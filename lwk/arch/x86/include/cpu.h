/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One CPU's stacks, within the architecture.
 */
#ifndef X86_CPU_H
#define X86_CPU_H

#include "lwk/include/core/percpu.h"

/**
 * cpu_stack_guard() - the page below a CPU's kernel stack, which is not mapped.
 * @cpu: any CPU
 *
 * Context: any.
 * Return: its address; meaningless before arch_cpu_stacks().
 */
u64 cpu_stack_guard(const struct percpu *cpu);

#endif
