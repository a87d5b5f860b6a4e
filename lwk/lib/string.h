/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and string functions. Those that C names behave as C says; compilers
 * call the first four of their own accord. All may be called in any context.
 */
#ifndef LWK_LIB_STRING_H
#define LWK_LIB_STRING_H

#include "lwk/include/compiler.h"

/**
 * memcpy() - copy @len bytes between ranges that do not overlap.
 *
 * Return: @dst.
 */
void *memcpy(void *restrict dst, const void *restrict src, size_t len);

/**
 * memmove() - copy @len bytes between ranges that may overlap.
 *
 * Return: @dst.
 */
void *memmove(void *dst, const void *src, size_t len);

/**
 * memset() - fill @len bytes with the low eight bits of @byte.
 *
 * Return: @dst.
 */
void *memset(void *dst, int byte, size_t len);

/**
 * memcmp() - compare @len bytes.
 *
 * Return: below, equal to or above 0, as the first difference says.
 */
int memcmp(const void *a, const void *b, size_t len);

/**
 * strlen() - length of a string without the NUL.
 *
 * Return: the length.
 */
size_t strlen(const char *s);

/**
 * strnlen() - length of a string without the NUL, looking at @max bytes only.
 *
 * Return: the length, or @max.
 */
size_t strnlen(const char *s, size_t max);

/**
 * strcmp() - compare two strings.
 *
 * Return: below, equal to or above 0, as the first difference says.
 */
int strcmp(const char *a, const char *b);

/**
 * strncmp() - compare at most @max characters of two strings.
 *
 * Return: below, equal to or above 0, as the first difference says.
 */
int strncmp(const char *a, const char *b, size_t max);

/**
 * strchr() - find a character, which may be the closing NUL.
 *
 * Return: its first place in @s, or NULL.
 */
char *strchr(const char *s, int c);

/**
 * strscpy() - copy a string into a buffer, always terminating it.
 * @dst: buffer
 * @src: string
 * @dst_len: bytes of @dst, not 0
 *
 * Context: any.
 * Return: length of the copy without the NUL, or -E2BIG if it was cut short.
 */
s64 strscpy(char *dst, const char *src, size_t dst_len);

#endif
