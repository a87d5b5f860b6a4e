/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor's caches.
 */
#ifndef ARCH_X86_CACHE_H
#define ARCH_X86_CACHE_H

struct percpu;

/**
 * cache_init_cpu() - learn which caches a CPU has, and whom it shares them with.
 * @cpu: the calling CPU, not online yet
 *
 * Context: any.
 */
void cache_init_cpu(struct percpu *cpu);

#endif
