/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bitmaps of any length in arrays of u64, and their notation as lists, "0-3,5".
 *
 * Bit numbers run from 0 to nbits - 1; bits behind nbits in the last word are
 * never looked at nor changed. None of this is atomic.
 *
 * Context of all: any.
 */
#ifndef LWK_LIB_BITMAP_H
#define LWK_LIB_BITMAP_H

#include "lwk/include/compiler.h"

/** BITMAP_WORDS() - elements of a u64 array that holds @nbits bits. */
#define BITMAP_WORDS(nbits) DIV_ROUND_UP((u64)(nbits), 64)

/** bitmap_set() - set one bit. */
static inline void bitmap_set(u64 *map, u64 bit)
{
	map[bit / 64] |= 1ULL << (bit % 64);
}

/** bitmap_clear() - clear one bit. */
static inline void bitmap_clear(u64 *map, u64 bit)
{
	map[bit / 64] &= ~(1ULL << (bit % 64));
}

/** bitmap_test() - is this bit set? */
static inline bool bitmap_test(const u64 *map, u64 bit)
{
	return (map[bit / 64] >> (bit % 64)) & 1;
}

/**
 * bitmap_set_range() - set the bits [@start, @start + @count).
 * @map: bitmap
 * @start: first bit
 * @count: how many
 */
void bitmap_set_range(u64 *map, u64 start, u64 count);

/**
 * bitmap_clear_range() - clear the bits [@start, @start + @count).
 * @map: bitmap
 * @start: first bit
 * @count: how many
 */
void bitmap_clear_range(u64 *map, u64 start, u64 count);

/**
 * bitmap_next_set() - find a set bit.
 * @map: bitmap
 * @nbits: its length
 * @from: first candidate, may be beyond the end
 *
 * Return: the lowest set bit not below @from, or @nbits.
 */
u64 bitmap_next_set(const u64 *map, u64 nbits, u64 from);

/**
 * bitmap_next_zero() - find a clear bit.
 * @map: bitmap
 * @nbits: its length
 * @from: first candidate, may be beyond the end
 *
 * Return: the lowest clear bit not below @from, or @nbits.
 */
u64 bitmap_next_zero(const u64 *map, u64 nbits, u64 from);

/**
 * bitmap_find_zero_run() - find clear bits in a row.
 * @map: bitmap
 * @nbits: its length
 * @from: first candidate
 * @count: how many, not 0
 *
 * Return: the first bit of the lowest run not below @from, or @nbits.
 */
u64 bitmap_find_zero_run(const u64 *map, u64 nbits, u64 from, u64 count);

/**
 * bitmap_weight() - count the set bits.
 * @map: bitmap
 * @nbits: its length
 *
 * Return: the count.
 */
u64 bitmap_weight(const u64 *map, u64 nbits);

/**
 * bitmap_parse_list() - read a list such as "0-3,5".
 * @map: result, its first @nbits bits replaced; undefined on error
 * @nbits: its length
 * @list: numbers and ascending ranges, separated by commas; may be empty; a
 *	newline may follow
 *
 * Return: 0, -EINVAL for bad syntax, -ERANGE for a number not below @nbits.
 */
int bitmap_parse_list(u64 *map, u64 nbits, const char *list) __must_check;

/**
 * bitmap_print_list() - write a list such as "0-3,5".
 * @buf: buffer
 * @len: bytes of @buf, not 0; the result is always terminated
 * @map: bitmap
 * @nbits: its length
 *
 * Return: length of the list without the NUL, or -E2BIG if it was cut short.
 */
int bitmap_print_list(char *buf, size_t len, const u64 *map, u64 nbits);

/** bitmap_for_each() - visit all set bits in ascending order. */
#define bitmap_for_each(bit, map, nbits)                 \
	for (bit = bitmap_next_set(map, nbits, 0); bit < (nbits); \
	     bit = bitmap_next_set(map, nbits, bit + 1))

#endif
