/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for addresses in the kernel's text, from a table made at build time
 * (lwk/tools/symbols).
 */
#ifndef LWK_CORE_SYMBOLS_H
#define LWK_CORE_SYMBOLS_H

#include "lwk/include/types.h"

/** SYMBOL_NAME_LEN - room for a name with offset and NUL. */
#define SYMBOL_NAME_LEN 64

/**
 * symbol_format() - write "function+offset" for an address.
 * @buf: SYMBOL_NAME_LEN bytes; becomes "?" if the address is in no function
 * @va: any number
 *
 * Context: any.
 */
void symbol_format(char *buf, vaddr_t va);

#endif
