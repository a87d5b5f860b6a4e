// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory and string functions; see string.h.
 *
 * Long runs use the string instructions with 8-byte units: processors with fast
 * string operations treat them like the byte form, others and emulators take
 * an eighth of the steps. The empty asm in the loops keeps the compiler from
 * recognising a loop as the very function that it implements.
 */
#include "lwk/lib/string.h"

#include "abi/errno.h"

/* From this length on, rep movsq or rep stosq beats a loop. */
#define REP_MIN_LEN 64

/* Upwards: right also for overlapping ranges if dst is below src. */
static inline void copy_up(u8 *dst, const u8 *src, size_t len)
{
	size_t words = len / 8;
	u64 word;

	if (len >= REP_MIN_LEN) {
		__asm__ volatile("rep movsq"
				 : "+D"(dst), "+S"(src), "+c"(words)
				 :
				 : "memory");
		len %= 8;
	}
	for (; len >= sizeof(word); len -= sizeof(word)) {
		__builtin_memcpy(&word, src, sizeof(word));
		barrier();
		__builtin_memcpy(dst, &word, sizeof(word));
		src += sizeof(word);
		dst += sizeof(word);
	}
	while (len--) {
		barrier();
		*dst++ = *src++;
	}
}

/* Downwards: right also for overlapping ranges if dst is above src. */
static void copy_down(u8 *dst, const u8 *src, size_t len)
{
	u64 word;

	for (; len >= sizeof(word); len -= sizeof(word)) {
		__builtin_memcpy(&word, src + len - sizeof(word), sizeof(word));
		barrier();
		__builtin_memcpy(dst + len - sizeof(word), &word, sizeof(word));
	}
	while (len--) {
		barrier();
		dst[len] = src[len];
	}
}

void *memcpy(void *restrict dst, const void *restrict src, size_t len)
{
	copy_up(dst, src, len);
	return dst;
}

void *memmove(void *dst, const void *src, size_t len)
{
	if (dst <= src)
		copy_up(dst, src, len);
	else
		copy_down(dst, src, len);
	return dst;
}

void *memset(void *dst, int byte, size_t len)
{
	u64 pattern = (u8)byte * 0x0101010101010101ULL;
	size_t words = len / 8;
	u8 *to = dst;

	if (len >= REP_MIN_LEN) {
		__asm__ volatile("rep stosq"
				 : "+D"(to), "+c"(words)
				 : "a"(pattern)
				 : "memory");
		len %= 8;
	}
	for (; len >= sizeof(pattern); len -= sizeof(pattern)) {
		barrier();
		__builtin_memcpy(to, &pattern, sizeof(pattern));
		to += sizeof(pattern);
	}
	while (len--) {
		barrier();
		*to++ = (u8)byte;
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const u8 *x = a;
	const u8 *y = b;

	for (; len; len--, x++, y++) {
		barrier();
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len]) {
		barrier();
		len++;
	}
	return len;
}

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max; max--, a++, b++) {
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

s64 strscpy(char *dst, const char *src, size_t dst_len)
{
	size_t len = strnlen(src, dst_len);

	if (!dst_len)
		return -E2BIG;
	if (len < dst_len) {
		memcpy(dst, src, len + 1);
		return (s64)len;
	}
	memcpy(dst, src, dst_len - 1);
	dst[dst_len - 1] = '\0';
	return -E2BIG;
}
