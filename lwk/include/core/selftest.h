/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what CPUs do to each other, at the boot of a debug build. Unit tests
 * cannot have it: it needs real interrupts.
 */
#ifndef LWK_CORE_SELFTEST_H
#define LWK_CORE_SELFTEST_H

/**
 * selftest_run() - timer, strays, calls, TLB shoot-down; panics on a failure.
 *
 * Context: first CPU, all CPUs online and idle, interrupts off.
 */
void selftest_run(void);

#endif
