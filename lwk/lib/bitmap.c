// SPDX-License-Identifier: GPL-2.0-only
/* Bitmaps and their notation as lists; see bitmap.h. */
#include "lwk/lib/bitmap.h"

#include "abi/errno.h"
#include "lwk/lib/parse.h"
#include "lwk/lib/printf.h"
#include "lwk/lib/string.h"

/* The bits [from, to) of one word; 0 <= from < to <= 64. */
static u64 word_mask(u64 from, u64 to)
{
	return (~0ULL << from) & (~0ULL >> (64 - to));
}

void bitmap_set_range(u64 *map, u64 start, u64 count)
{
	u64 end = start + count;
	u64 bit, stop;

	for (bit = start; bit < end; bit = stop) {
		stop = MIN((bit | 63) + 1, end);
		map[bit / 64] |= word_mask(bit % 64, stop - (bit & ~63ULL));
	}
}

void bitmap_clear_range(u64 *map, u64 start, u64 count)
{
	u64 end = start + count;
	u64 bit, stop;

	for (bit = start; bit < end; bit = stop) {
		stop = MIN((bit | 63) + 1, end);
		map[bit / 64] &= ~word_mask(bit % 64, stop - (bit & ~63ULL));
	}
}

/* The lowest bit not below @from that is set in map ^ flip, or @nbits. */
static u64 next_bit(const u64 *map, u64 nbits, u64 from, u64 flip)
{
	u64 word, base;

	if (from >= nbits)
		return nbits;
	base = from & ~63ULL;
	word = (map[base / 64] ^ flip) & (~0ULL << (from % 64));
	while (!word) {
		base += 64;
		if (base >= nbits)
			return nbits;
		word = map[base / 64] ^ flip;
	}
	return MIN(base + (u64)__builtin_ctzll(word), nbits);
}

u64 bitmap_next_set(const u64 *map, u64 nbits, u64 from)
{
	return next_bit(map, nbits, from, 0);
}

u64 bitmap_next_zero(const u64 *map, u64 nbits, u64 from)
{
	return next_bit(map, nbits, from, ~0ULL);
}

u64 bitmap_find_zero_run(const u64 *map, u64 nbits, u64 from, u64 count)
{
	u64 start = bitmap_next_zero(map, nbits, from);
	u64 end;

	while (start < nbits && count <= nbits - start) {
		end = bitmap_next_set(map, start + count, start);
		if (end == start + count)
			return start;
		start = bitmap_next_zero(map, nbits, end);
	}
	return nbits;
}

/* The kernel has no compiler library, which the builtin would call. */
static u64 count_bits(u64 word)
{
	u64 n = 0;

	for (; word; word &= word - 1)
		n++;
	return n;
}

u64 bitmap_weight(const u64 *map, u64 nbits)
{
	u64 words = nbits / 64;
	u64 weight = 0;
	u64 i;

	for (i = 0; i < words; i++)
		weight += count_bits(map[i]);
	if (nbits % 64)
		weight += count_bits(map[words] & word_mask(0, nbits % 64));
	return weight;
}

int bitmap_parse_list(u64 *map, u64 nbits, const char *list)
{
	u64 first, last;
	int err;

	bitmap_clear_range(map, 0, nbits);
	if (!*list || (list[0] == '\n' && !list[1]))
		return 0;
	for (;; list++) {
		err = parse_u64_at(&list, &first);
		if (err)
			return err;
		last = first;
		if (*list == '-') {
			list++;
			err = parse_u64_at(&list, &last);
			if (err)
				return err;
		}
		if (last < first)
			return -EINVAL;
		if (last >= nbits)
			return -ERANGE;
		bitmap_set_range(map, first, last - first + 1);
		if (*list != ',')
			break;
	}
	if (*list == '\n')
		list++;
	return *list ? -EINVAL : 0;
}

int bitmap_print_list(char *buf, size_t len, const u64 *map, u64 nbits)
{
	const char *comma = "";
	size_t pos = 0;
	u64 first, end;
	int n;

	buf[0] = '\0';
	for (first = bitmap_next_set(map, nbits, 0); first < nbits;
	     first = bitmap_next_set(map, nbits, end)) {
		end = bitmap_next_zero(map, nbits, first);
		if (end - first > 1)
			n = snprintf(buf + pos, len - pos, "%s%llu-%llu", comma,
				     first, end - 1);
		else
			n = snprintf(buf + pos, len - pos, "%s%llu", comma,
				     first);
		if ((size_t)n >= len - pos)
			return -E2BIG;
		pos += (size_t)n;
		comma = ",";
	}
	return (int)pos;
}
