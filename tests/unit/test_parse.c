// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, sizes, words and the kernel command line. */
#include "lwk/lib/cmdline.h"
#include "lwk/lib/parse.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

#define ROUNDS 50000

static void numbers(void)
{
	struct unit_random rng = { 3 };
	char text[32];
	u64 x, out;
	u32 small;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		x = unit_random(&rng, ~0ULL) >> unit_random(&rng, 64);
		snprintf(text, sizeof(text), i & 1 ? "%llu" : "0x%llx", x);
		CHECK_EQ(parse_u64(text, &out), 0);
		CHECK(out == x);
		CHECK_EQ(parse_u32(text, &small), x >> 32 ? -ERANGE : 0);
		CHECK(x >> 32 || small == x);
	}
	CHECK_EQ(parse_u64("18446744073709551615", &out), 0);
	CHECK(out == ~0ULL);
	out = 5;
	CHECK_EQ(parse_u64("18446744073709551616", &out), -ERANGE);
	CHECK_EQ(parse_u64("99999999999999999999999", &out), -ERANGE);
	CHECK_EQ(parse_u64("0x10000000000000000", &out), -ERANGE);
	CHECK_EQ(parse_u64("", &out), -EINVAL);
	CHECK_EQ(parse_u64("-1", &out), -EINVAL);
	CHECK_EQ(parse_u64("+1", &out), -EINVAL);
	CHECK_EQ(parse_u64(" 1", &out), -EINVAL);
	CHECK_EQ(parse_u64("1 ", &out), -EINVAL);
	CHECK_EQ(parse_u64("12a", &out), -EINVAL);
	CHECK_EQ(parse_u64("0x", &out), -EINVAL);
	CHECK_EQ(parse_u64("0xg", &out), -EINVAL);
	CHECK_EQ(out, 5);
}

static void sizes(void)
{
	static const char suffixes[] = "kKmMgGtT";
	char text[32];
	u64 out;
	u32 i;

	for (i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "3%c", suffixes[i]);
		CHECK_EQ(parse_size(text, &out), 0);
		CHECK(out == 3ULL << (10 * (i / 2 + 1)));
	}
	CHECK_EQ(parse_size("4096", &out), 0);
	CHECK_EQ(out, 4096);
	CHECK_EQ(parse_size("0x10K", &out), 0);
	CHECK_EQ(out, 16384);
	CHECK_EQ(parse_size("16777215T", &out), 0);
	CHECK(out == 16777215ULL << 40);
	CHECK_EQ(parse_size("16777216T", &out), -ERANGE);
	CHECK_EQ(parse_size("17179869184G", &out), -ERANGE);
	CHECK_EQ(parse_size("1KB", &out), -EINVAL);
	CHECK_EQ(parse_size("1P", &out), -EINVAL);
	CHECK_EQ(parse_size("K", &out), -EINVAL);
	CHECK_EQ(parse_size("", &out), -EINVAL);
	CHECK_EQ(parse_size("1 K", &out), -EINVAL);
}

static void bools(void)
{
	bool out;

	CHECK(!parse_bool("on", &out) && out);
	CHECK(!parse_bool("0", &out) && !out);
	CHECK(!parse_bool("yes", &out) && out);
	CHECK(!parse_bool("false", &out) && !out);
	CHECK_EQ(parse_bool("", &out), -EINVAL);
	CHECK_EQ(parse_bool("ON ", &out), -EINVAL);
	CHECK_EQ(parse_bool("o", &out), -EINVAL);
}

/* What the words of a line are, as "key=value;" or "key;". */
static void words_are(const char *line, const char *want)
{
	char copy[128], got[256] = "";
	char *pos = copy;
	char *key, *value;

	CHECK(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	while (cmdline_next(&pos, &key, &value)) {
		strcat(got, key);
		if (value) {
			strcat(got, "=");
			strcat(got, value);
		}
		strcat(got, ";");
	}
	if (strcmp(got, want))
		printf("# <%s> gives <%s>, not <%s>\n", line, got, want);
	CHECK(!strcmp(got, want));
}

static void words(void)
{
	words_are("", "");
	words_are(" \t\n ", "");
	words_are("a", "a;");
	words_are(" a  b\tc\n", "a;b;c;");
	words_are("a=1 b= =c", "a=1;b=;=c;");
	words_are("a=b=c", "a=b=c;");
	words_are("a=\"x y\" b", "a=x y;b;");
	words_are("\"a=x y\" b", "a=x y;b;");
	words_are("a=\"\" b", "a=;b;");
	words_are("\"a b\"", "a b;");
	words_are("a=x\" \"y", "a=x\" \"y;");
	words_are("a=\"x y", "a=x y;");
	words_are("\"", ";");
	words_are("a -- b", "a;");
	words_are("--a b", "--a;b;");
}

struct calls {
	char text[256];
	int fail;
};

static int note(struct calls *calls, const char *what, const char *value)
{
	strcat(calls->text, what);
	strcat(calls->text, value ? value : "(none)");
	strcat(calls->text, ";");
	return calls->fail;
}

static int set_debug(const char *value, void *ctx)
{
	return note(ctx, "debug ", value);
}

static int set_mem_limit(const char *value, void *ctx)
{
	return note(ctx, "mem_limit ", value);
}

static void on_problem(enum cmdline_problem problem, const char *key,
		       const char *value, int err, void *ctx)
{
	struct calls *calls = ctx;
	char text[64];

	snprintf(text, sizeof(text), "%s %s %d ",
		 problem == CMDLINE_UNKNOWN ? "unknown" : "bad", key, err);
	note(calls, text, value);
}

static void parsing(void)
{
	struct calls calls = { .fail = 0 };
	const struct cmdline_param params[] = {
		{ "debug", set_debug, &calls },
		{ "mem_limit", set_mem_limit, &calls },
	};
	struct cmdline_table table = { params, ARRAY_SIZE(params), on_problem,
				       &calls };
	char line[] = "debug mem-limit=1 debugger xdebug=2 debug=3 deb";
	char bad[] = "mem_limit=x foo debug";

	CHECK_EQ(cmdline_parse(line, &table), 0);
	CHECK(!strcmp(calls.text,
		      "debug (none);mem_limit 1;unknown debugger -2 (none);"
		      "unknown xdebug -2 2;debug 3;unknown deb -2 (none);"));

	calls = (struct calls){ .fail = -EINVAL };
	CHECK_EQ(cmdline_parse(bad, &table), -EINVAL);
	CHECK(!strcmp(calls.text,
		      "mem_limit x;bad mem_limit -22 x;unknown foo -2 (none);"
		      "debug (none);bad debug -22 (none);"));
	table.report = NULL;
	CHECK_EQ(cmdline_parse(strcpy(bad, "nobody"), &table), 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(numbers), UNIT_TEST(sizes),	UNIT_TEST(bools),
	UNIT_TEST(words),   UNIT_TEST(parsing),
};

UNIT_MAIN(tests)
