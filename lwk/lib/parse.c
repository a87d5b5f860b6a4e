// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, sizes and words out of text; see parse.h. */
#include "lwk/lib/parse.h"

#include "abi/errno.h"
#include "lwk/lib/string.h"

#define NO_DIGIT 99

static u32 digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return NO_DIGIT;
}

int parse_u64_at(const char **pos, u64 *out)
{
	const char *s = *pos;
	u32 base = 10;
	u64 value = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	if (digit_value(*s) >= base)
		return -EINVAL;
	for (; digit_value(*s) < base; s++) {
		if (__builtin_mul_overflow(value, (u64)base, &value) ||
		    __builtin_add_overflow(value, (u64)digit_value(*s), &value))
			return -ERANGE;
	}
	*pos = s;
	*out = value;
	return 0;
}

int parse_u64(const char *s, u64 *out)
{
	u64 value;
	int err;

	err = parse_u64_at(&s, &value);
	if (err)
		return err;
	if (*s)
		return -EINVAL;
	*out = value;
	return 0;
}

int parse_u32(const char *s, u32 *out)
{
	u64 value;
	int err;

	err = parse_u64(s, &value);
	if (err)
		return err;
	if (value > ~(u32)0)
		return -ERANGE;
	*out = (u32)value;
	return 0;
}

/* The power of two of a size suffix; moves behind it. */
static u32 suffix_shift(const char **pos)
{
	static const char suffixes[] = "kKmMgGtT";
	const char *found = **pos ? strchr(suffixes, **pos) : NULL;

	if (!found)
		return 0;
	(*pos)++;
	return 10 * ((u32)(found - suffixes) / 2 + 1);
}

int parse_size(const char *s, u64 *out)
{
	u64 value;
	u32 shift;
	int err;

	err = parse_u64_at(&s, &value);
	if (err)
		return err;
	shift = suffix_shift(&s);
	if (*s)
		return -EINVAL;
	if (value > ~(u64)0 >> shift)
		return -ERANGE;
	*out = value << shift;
	return 0;
}

int parse_bool(const char *s, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "1", true },	{ "y", true },	{ "yes", true },
		{ "on", true }, { "true", true },
		{ "0", false }, { "n", false }, { "no", false },
		{ "off", false }, { "false", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(s, words[i].word)) {
			*out = words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}
