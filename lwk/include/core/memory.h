/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bringing up memory from what the host granted.
 */
#ifndef LWK_CORE_MEMORY_H
#define LWK_CORE_MEMORY_H

/**
 * memory_init() - register granted memory, switch tables, start the allocators.
 *
 * Context: first CPU, once, on the bootstrap tables, after percpu_init_first().
 */
void memory_init(void);

/**
 * memory_log() - say which node has how much memory.
 *
 * Context: any but NMI, after memory_init().
 */
void memory_log(void);

#endif
