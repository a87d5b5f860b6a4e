/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of the kernel, within the architecture.
 */
#ifndef X86_PAGING_H
#define X86_PAGING_H

#include "lwk/include/mm/pgtable.h"

/**
 * paging_flush_all() - forget all translations of the calling CPU, global ones too.
 *
 * Leaves CR4.PGE set.
 *
 * Context: any.
 */
void paging_flush_all(void);

#endif
