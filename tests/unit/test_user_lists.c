// SPDX-License-Identifier: GPL-2.0-only
/*
 * libihk's lists as text: CPUs, amounts of memory, IKC maps, flat environments. The
 * library's sources are included, since lwk/lib has files of the same names.
 */
#include "user/libihk/error.c"
#include "user/libihk/env.c"
#include "user/libihk/format.c"
#include "user/libihk/parse.c"

#include "tests/unit/unit.h"

#define ROUNDS 20000

/* The message quotes what is wrong. */
#define CHECK_SAYS(part) CHECK(strstr(ihk_error(), part))

static void cpus_good(void)
{
	int cpus[8];

	CHECK_EQ(ihk_parse_cpus("0", cpus, 8), 1);
	CHECK_EQ(cpus[0], 0);
	CHECK_EQ(ihk_parse_cpus("7,1,3-5", cpus, 8), 5);
	CHECK_EQ(cpus[0], 7);
	CHECK_EQ(cpus[1], 1);
	CHECK_EQ(cpus[2], 3);
	CHECK_EQ(cpus[4], 5);
	CHECK_EQ(ihk_parse_cpus("5-5", cpus, 8), 1);
	CHECK_EQ(ihk_parse_cpus("0001", cpus, 8), 1);
	CHECK_EQ(cpus[0], 1);
	CHECK_EQ(ihk_parse_cpus("65535", cpus, 8), 1);
	CHECK_EQ(ihk_parse_cpus("0-7", cpus, 8), 8);
}

static void cpus_bad(void)
{
	static const struct {
		const char *text;
		const char *says;
	} bad_lists[] = {
		{ "", "expected a number at its end" },
		{ ",", "expected a number at \",\"" },
		{ "1,", "expected a number at its end" },
		{ "1,,2", "expected a number at \",2\"" },
		{ "-1", "expected a number at \"-1\"" },
		{ "+1", "expected a number at \"+1\"" },
		{ " 1", "expected a number" },
		{ "1 ", "unexpected text at \" \"" },
		{ "1-", "expected a number at its end" },
		{ "1--2", "expected a number at \"-2\"" },
		{ "1-2-3", "unexpected text at \"-3\"" },
		{ "3-1", "range runs backwards at \"3-1\"" },
		{ "1,2,1", "CPU named twice at \"1\"" },
		{ "1-4,3", "CPU named twice at \"3\"" },
		{ "0x1", "unexpected text at \"x1\"" },
		{ "65536", "number too large at \"65536\"" },
		{ "99999999999999999999999999", "number too large" },
		{ "4294967297", "number too large" },
		{ "1;2", "unexpected text at \";2\"" },
		{ "a", "expected a number at \"a\"" },
	};
	int cpus[8];

	for (size_t i = 0; i < ARRAY_SIZE(bad_lists); i++) {
		CHECK_EQ(ihk_parse_cpus(bad_lists[i].text, cpus, 8), -EINVAL);
		CHECK_SAYS(bad_lists[i].says);
		CHECK_SAYS("bad CPU list");
	}
	CHECK_EQ(ihk_parse_cpus("0-8", cpus, 8), -E2BIG);
	CHECK_SAYS("more than 8 CPUs");
	CHECK_EQ(ihk_parse_cpus("0-65535", cpus, 8), -E2BIG);
}

