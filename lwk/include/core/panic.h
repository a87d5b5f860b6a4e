/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of an LWK. One CPU wins and reports; the others are stopped by NMI. All
 * wait for BOOT_COMMAND_HALT afterwards. panic() itself is in lwk/include/assert.h.
 */
#ifndef LWK_CORE_PANIC_H
#define LWK_CORE_PANIC_H

#include "lwk/include/assert.h"

/**
 * panic_under_way() - has any CPU panicked?
 *
 * Context: any.
 * Return: true if so.
 */
bool panic_under_way(void);

/**
 * panic_with_dump() - panic with a dump of the architecture's choice.
 * @dump: logs registers and back-trace
 * @arg: its argument
 * @fmt: the reason, without a newline
 *
 * Context: any, also NMI, with any lock held.
 */
__noreturn void panic_with_dump(void (*dump)(const void *arg), const void *arg, const char *fmt,
				...) __printf(3, 4);

/**
 * panic_on_nmi() - stop the calling CPU if another one panicked.
 * @dump: logs where this CPU was
 * @arg: its argument
 *
 * Context: NMI handler. Returns if there is nothing to stop for.
 */
void panic_on_nmi(void (*dump)(const void *arg), const void *arg);

#endif
