/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the entry code calls C.
 */
#ifndef LWK_CORE_MAIN_H
#define LWK_CORE_MAIN_H

#include "lwk/include/compiler.h"

struct boot_block;

/**
 * lwk_start() - boot the LWK.
 * @block: the boot block, in the direct map
 *
 * Context: first CPU, bootstrap tables, interrupts off.
 */
__noreturn void lwk_start(struct boot_block *block);

#endif