static void sizes(void)
{
	uint64_t size;

	CHECK_EQ(ihk_parse_size("4096", &size), 0);
	CHECK_EQ(size, 4096);
	CHECK_EQ(ihk_parse_size("4k", &size), 0);
	CHECK_EQ(size, 4096);
	CHECK_EQ(ihk_parse_size("512M", &size), 0);
	CHECK_EQ(size, 512ULL << 20);
	CHECK_EQ(ihk_parse_size("3g", &size), 0);
	CHECK_EQ(size, 3ULL << 30);
	CHECK_EQ(ihk_parse_size("8388607T", &size), 0);
	CHECK_EQ(size, 8388607ULL << 40);
	CHECK_EQ(ihk_parse_size("8388608T", &size), -EINVAL);
	CHECK_SAYS("size too large at \"8388608T\"");
	CHECK_EQ(ihk_parse_size("9223372036854775808", &size), -EINVAL);
	CHECK_EQ(ihk_parse_size("18446744073709551616K", &size), -EINVAL);
	CHECK_EQ(ihk_parse_size("0", &size), -EINVAL);
	CHECK_SAYS("size is 0");
	CHECK_EQ(ihk_parse_size("4097", &size), -EINVAL);
	CHECK_SAYS("no multiple of 4K");
	CHECK_EQ(ihk_parse_size("1P", &size), -EINVAL);
	CHECK_SAYS("expected one of K, M, G, T at \"P\"");
	CHECK_EQ(ihk_parse_size("4KB", &size), -EINVAL);
	CHECK_SAYS("unexpected text at \"B\"");
	CHECK_EQ(ihk_parse_size("M", &size), -EINVAL);
	CHECK_EQ(ihk_parse_size("1.5G", &size), -EINVAL);
}

static void memory(void)
{
	struct ihk_mem_chunk chunks[4];

	CHECK_EQ(ihk_parse_mem("512M@0,1G@1", 0, chunks, 4), 2);
	CHECK_EQ(chunks[0].size, 512ULL << 20);
	CHECK_EQ(chunks[0].numa_node_number, 0);
	CHECK_EQ(chunks[1].size, 1ULL << 30);
	CHECK_EQ(chunks[1].numa_node_number, 1);
	CHECK_EQ(ihk_parse_mem("64M", 3, chunks, 4), 1);
	CHECK_EQ(chunks[0].numa_node_number, 3);
	CHECK_EQ(ihk_parse_mem("ALL", 3, chunks, 4), 1);
	CHECK(chunks[0].size == IHK_MEM_ALL);
	CHECK_EQ(chunks[0].numa_node_number, IHK_ANY_NODE);
	CHECK_EQ(ihk_parse_mem("all@2,64M@1", 0, chunks, 4), 2);
	CHECK_EQ(chunks[0].numa_node_number, 2);
	CHECK_EQ(ihk_parse_mem("64M@", 0, chunks, 4), -EINVAL);
	CHECK_SAYS("expected a number at its end");
	CHECK_EQ(ihk_parse_mem("64M@-1", 0, chunks, 4), -EINVAL);
	CHECK_EQ(ihk_parse_mem("64M@1024", 0, chunks, 4), -EINVAL);
	CHECK_SAYS("number too large at \"1024\"");
	CHECK_EQ(ihk_parse_mem("ALLES", 0, chunks, 4), -EINVAL);
	CHECK_SAYS("unexpected text at \"ES\"");
	CHECK_EQ(ihk_parse_mem("64M@0,", 0, chunks, 4), -EINVAL);
	CHECK_EQ(ihk_parse_mem("", 0, chunks, 4), -EINVAL);
	CHECK_EQ(ihk_parse_mem("4K,4K,4K,4K,4K", 0, chunks, 4), -E2BIG);
}

