/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks for what only a bug in this kernel can cause. Anything that a program
 * or the other kernel can cause gets an error return instead.
 */
#ifndef LWK_ASSERT_H
#define LWK_ASSERT_H

#include "lwk/include/compiler.h"
#include "lwk/include/config.h"

/**
 * panic() - stop all CPUs of this LWK for good and tell Linux why.
 * @fmt: message without a newline, for vsnprintf() of lwk/lib/printf.h
 *
 * Context: any, including NMI and with any lock held; takes no lock that an
 * interrupted holder could keep from it.
 */
__noreturn __cold void panic(const char *fmt, ...) __printf(1, 2);

/**
 * ASSERT() - panic unless @cond holds. Kept in release builds: the conditions
 * are cheap, and a kernel that goes on after a broken invariant loses data.
 */
#define ASSERT(cond)                                                     \
	do {                                                             \
		if (unlikely(!(cond)))                                   \
			panic("%s:%d: assertion failed: %s", __FILE__,   \
			      __LINE__, #cond);                          \
	} while (0)

/** DEBUG_ASSERT() - ASSERT() for conditions too costly for a release build. */
#define DEBUG_ASSERT(cond)            \
	do {                          \
		if (CONFIG_DEBUG)     \
			ASSERT(cond); \
	} while (0)

#endif
