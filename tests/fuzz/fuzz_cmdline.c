// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text as a kernel command line. Values go on to the parsers of numbers,
 * sizes and lists: what they accept must survive being printed and parsed again.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "lwk/lib/bitmap.h"
#include "lwk/lib/cmdline.h"
#include "lwk/lib/parse.h"

#define NBITS 300

static const char *line_start, *line_end;

/* Every word must be a string within the line. */
static void check_word(const char *word)
{
	FUZZ_CHECK(word >= line_start && word <= line_end);
	FUZZ_CHECK(word + strlen(word) <= line_end);
}

static void check_list(const char *value)
{
	u64 map[BITMAP_WORDS(NBITS)] = { 0 };
	u64 again[BITMAP_WORDS(NBITS)] = { 0 };
	char text[4 * NBITS];

	if (bitmap_parse_list(map, NBITS, value))
		return;
	FUZZ_CHECK(bitmap_print_list(text, sizeof(text), map, NBITS) >= 0);
	FUZZ_CHECK(!bitmap_parse_list(again, NBITS, text));
	FUZZ_CHECK(!memcmp(map, again, sizeof(map)));
}

static void check_size(const char *value)
{
	char text[32];
	u64 size, number;

	if (parse_size(value, &size))
		return;
	snprintf(text, sizeof(text), "%llu", size);
	FUZZ_CHECK(!parse_u64(text, &number) && number == size);
}

static int set(const char *value, void *ctx)
{
	bool on;

	(void)ctx;
	if (!value)
		return 0;
	check_word(value);
	check_list(value);
	check_size(value);
	return parse_bool(value, &on);
}

static void report(enum cmdline_problem problem, const char *key,
		   const char *value, int err, void *ctx)
{
	(void)ctx;
	FUZZ_CHECK(err < 0);
	check_word(key);
	if (value)
		check_word(value);
	/* Keys that differ are not taken for the same. */
	FUZZ_CHECK((problem == CMDLINE_UNKNOWN) == (strcmp(key, "a") != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct cmdline_param params[] = { { "a", set, NULL } };
	static const struct cmdline_table table = { params, 1, report, NULL };
	char *line = malloc(len + 1);

	FUZZ_CHECK(line);
	if (len)
		memcpy(line, data, len);
	line[len] = '\0';
	line_start = line;
	line_end = line + len;
	FUZZ_CHECK(cmdline_parse(line, &table) <= 0);
	free(line);
	return 0;
}