static void ikc_maps(void)
{
	struct ihk_ikc_cpu_map map[6];

	CHECK_EQ(ihk_parse_ikc_map("2-3:0+4:1", map, 6), 3);
	CHECK_EQ(map[1].src_cpu, 3);
	CHECK_EQ(map[1].dst_cpu, 0);
	CHECK_EQ(map[2].src_cpu, 4);
	CHECK_EQ(map[2].dst_cpu, 1);
	CHECK_EQ(ihk_parse_ikc_map("2,5:0", map, 6), 2);
	CHECK_EQ(ihk_parse_ikc_map("2", map, 6), -EINVAL);
	CHECK_SAYS("expected ':' and a Linux CPU at its end");
	CHECK_EQ(ihk_parse_ikc_map("2:", map, 6), -EINVAL);
	CHECK_EQ(ihk_parse_ikc_map("2:0+", map, 6), -EINVAL);
	CHECK_EQ(ihk_parse_ikc_map("2:0+2:1", map, 6), -EINVAL);
	CHECK_SAYS("CPU named twice");
	CHECK_EQ(ihk_parse_ikc_map("2:0-1", map, 6), -EINVAL);
	CHECK_EQ(ihk_parse_ikc_map("2:0,3:1", map, 6), -EINVAL);
	CHECK_EQ(ihk_parse_ikc_map("0-3:9+4-6:9", map, 6), -E2BIG);
}

static void numbers(void)
{
	uint64_t value;

	CHECK_EQ(ihk_parse_number("18446744073709551615", UINT64_MAX, "N", &value), 0);
	CHECK(value == UINT64_MAX);
	CHECK_EQ(ihk_parse_number("18446744073709551616", UINT64_MAX, "N", &value), -EINVAL);
	CHECK_EQ(ihk_parse_number("10", 9, "N", &value), -EINVAL);
	CHECK_EQ(ihk_parse_number("9", 9, "N", &value), 0);
	CHECK_EQ(ihk_parse_number("5", 3, "N", &value), -EINVAL);
	CHECK_EQ(ihk_parse_number("", 9, "N", &value), -EINVAL);
	CHECK_EQ(ihk_parse_number("1 ", 9, "count", &value), -EINVAL);
	CHECK_SAYS("bad count \"1 \"");
}

/* Random sets survive the way into text and back. */
static void cpus_round_trip(void)
{
	struct unit_random rng = { 11 };
	int cpus[64];
	int back[64];
	char text[512];
	int n;

	for (int round = 0; round < ROUNDS; round++) {
		n = 0;
		for (int cpu = 0; cpu < 64; cpu++)
			if (unit_random(&rng, 3))
				cpus[n++] = cpu;
		if (!n)
			continue;
		CHECK(ihk_format_cpus(cpus, n, text, sizeof(text)) > 0);
		CHECK_EQ(ihk_parse_cpus(text, back, 64), n);
		CHECK(!memcmp(cpus, back, n * sizeof(*cpus)));
	}
}

static void maps_round_trip(void)
{
	struct unit_random rng = { 12 };
	struct ihk_ikc_cpu_map map[16];
	struct ihk_ikc_cpu_map back[16];
	char text[512];

	for (int round = 0; round < ROUNDS; round++) {
		int n = 1 + unit_random(&rng, 16);

		for (int i = 0; i < n; i++)
			map[i] = (struct ihk_ikc_cpu_map){ 4 + i, unit_random(&rng, 4) };
		CHECK(ihk_format_ikc_map(map, n, text, sizeof(text)) > 0);
		CHECK_EQ(ihk_parse_ikc_map(text, back, 16), n);
		for (int i = 0; i < n; i++)
			CHECK_EQ(map[back[i].src_cpu - 4].dst_cpu, back[i].dst_cpu);
	}
}

/* Whatever fits is whole, whatever does not is refused: never cut off. */
static void formats_are_bounded(void)
{
	static const int cpus[] = { 1, 3, 4, 5, 100 };
	const struct ihk_mem_info mem[] = {
		{ .size = 4096, .node = 1 },
		{ .size = 8192, .node = 0 },
		{ .size = 4096, .node = 1 },
	};
	char text[32];

	CHECK_EQ(ihk_format_cpus(cpus, 5, text, sizeof(text)), 9);
	CHECK(!strcmp(text, "1,3-5,100"));
	for (size_t size = 0; size < 10; size++)
		CHECK_EQ(ihk_format_cpus(cpus, 5, text, size), -E2BIG);
	CHECK_EQ(ihk_format_cpus(cpus, 5, text, 10), 9);
	CHECK_EQ(ihk_format_cpus(cpus, 0, text, 1), 0);
	CHECK_EQ(ihk_format_mem(mem, 3, text, sizeof(text)), 13);
	CHECK(!strcmp(text, "8192@0,8192@1"));
	CHECK_EQ(ihk_format_mem(mem, 3, text, 13), -E2BIG);
}

