// SPDX-License-Identifier: GPL-2.0-only
/* The library's memory and string functions against the C library's. */
#include "tests/unit/shim/rename.h"

#include "lwk/lib/string.h"

#include "tests/unit/shim/unrename.h"

#include <string.h>

#include "abi/errno.h"
#include "tests/unit/unit.h"

#define ROUNDS 20000
#define BUF_LEN 300

static struct unit_random rng = { 1 };

static void fill(u8 *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = (u8)unit_random(&rng, 256);
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

/* All overlaps and lengths, across the length from which rep is used. */
static void copying(void)
{
	u8 ours[BUF_LEN], theirs[BUF_LEN];
	size_t from, to, len;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		fill(ours, BUF_LEN);
		memcpy(theirs, ours, BUF_LEN);
		from = unit_random(&rng, BUF_LEN);
		to = unit_random(&rng, BUF_LEN);
		len = unit_random(&rng, BUF_LEN - MAX(from, to) + 1);
		CHECK(lwk_memmove(ours + to, ours + from, len) == ours + to);
		memmove(theirs + to, theirs + from, len);
		CHECK(!memcmp(ours, theirs, BUF_LEN));

		if (from + len > to && to + len > from)
			continue;
		CHECK(lwk_memcpy(ours + to, ours + from, len) == ours + to);
		memcpy(theirs + to, theirs + from, len);
		CHECK(!memcmp(ours, theirs, BUF_LEN));
	}
}

static void setting(void)
{
	u8 ours[BUF_LEN], theirs[BUF_LEN];
	size_t at, len;
	int i, byte;

	for (i = 0; i < ROUNDS; i++) {
		fill(ours, BUF_LEN);
		memcpy(theirs, ours, BUF_LEN);
		at = unit_random(&rng, BUF_LEN);
		len = unit_random(&rng, BUF_LEN - at + 1);
		byte = (int)unit_random(&rng, 1024) - 512;
		CHECK(lwk_memset(ours + at, byte, len) == ours + at);
		memset(theirs + at, byte, len);
		CHECK(!memcmp(ours, theirs, BUF_LEN));
	}
}

/* Strings of few letters, so that equal beginnings are common. */
static void random_string(char *s, size_t max)
{
	size_t len = unit_random(&rng, max);
	size_t i;

	for (i = 0; i < len; i++)
		s[i] = "ab\xff"[unit_random(&rng, 3)];
	s[len] = '\0';
}

static void comparing(void)
{
	char a[12], b[12];
	size_t n;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_string(a, sizeof(a));
		random_string(b, sizeof(b));
		n = unit_random(&rng, sizeof(a) + 1);
		CHECK_EQ(sign(lwk_strcmp(a, b)), sign(strcmp(a, b)));
		CHECK_EQ(sign(lwk_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		CHECK_EQ(lwk_strlen(a), strlen(a));
		CHECK_EQ(lwk_strnlen(a, n), strnlen(a, n));
		CHECK(lwk_strchr(a, 'b') == strchr(a, 'b'));
		CHECK(lwk_strchr(a, 0) == strchr(a, 0));
		n = MIN(n, strlen(a));
		n = MIN(n, strlen(b));
		CHECK_EQ(sign(lwk_memcmp(a, b, n)), sign(memcmp(a, b, n)));
	}
}

static void copying_strings(void)
{
	char dst[8];

	memset(dst, 'x', sizeof(dst));
	CHECK_EQ(strscpy(dst, "abc", sizeof(dst)), 3);
	CHECK(!memcmp(dst, "abc\0xxxx", sizeof(dst)));
	CHECK_EQ(strscpy(dst, "1234567", sizeof(dst)), 7);
	CHECK(!strcmp(dst, "1234567"));
	CHECK_EQ(strscpy(dst, "12345678", sizeof(dst)), -E2BIG);
	CHECK(!strcmp(dst, "1234567"));
	CHECK_EQ(strscpy(dst, "a", 1), -E2BIG);
	CHECK_EQ(dst[0], '\0');
	CHECK_EQ(strscpy(dst, "", 1), 0);
	dst[0] = 'x';
	CHECK_EQ(strscpy(dst, "a", 0), -E2BIG);
	CHECK_EQ(dst[0], 'x');
}

static const struct unit_test tests[] = {
	UNIT_TEST(copying),
	UNIT_TEST(setting),
	UNIT_TEST(comparing),
	UNIT_TEST(copying_strings),
};

UNIT_MAIN(tests)
