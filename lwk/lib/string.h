/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and string functions. Those that C names behave as C says; compilers
 * call the first four of their own accord.
 *
 * Context of all: any.
 */
#ifndef LWK_LIB_STRING_H
#define LWK_LIB_STRING_H

#include "lwk/include/compiler.h"

void *memcpy(void *restrict dst, const void *restrict src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
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
