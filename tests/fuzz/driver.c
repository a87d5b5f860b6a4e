// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a fuzzer without libFuzzer: each file of its corpus, then each cut short
 * at many places, then a fixed number of seeded mutations of them. The same on
 * every run. FUZZ_CORPUS is the folder.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "tests/unit/unit.h"

#define MAX_INPUTS 64
#define MAX_LEN 4096
#define MUTATIONS 500000

static struct input {
	u8 data[MAX_LEN];
	size_t len;
} inputs[MAX_INPUTS];
static size_t ninputs;

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void load_corpus(const char *folder)
{
	struct dirent **entries;
	char path[PATH_MAX];
	struct input *input;
	FILE *file;
	int i, n;

	n = scandir(folder, &entries, not_hidden, alphasort);
	CHECK(n > 0 && n <= MAX_INPUTS);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
			 entries[i]->d_name);
		file = fopen(path, "rb");
		CHECK(file);
		input = &inputs[ninputs++];
		input->len = fread(input->data, 1, MAX_LEN, file);
		CHECK(!ferror(file));
		fclose(file);
		free(entries[i]);
	}
	free(entries);
}

static void run_corpus(void)
{
	size_t i, len;

	load_corpus(FUZZ_CORPUS);
	for (i = 0; i < ninputs; i++) {
		for (len = 0; len <= inputs[i].len; len++)
			LLVMFuzzerTestOneInput(inputs[i].data, len);
	}
}

static void mutate(struct input *input, struct unit_random *rng)
{
	static const u8 interesting[] = { 0, 1, 0x7f, 0x80, 0xff, ' ', '"',
					  '=', '-', ',' };
	size_t at = unit_random(rng, input->len + 1);
	size_t from = unit_random(rng, input->len + 1);
	size_t len = unit_random(rng, 16);

	len = MIN(len, input->len - at);
	len = MIN(len, input->len - from);
	switch (unit_random(rng, 6)) {
	case 0:
		if (at < input->len)
			input->data[at] ^= 1U << unit_random(rng, 8);
		break;
	case 1:
		if (at < input->len)
			input->data[at] = (u8)unit_random(rng, 256);
		break;
	case 2:
		memset(input->data + at,
		       interesting[unit_random(rng, sizeof(interesting))], len);
		break;
	case 3:
		memmove(input->data + at, input->data + from, len);
		break;
	case 4:
		memmove(input->data + at, input->data + at + len,
			input->len - at - len);
		input->len -= len;
		break;
	default:
		if (input->len + len > MAX_LEN)
			break;
		memmove(input->data + at + len, input->data + at,
			input->len - at);
		input->len += len;
	}
}

static void run_mutations(void)
{
	struct unit_random rng = { 15 };
	static struct input input;
	size_t round, n;

	load_corpus(FUZZ_CORPUS);
	for (round = 0; round < MUTATIONS; round++) {
		input = inputs[unit_random(&rng, ninputs)];
		for (n = unit_random(&rng, 6) + 1; n; n--)
			mutate(&input, &rng);
		LLVMFuzzerTestOneInput(input.data, input.len);
	}
}

static const struct unit_test tests[] = {
	UNIT_TEST(run_corpus),
	UNIT_TEST(run_mutations),
};

UNIT_MAIN(tests)
