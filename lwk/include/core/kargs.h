/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel arguments. The table in lwk/core/kargs.c is the only list of them.
 */
#ifndef LWK_CORE_KARGS_H
#define LWK_CORE_KARGS_H

#include "lwk/include/types.h"

/**
 * struct kargs - what was asked for
 * @test_hooks: serve the port on which tests make the LWK fail
 * @yield_seed: of test_yield
 * @yield_period: of test_yield; 0: not asked for
 *
 * Set by kargs_parse(), constant afterwards.
 */
struct kargs {
	bool test_hooks;
	u32 yield_seed;
	u32 yield_period;
};

/**
 * kargs_parse() - take the arguments from the boot block.
 *
 * Arguments that nobody knows, and values that make no sense, are logged.
 *
 * Context: first CPU, once, after kmsg_init().
 */
void kargs_parse(void);

/**
 * kargs_get() - the arguments.
 *
 * Context: any, after kargs_parse().
 * Return: them.
 */
const struct kargs *kargs_get(void);

#endif
