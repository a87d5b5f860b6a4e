/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, sizes and words out of text. Nothing is accepted halfway: the whole
 * string is valid, or the result is untouched.
 *
 * Context of all: any.
 */
#ifndef LWK_LIB_PARSE_H
#define LWK_LIB_PARSE_H

#include "lwk/include/compiler.h"

/**
 * parse_u64_at() - parse an unsigned number at the start of a string.
 * @pos: where to start; moved behind the number on success
 * @out: result
 *
 * Decimal, or hexadecimal after 0x; no sign, no white space.
 *
 * Return: 0, -EINVAL if there is no number, -ERANGE if it exceeds 64 bits.
 */
int parse_u64_at(const char **pos, u64 *out) __must_check;

/**
 * parse_u64() - parse a string that is an unsigned number.
 * @s: string
 * @out: result
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int parse_u64(const char *s, u64 *out) __must_check;

/**
 * parse_u32() - parse a string that is an unsigned number of 32 bits.
 * @s: string
 * @out: result
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int parse_u32(const char *s, u32 *out) __must_check;

/**
 * parse_size() - parse a number of bytes with an optional suffix.
 * @s: string: a number, then nothing or one of K M G T (powers of 1024, either
 *	case)
 * @out: result
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int parse_size(const char *s, u64 *out) __must_check;

/**
 * parse_bool() - parse a switch.
 * @s: one of 1 y yes on true, or 0 n no off false
 * @out: result
 *
 * Return: 0, -EINVAL.
 */
int parse_bool(const char *s, bool *out) __must_check;

#endif
