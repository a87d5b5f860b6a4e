/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CPU does when it has nothing to do.
 */
#ifndef LWK_CORE_IDLE_H
#define LWK_CORE_IDLE_H

#include "lwk/include/compiler.h"

/**
 * idle_loop() - run what there is to run, clear freed memory, halt when there is neither, for ever.
 *
 * Context: the CPU's own stack; turns interrupts on.
 */
__noreturn void idle_loop(void);

#endif
