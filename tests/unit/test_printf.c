// SPDX-License-Identifier: GPL-2.0-only
/* The library's formatted output against the C library's. */
#include "tests/unit/shim/rename.h"

#include "lwk/lib/printf.h"

#include "tests/unit/shim/unrename.h"

#include <string.h>

#include "tests/unit/unit.h"

#define ROUNDS 50000
#define BUF_LEN 128

/* The format is made at run time here, so the compiler cannot check it. */
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-security"

static struct unit_random rng = { 2 };

/* Compare both sides for one argument and a buffer of any length. */
#define COMPARE(fmt, arg)                                               \
	do {                                                            \
		char ours[BUF_LEN], theirs[BUF_LEN];                    \
		__typeof__(arg) value = (arg);                          \
		size_t len = unit_random(&rng, BUF_LEN);                \
		int our_ret, their_ret;                                 \
		memset(ours, 'x', BUF_LEN);                             \
		memset(theirs, 'x', BUF_LEN);                           \
		our_ret = lwk_snprintf(ours, len, fmt, value);          \
		their_ret = snprintf(theirs, len, fmt, value);          \
		if (our_ret != their_ret || memcmp(ours, theirs, len))  \
			printf("# format \"%s\": \"%.*s\" not \"%.*s\"\n", \
			       fmt, (int)len, ours, (int)len, theirs);  \
		CHECK_EQ(our_ret, their_ret);                           \
		CHECK(!len || !strcmp(ours, theirs));                   \
		CHECK(len == BUF_LEN || ours[len] == 'x');              \
	} while (0)

static void random_format(char *fmt, const char *modifier, const char *types)
{
	const char *p;

	*fmt++ = '<';
	*fmt++ = '%';
	for (p = "-0+ #"; *p; p++) {
		if (!unit_random(&rng, 3))
			*fmt++ = *p;
	}
	if (unit_random(&rng, 2))
		fmt += sprintf(fmt, "%llu", unit_random(&rng, 30) + 1);
	if (!unit_random(&rng, 3))
		fmt += sprintf(fmt, ".%llu", unit_random(&rng, 25));
	fmt += sprintf(fmt, "%s", modifier);
	*fmt++ = types[unit_random(&rng, strlen(types))];
	strcpy(fmt, ">");
}

/* Numbers of all magnitudes. */
static u64 random_number(void)
{
	u64 x = unit_random(&rng, ~0ULL);

	x >>= unit_random(&rng, 64);
	return unit_random(&rng, 4) ? x : -x;
}

static void integers(void)
{
	char fmt[40];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_format(fmt, "", "diuxXo");
		COMPARE(fmt, (int)random_number());
		random_format(fmt, "l", "diuxXo");
		COMPARE(fmt, (long)random_number());
		random_format(fmt, "ll", "diuxXo");
		COMPARE(fmt, (long long)random_number());
		random_format(fmt, "z", "diuxXo");
		COMPARE(fmt, (size_t)random_number());
		random_format(fmt, "h", "diuxXo");
		COMPARE(fmt, (int)random_number());
		random_format(fmt, "hh", "diuxXo");
		COMPARE(fmt, (int)random_number());
	}
}

static void strings(void)
{
	static const char *const words[] = { "", "a", "hello", "(null)",
					     "a longer text of several words" };
	char fmt[40];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_format(fmt, "", "s");
		/* Flags other than - are undefined for %s. */
		if (strpbrk(fmt, "0+# ") && strpbrk(fmt, "0+# ") < strpbrk(fmt, "123456789.s"))
			continue;
		COMPARE(fmt, words[unit_random(&rng, ARRAY_SIZE(words))]);
	}
	COMPARE("%c", (int)'x');
	COMPARE("%5c", 'x');
	COMPARE("%-5c|", 'x');
}

static void stars(void)
{
	char buf[BUF_LEN];

	lwk_snprintf(buf, sizeof(buf), "[%*d][%-*d][%*d]", 5, 1, 5, 2, -5, 3);
	CHECK(!strcmp(buf, "[    1][2    ][3    ]"));
	lwk_snprintf(buf, sizeof(buf), "[%.*s][%.*s]", 2, "abc", -1, "abc");
	CHECK(!strcmp(buf, "[ab][abc]"));
	lwk_snprintf(buf, sizeof(buf), "100%% of %s", "it");
	CHECK(!strcmp(buf, "100% of it"));
}

static void pointers(void)
{
	/* Volatile: the compiler must not see that it is NULL. */
	const char *volatile none = NULL;
	char buf[BUF_LEN];

	lwk_snprintf(buf, sizeof(buf), "%p", (void *)0xffff800012345678);
	CHECK(!strcmp(buf, "0xffff800012345678"));
	lwk_snprintf(buf, sizeof(buf), "%p", NULL);
	CHECK(!strcmp(buf, "0x0000000000000000"));
	lwk_snprintf(buf, sizeof(buf), "%s", none);
	CHECK(!strcmp(buf, "(null)"));
}

/* What is not understood stands there as it is, and takes no argument. */
static void unknown(void)
{
	static const char *const formats[] = {
		"a %y b %s", "%", "abc %", "%5", "%-08.", "%l", "%*", "%q %d",
		"%n", "%f %s", "%Lf", "%.*", "%\xff",
	};
	const char *volatile half_known = "%d %y %s";
	const char *volatile wide = "%99999999999999999999d";
	char buf[BUF_LEN];
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		ret = lwk_snprintf(buf, sizeof(buf), formats[i], 1);
		CHECK(!strcmp(buf, formats[i]));
		CHECK_EQ(ret, strlen(formats[i]));
	}
	ret = lwk_snprintf(buf, sizeof(buf), half_known, 7, "x");
	CHECK(!strcmp(buf, "7 %y %s"));
	ret = lwk_snprintf(NULL, 0, wide, 7);
	CHECK_EQ(ret, 65535);
}

static void appending(void)
{
	char buf[8];
	size_t pos = 0;

	pos += (size_t)scnprintf(buf + pos, sizeof(buf) - pos, "%s", "abc");
	CHECK_EQ(pos, 3);
	pos += (size_t)scnprintf(buf + pos, sizeof(buf) - pos, "%s", "defgh");
	CHECK_EQ(pos, 7);
	CHECK(!strcmp(buf, "abcdefg"));
	pos += (size_t)scnprintf(buf + pos, sizeof(buf) - pos, "%d", 1);
	CHECK_EQ(pos, 7);
	CHECK_EQ(scnprintf(buf, 0, "%d", 1), 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(integers), UNIT_TEST(strings),  UNIT_TEST(stars),
	UNIT_TEST(pointers), UNIT_TEST(unknown), UNIT_TEST(appending),
};

UNIT_MAIN(tests)