/* Random text never crashes, and what is accepted is within bounds. */
static void noise(void)
{
	static const char letters[] = "0123456789-,:+@KMGTALLx ";
	struct unit_random rng = { 13 };
	struct ihk_mem_chunk chunks[4];
	struct ihk_ikc_cpu_map map[4];
	int cpus[4];
	char text[24];
	int n;

	for (int round = 0; round < 10 * ROUNDS; round++) {
		size_t len = unit_random(&rng, sizeof(text));

		for (size_t i = 0; i < len; i++)
			text[i] = letters[unit_random(&rng, sizeof(letters) - 1)];
		text[len] = '\0';
		n = ihk_parse_cpus(text, cpus, 4);
		CHECK(n == -EINVAL || n == -E2BIG || (n >= 1 && n <= 4));
		for (int i = 0; i < n; i++)
			CHECK(cpus[i] >= 0 && cpus[i] < 65536);
		n = ihk_parse_mem(text, 0, chunks, 4);
		CHECK(n == -EINVAL || n == -E2BIG || (n >= 1 && n <= 4));
		for (int i = 0; i < n; i++)
			CHECK(chunks[i].size && (chunks[i].size == IHK_MEM_ALL ||
						 !(chunks[i].size % 4096)));
		n = ihk_parse_ikc_map(text, map, 4);
		CHECK(n == -EINVAL || n == -E2BIG || (n >= 1 && n <= 4));
	}
}

static void environments(void)
{
	static const char env[] = "IHK_CPUSET=9\0IHK_CPUS=1-2\0EMPTY=\0IHK_MEM=64M";
	const char *value;
	char *large;

	CHECK_EQ(env_find(env, 4, "IHK_CPUS", &value), 0);
	CHECK(!strcmp(value, "1-2"));
	CHECK_EQ(env_find(env, 1, "IHK_CPUS", &value), 0);
	CHECK(!value);
	CHECK_EQ(env_find(env, 4, "EMPTY", &value), 0);
	CHECK(value && !*value);
	CHECK_EQ(env_need(env, 4, "IHK_MEM", &value), 0);
	CHECK_EQ(env_need(env, 3, "IHK_MEM", &value), -EINVAL);
	CHECK_SAYS("IHK_MEM");
	CHECK_EQ(env_find(NULL, 1, "A", &value), -EFAULT);
	CHECK_EQ(env_find(env, -1, "A", &value), -EINVAL);
	CHECK_EQ(env_find(env, 1025, "A", &value), -EINVAL);
	large = malloc(IHK_MAX_SIZE_ENV);
	CHECK(large);
	memset(large, 'x', IHK_MAX_SIZE_ENV);
	CHECK_EQ(env_find(large, 1, "A", &value), -EINVAL);
	large[IHK_MAX_SIZE_ENV - 1] = '\0';
	CHECK_EQ(env_find(large, 1, "A", &value), 0);
	CHECK_EQ(env_find(large, 2, "A", &value), -EINVAL);
	free(large);
}

static const struct unit_test tests[] = {
	UNIT_TEST(cpus_good),
	UNIT_TEST(cpus_bad),
	UNIT_TEST(sizes),
	UNIT_TEST(memory),
	UNIT_TEST(ikc_maps),
	UNIT_TEST(numbers),
	UNIT_TEST(cpus_round_trip),
	UNIT_TEST(maps_round_trip),
	UNIT_TEST(formats_are_bounded),
	UNIT_TEST(noise),
	UNIT_TEST(environments),
};

UNIT_MAIN(tests)
