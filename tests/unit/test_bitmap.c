// SPDX-License-Identifier: GPL-2.0-only
/* Bitmaps against an array of bools, and their notation as lists. */
#include "lwk/lib/bitmap.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

#define ROUNDS 20000
#define NBITS 200 /* not a multiple of 64 */
#define WORDS BITMAP_WORDS(NBITS)

struct pair {
	u64 map[WORDS];
	bool model[NBITS];
};

static void change(struct pair *p, struct unit_random *rng)
{
	u64 start = unit_random(rng, NBITS);
	u64 count = unit_random(rng, NBITS - start + 1);
	bool value = unit_random(rng, 2);
	u64 i;

	if (unit_random(rng, 2))
		count = MIN(count, 3ULL);
	if (value)
		bitmap_set_range(p->map, start, count);
	else
		bitmap_clear_range(p->map, start, count);
	for (i = start; i < start + count; i++)
		p->model[i] = value;
	start = unit_random(rng, NBITS);
	if (value)
		bitmap_clear(p->map, start);
	else
		bitmap_set(p->map, start);
	p->model[start] = !value;
}

static u64 model_next(const struct pair *p, u64 nbits, u64 from, bool value)
{
	while (from < nbits && p->model[from] != value)
		from++;
	return MIN(from, nbits);
}

static u64 model_zero_run(const struct pair *p, u64 nbits, u64 from, u64 count)
{
	u64 len = 0;

	for (; from < nbits; from++) {
		len = p->model[from] ? 0 : len + 1;
		if (len == count)
			return from + 1 - count;
	}
	return nbits;
}

static void operations(void)
{
	struct unit_random rng = { 4 };
	struct pair p = { { 0 }, { 0 } };
	u64 nbits, from, count, weight, i;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		change(&p, &rng);
		nbits = unit_random(&rng, NBITS) + 1;
		from = unit_random(&rng, NBITS + 5);
		count = unit_random(&rng, 20) + 1;
		CHECK_EQ(bitmap_next_set(p.map, nbits, from),
			 model_next(&p, nbits, from, true));
		CHECK_EQ(bitmap_next_zero(p.map, nbits, from),
			 model_next(&p, nbits, from, false));
		CHECK_EQ(bitmap_find_zero_run(p.map, nbits, from, count),
			 model_zero_run(&p, nbits, from, count));
		weight = 0;
		for (i = 0; i < nbits; i++) {
			CHECK_EQ(bitmap_test(p.map, i), p.model[i]);
			weight += p.model[i];
		}
		CHECK_EQ(bitmap_weight(p.map, nbits), weight);
		bitmap_for_each(i, p.map, nbits) {
			CHECK(p.model[i]);
			weight--;
		}
		CHECK_EQ(weight, 0);
	}
}

/* Bits behind the end are neither read nor written. */
static void past_the_end(void)
{
	u64 map[2] = { 0, ~0ULL << 10 };

	CHECK_EQ(bitmap_next_set(map, 74, 0), 74);
	CHECK_EQ(bitmap_weight(map, 74), 0);
	bitmap_set_range(map, 0, 74);
	CHECK(map[1] == ~0ULL);
	CHECK_EQ(bitmap_next_zero(map, 74, 0), 74);
	bitmap_clear_range(map, 0, 74);
	CHECK(map[0] == 0 && map[1] == ~0ULL << 10);
}

static void list_is(const char *list, u64 nbits, const char *want)
{
	u64 map[WORDS];
	char text[64];

	memset(map, 0xff, sizeof(map));
	CHECK_EQ(bitmap_parse_list(map, nbits, list), 0);
	CHECK_EQ(bitmap_print_list(text, sizeof(text), map, nbits),
		 strlen(want));
	CHECK(!strcmp(text, want));
}

static void lists(void)
{
	static const struct {
		const char *list;
		int err;
	} bad[] = {
		{ ",", -EINVAL },    { "1,", -EINVAL },	   { ",1", -EINVAL },
		{ "1-", -EINVAL },   { "-1", -EINVAL },	   { "3-1", -EINVAL },
		{ "1 2", -EINVAL },  { "a", -EINVAL },	   { "1-2-3", -EINVAL },
		{ "1,,2", -EINVAL }, { "1\n2", -EINVAL },  { "200", -ERANGE },
		{ "0-200", -ERANGE }, { "1-18446744073709551616", -ERANGE },
		{ "0-18446744073709551615", -ERANGE },
	};
	u64 map[WORDS] = { 0 };
	size_t i;

	list_is("", NBITS, "");
	list_is("\n", NBITS, "");
	list_is("0", NBITS, "0");
	list_is("0-3,5", NBITS, "0-3,5");
	list_is("5,0-3\n", NBITS, "0-3,5");
	list_is("1,2,3", NBITS, "1-3");
	list_is("3-3", NBITS, "3");
	list_is("0-199", NBITS, "0-199");
	list_is("63,64,127-129,199", NBITS, "63-64,127-129,199");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(bitmap_parse_list(map, NBITS, bad[i].list),
			 bad[i].err);
}

static void random_lists(void)
{
	struct unit_random rng = { 5 };
	char text[1024], again[1024];
	struct pair p = { { 0 }, { 0 } };
	u64 map[WORDS] = { 0 };
	int round, len;

	for (round = 0; round < 2000; round++) {
		change(&p, &rng);
		len = bitmap_print_list(text, sizeof(text), p.map, NBITS);
		CHECK_EQ(len, strlen(text));
		CHECK_EQ(bitmap_parse_list(map, NBITS, text), 0);
		CHECK(!memcmp(map, p.map, sizeof(map)));
		if (len)
			CHECK_EQ(bitmap_print_list(again, (size_t)len, map,
						   NBITS), -E2BIG);
	}
}

static const struct unit_test tests[] = {
	UNIT_TEST(operations),
	UNIT_TEST(past_the_end),
	UNIT_TEST(lists),
	UNIT_TEST(random_lists),
};

UNIT_MAIN(tests)
