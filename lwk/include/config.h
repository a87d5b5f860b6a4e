/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every build-time constant of the LWK that somebody might want to change.
 * What can be decided at boot is a kernel argument instead, and bounds that other
 * parts of the project share are in abi/limits.h.
 */
#ifndef LWK_CONFIG_H
#define LWK_CONFIG_H

/*
 * CONFIG_DEBUG: 1 in a debug build (the Makefile passes it), else 0. Turns on
 * lock-rank checks, poisoning of freed memory and red zones. It is tested with
 * `if (CONFIG_DEBUG)`, so that both builds compile all code.
 */
#ifndef CONFIG_DEBUG
#define CONFIG_DEBUG 0
#endif

/*
 * So many calls of a thread may have small arguments in the slot (lwk/sys/small.c): together
 * about what it costs the first time that Linux reaches the program's memory.
 */
#define SMALL_CALLS 64

#endif
