// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes over a sound load descriptor. What is accepted must be a plan inside the window, whose
 * parts do not meet.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "lwk/include/mm/vm.h"
#include "tests/unit/program_sample.h"

#define NCPUS 4

static void check_region(const struct program_plan *plan, u32 i)
{
	const struct program_region *region = &plan->regions[i];

	FUZZ_CHECK(region->start >= LWK_USER_START && region->end <= LWK_USER_END);
	FUZZ_CHECK(region->start < region->end);
	FUZZ_CHECK(region->file_start >= region->start &&
		   region->file_end >= region->file_start && region->file_end <= region->end);
	FUZZ_CHECK(region->end <= plan->stack_low || region->start >= plan->stack_top);
}

static void check_plan(const struct program_load_desc *desc, const struct program_plan *plan)
{
	FUZZ_CHECK(plan->nregions == desc->nsections);
	FUZZ_CHECK(plan->stack_top <= LWK_USER_END && plan->stack_low < plan->args_start);
	FUZZ_CHECK(plan->args_start + desc->args_len <= plan->stack_top);
	FUZZ_CHECK(plan->mmap_base > LWK_USER_START && plan->mmap_base <= LWK_USER_END);
	FUZZ_CHECK(plan->entry < LWK_TASK_END);
	for (u32 i = 0; i < plan->nregions; i++)
		check_region(plan, i);
}

/* Pairs of bytes: where, and what. Lengths and counts are worth most. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct program_strings where = { 1, 2, 3 };
	struct program_load_desc desc = sample_dynamic();
	struct program_plan plan;
	struct program_auxv auxv;
	u8 *bytes = (u8 *)&desc;

	if (len && data[0] % 2)
		desc = sample_static();
	for (size_t i = 1; i + 3 <= len; i += 3)
		bytes[(data[i] << 8 | data[i + 1]) % sizeof(desc)] = data[i + 2];
	if (program_check(&desc, sizeof(desc), NCPUS) || program_plan(&desc, &plan))
		return 0;
	check_plan(&desc, &plan);
	program_auxv(&desc, &plan, &where, &auxv);
	return 0;
}
