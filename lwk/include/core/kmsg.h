/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log (abi/kmsg.h). Each message is one line "subsystem: words", without a
 * newline; level, time and CPU are put in front. Usable in every context.
 */
#ifndef LWK_CORE_KMSG_H
#define LWK_CORE_KMSG_H

#include "lwk/include/compiler.h"

/** enum kmsg_level - how much a message matters, as in syslog(2) */
enum kmsg_level {
	KMSG_CRIT = 2,
	KMSG_ERR = 3,
	KMSG_WARN = 4,
	KMSG_INFO = 6,
	KMSG_DEBUG = 7,
};

/** KMSG_LINE_LEN - longest line, with everything; longer ones are cut off. */
#define KMSG_LINE_LEN 256

#define log_crit(...) kmsg_print(KMSG_CRIT, __VA_ARGS__)
#define log_err(...) kmsg_print(KMSG_ERR, __VA_ARGS__)
#define log_warn(...) kmsg_print(KMSG_WARN, __VA_ARGS__)
#define log_info(...) kmsg_print(KMSG_INFO, __VA_ARGS__)
#define log_debug(...) kmsg_print(KMSG_DEBUG, __VA_ARGS__)

/**
 * kmsg_init() - find the ring.
 *
 * Context: first CPU, once, after boot_init(). Messages before are lost.
 */
void kmsg_init(void);

/**
 * kmsg_set_level() - leave out what matters less.
 * @level: largest enum kmsg_level that is still logged
 *
 * Context: any.
 */
void kmsg_set_level(u32 level);

/** kmsg_get_level() - what kmsg_set_level() set last, or its default. Context: any. */
u32 kmsg_get_level(void);

/**
 * kmsg_print() - log one line.
 * @level: how much it matters
 * @fmt: text without a newline
 *
 * Context: any, including NMI and panic, with any lock held.
 */
void kmsg_print(enum kmsg_level level, const char *fmt, ...) __printf(2, 3);

#endif
