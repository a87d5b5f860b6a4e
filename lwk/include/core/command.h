/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host tells a running LWK to do (BOOT_COMMAND_*).
 */
#ifndef LWK_CORE_COMMAND_H
#define LWK_CORE_COMMAND_H

/**
 * command_obey() - do what the host wants, if it wants anything.
 *
 * Does not return from STOP and HALT; returns from FREEZE when it is over.
 *
 * Context: handler of LWK_VEC_IKC, already acknowledged, interrupts off.
 */
void command_obey(void);

#endif
