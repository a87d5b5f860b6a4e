/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting all CPUs.
 */
#ifndef LWK_CORE_SMP_H
#define LWK_CORE_SMP_H

#include "lwk/include/compiler.h"

/**
 * smp_start() - bring up all other CPUs.
 *
 * Panics, naming the CPU, if one does not come.
 *
 * Context: first CPU, once, ready for interrupts.
 */
void smp_start(void);

/**
 * lwk_sibling() - first C code of a CPU other than the first.
 *
 * Context: its own stack, interrupts off.
 */
__noreturn void lwk_sibling(void);

#endif
