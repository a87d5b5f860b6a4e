/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted output into a buffer.
 *
 * Conversions: %c %s %d %i %u %o %x %X %p %%, with l, ll, z and h, hh; width and
 * precision, also as *; flags 0 - + space #. Anything else is printed as it
 * stands, and so is the rest of the format, because the arguments can no longer
 * be matched with it. A NULL string prints as (null).
 */
#ifndef LWK_LIB_PRINTF_H
#define LWK_LIB_PRINTF_H

#include "lwk/include/compiler.h"

/**
 * vsnprintf() - format into a buffer.
 * @buf: buffer, may be NULL if @len is 0
 * @len: bytes of @buf; if not 0, the result is always terminated
 * @fmt: format
 * @args: arguments
 *
 * Context: any.
 * Return: length that the whole result has without the NUL, also if cut short.
 */
int vsnprintf(char *buf, size_t len, const char *fmt, va_list args)
	__printf(3, 0);

/**
 * snprintf() - format into a buffer.
 * @buf: buffer, may be NULL if @len is 0
 * @len: bytes of @buf; if not 0, the result is always terminated
 * @fmt: format
 *
 * Context: any.
 * Return: length that the whole result has without the NUL, also if cut short.
 */
int snprintf(char *buf, size_t len, const char *fmt, ...) __printf(3, 4);

/**
 * scnprintf() - format into a buffer, for appending piece by piece.
 * @buf: buffer
 * @len: bytes of @buf
 * @fmt: format
 *
 * Context: any.
 * Return: length of what is in the buffer now without the NUL.
 */
int scnprintf(char *buf, size_t len, const char *fmt, ...) __printf(3, 4);

#endif
