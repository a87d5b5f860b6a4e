// SPDX-License-Identifier: GPL-2.0-only
/* Texts that Linux reads in parts: sets in its notations, and that parts make the whole. */
#include <string.h>

#include "abi/limits.h"
#include "lwk/lib/bitmap.h"
#include "lwk/proc/text.h"
#include "tests/unit/unit.h"

#define PAGE 4096

static u64 map[BITMAP_WORDS(IHK_MAX_LINUX_CPUS)];
static char page[PAGE];

typedef void (*show_fn)(struct text *text, const u64 *map, u32 nbits);

static void set(u64 first, u64 last)
{
	bitmap_set_range(map, first, last - first + 1);
}

static void clear(void)
{
	memset(map, 0, sizeof(map));
}

static u64 show(show_fn fn, u32 nbits, u64 offset, u64 len)
{
	struct text text = { .buf = (u8 *)page, .offset = offset, .len = len };

	memset(page, 0, sizeof(page));
	fn(&text, map, nbits);
	return text_kept(&text);
}

static void check(show_fn fn, u32 nbits, const char *wanted)
{
	CHECK_EQ(show(fn, nbits, 0, PAGE - 1), strlen(wanted));
	CHECK(!strcmp(page, wanted));
}

static void lists(void)
{
	clear();
	check(text_list, 1, "\n");
	check(text_list, 8, "\n");
	set(4, 7);
	check(text_list, 8, "4-7\n");
	check(text_list, 5, "4\n");
	set(1, 1);
	set(63, 64);
	check(text_list, 100, "1,4-7,63-64\n");
	check(text_list, 64, "1,4-7,63\n");
}

/* As many digits as Linux has for so many CPUs. */
static void masks(void)
{
	clear();
	check(text_bits, 1, "0\n");
	check(text_bits, 9, "000\n");
	set(4, 7);
	check(text_bits, 8, "f0\n");
	check(text_bits, 32, "000000f0\n");
	check(text_bits, 33, "0,000000f0\n");
	set(64, 64);
	check(text_bits, 65, "1,00000000,000000f0\n");
	check(text_bits, 128, "00000000,00000001,00000000,000000f0\n");
}

/* What sysfs can show in a page. */
static void large(void)
{
	clear();
	set(0, IHK_MAX_LINUX_CPUS - 1);
	CHECK_EQ(show(text_bits, IHK_MAX_LINUX_CPUS, 0, PAGE - 1), IHK_MAX_LINUX_CPUS / 32 * 9);
	CHECK_EQ(page[IHK_MAX_LINUX_CPUS / 32 * 9 - 1], '\n');
	check(text_list, IHK_MAX_LINUX_CPUS, "0-8191\n");
	clear();
	for (u64 cpu = 0; cpu < 1024; cpu += 2)
		set(cpu, cpu);
	CHECK(show(text_list, 1024, 0, PAGE - 1) < PAGE - 1);
	CHECK(!strcmp(page + strlen(page) - 5, "1022\n"));
}

static void parts(void)
{
	static const char whole[] = "1,4-7,63-64\n";
	const u64 len = sizeof(whole) - 1;

	clear();
	set(1, 1);
	set(4, 7);
	set(63, 64);
	for (u64 offset = 0; offset <= len + 1; offset++) {
		for (u64 n = 0; n <= len; n++) {
			u64 left = offset < len ? len - offset : 0;
			u64 kept = left < n ? left : n;

			CHECK_EQ(show(text_list, 100, offset, n), kept);
			CHECK(!memcmp(page, whole + (offset < len ? offset : len), kept));
			CHECK_EQ(page[kept], 0);
		}
	}
}

static const struct unit_test tests[] = {
	UNIT_TEST(lists),
	UNIT_TEST(masks),
	UNIT_TEST(large),
	UNIT_TEST(parts),
};

UNIT_MAIN(tests)
