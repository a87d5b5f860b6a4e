/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads as unit tests see them, in the place of lwk/arch's header of this name.
 */
#ifndef SHIM_ARCH_THREAD_H
#define SHIM_ARCH_THREAD_H

#include "lwk/include/types.h"

/** struct arch_thread - @ksp: what arch_switch() of the test understands */
struct arch_thread {
	u64 ksp;
};

#endif
