// SPDX-License-Identifier: GPL-2.0-only
/* The early allocator against a model with one byte per page. */
#include "lwk/include/mm/early.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NPAGES 512U
#define MEMORY_LEN (NPAGES * PAGE_LEN)

enum model {
	NOT_GRANTED,
	UNUSED,
	TAKEN,
};

/* Kind and node of each page of the arena. */
static struct {
	u8 kind;
	u8 node;
} model[NPAGES];

static paddr_t pa_of(u64 index)
{
	return SHIM_PADDR + index * PAGE_LEN;
}

static u64 model_free_len(u32 node)
{
	u64 len = 0;
	u32 i;

	for (i = 0; i < NPAGES; i++) {
		if (model[i].kind == UNUSED &&
		    (node == EARLY_ANY_NODE || model[i].node == node))
			len += PAGE_LEN;
	}
	return len;
}

static bool model_overlaps(u64 start, u64 count)
{
	u64 i;

	for (i = start; i < start + count; i++) {
		if (model[i].kind != NOT_GRANTED)
			return true;
	}
	return false;
}

static void add_chunks(struct unit_random *rng)
{
	u64 start, count, i;
	u32 node, round;
	int err;

	for (round = 0; round < 60; round++) {
		start = unit_random(rng, NPAGES);
		count = unit_random(rng, MIN(NPAGES - start, 20ULL)) + 1;
		node = (u32)unit_random(rng, 3);
		err = early_add_chunk(pa_of(start), pa_of(start + count), node);
		CHECK_EQ(err, model_overlaps(start, count) ? -EEXIST : 0);
		for (i = start; !err && i < start + count; i++) {
			model[i].kind = UNUSED;
			model[i].node = (u8)node;
		}
	}
}

static void reserve_some(struct unit_random *rng)
{
	u64 start, count, i;
	u32 round;

	for (round = 0; round < 20; round++) {
		start = unit_random(rng, NPAGES);
		count = unit_random(rng, MIN(NPAGES - start, 10ULL)) + 1;
		/* Not aligned: rounded outwards. */
		CHECK(!early_reserve(pa_of(start) + unit_random(rng, 4096),
				     pa_of(start + count) -
					     unit_random(rng, count > 1 ? 4096 : 1)));
		for (i = start; i < start + count; i++) {
			if (model[i].kind == UNUSED)
				model[i].kind = TAKEN;
		}
	}
}

/* Could the model have given this? */
static bool model_has(u64 count, u64 align_pages, u32 node)
{
	u64 start, i;

	for (start = 0; start + count <= NPAGES; start++) {
		if ((pa_of(start) / PAGE_LEN) % align_pages)
			continue;
		for (i = start; i < start + count; i++) {
			if (model[i].kind != UNUSED ||
			    model[i].node != model[start].node ||
			    (node != EARLY_ANY_NODE && model[i].node != node))
				break;
		}
		if (i == start + count)
			return true;
	}
	return false;
}

static void allocate_all(struct unit_random *rng)
{
	static const u8 zeroes[4096];
	u64 count, align, start, i;
	u32 node, failures = 0;
	paddr_t pa;

	while (failures < 100) {
		count = unit_random(rng, 6) + 1;
		align = 1ULL << unit_random(rng, 4);
		node = (u32)unit_random(rng, 4);
		node = node == 3 ? EARLY_ANY_NODE : node;
		pa = early_alloc(count * PAGE_LEN - unit_random(rng, 4096),
				 align * PAGE_LEN, node);
		CHECK((pa != PADDR_NONE) == model_has(count, align, node));
		if (pa == PADDR_NONE) {
			failures++;
			continue;
		}
		CHECK(IS_ALIGNED(pa, align * PAGE_LEN));
		start = (pa - SHIM_PADDR) / PAGE_LEN;
		for (i = start; i < start + count; i++) {
			CHECK(model[i].kind == UNUSED);
			CHECK(node == EARLY_ANY_NODE || model[i].node == node);
			model[i].kind = TAKEN;
			CHECK(!memcmp(phys_to_virt(pa_of(i)), zeroes, 4096));
			memset(phys_to_virt(pa_of(i)), 0xff, 4096);
		}
		CHECK_EQ(early_free_len(node), model_free_len(node));
	}
}

static void against_model(void)
{
	struct unit_random rng;
	u32 node;

	shim_memory_init(MEMORY_LEN);
	/* Dirty memory, so that clearing is seen. */
	memset(phys_to_virt(SHIM_PADDR), 0xee, MEMORY_LEN);
	rng.state = 8;
	add_chunks(&rng);
	reserve_some(&rng);
	for (node = 0; node < 4; node++)
		CHECK_EQ(early_free_len(node), model_free_len(node));
	CHECK_EQ(early_free_len(EARLY_ANY_NODE),
		 model_free_len(EARLY_ANY_NODE));
	allocate_all(&rng);
}

static void window(void)
{
	shim_memory_init(MEMORY_LEN);
	CHECK(!early_add_chunk(pa_of(0), pa_of(100), 0));
	early_set_window(pa_of(40), pa_of(44));
	CHECK(early_alloc(PAGE_LEN, PAGE_LEN, 0) == pa_of(40));
	CHECK(early_alloc(PAGE_LEN, 2 * PAGE_LEN, 0) == pa_of(42));
	CHECK(early_alloc(2 * PAGE_LEN, PAGE_LEN, 0) == PADDR_NONE);
	CHECK(early_alloc(PAGE_LEN, PAGE_LEN, 0) == pa_of(41));
	CHECK(early_alloc(PAGE_LEN, PAGE_LEN, 0) == pa_of(43));
	CHECK(early_alloc(PAGE_LEN, PAGE_LEN, 0) == PADDR_NONE);
	early_set_window(0, PADDR_NONE);
	CHECK(early_alloc(90 * PAGE_LEN, PAGE_LEN, 0) == PADDR_NONE);
	CHECK(early_alloc(56 * PAGE_LEN, PAGE_LEN, 0) == pa_of(44));
	CHECK_EQ(early_free_len(0), 40 * PAGE_LEN);
}

static void bad_arguments(void)
{
	shim_memory_init(MEMORY_LEN);
	CHECK_EQ(early_add_chunk(pa_of(1), pa_of(1), 0), -EINVAL);
	CHECK_EQ(early_add_chunk(pa_of(2), pa_of(1), 0), -EINVAL);
	CHECK_EQ(early_add_chunk(pa_of(1) + 1, pa_of(2), 0), -EINVAL);
	CHECK_EQ(early_add_chunk(pa_of(1), pa_of(2) - 1, 0), -EINVAL);
	CHECK_EQ(early_add_chunk(pa_of(1), pa_of(2), IHK_MAX_NODES), -EINVAL);
	CHECK_EQ(early_add_chunk(0, IHK_PADDR_LIMIT + PAGE_LEN, 0), -EINVAL);
	CHECK_EQ(early_reserve(5, 5), -EINVAL);
	CHECK_EQ(early_reserve(6, 5), -EINVAL);
	CHECK(early_alloc(0, PAGE_LEN, 0) == PADDR_NONE);
	CHECK(early_alloc(~0ULL, PAGE_LEN, 0) == PADDR_NONE);
	CHECK(early_alloc(PAGE_LEN, PAGE_LEN, 0) == PADDR_NONE);
	CHECK_EQ(early_free_len(EARLY_ANY_NODE), 0);
}

/* As many chunks as allowed that cannot be joined, and one more. */
static void many_chunks(void)
{
	paddr_t pa = SHIM_PADDR;
	u32 i;

	for (i = 0; i < IHK_MAX_CHUNKS; i++, pa += 2 * PAGE_LEN)
		CHECK(!early_add_chunk(pa, pa + PAGE_LEN, 0));
	CHECK_EQ(early_add_chunk(pa, pa + PAGE_LEN, 0), -ENOSPC);
	CHECK_EQ(early_free_len(0), IHK_MAX_CHUNKS * PAGE_LEN);
	/* One that joins its neighbours needs no place. */
	CHECK(!early_add_chunk(SHIM_PADDR + PAGE_LEN,
			       SHIM_PADDR + 2 * PAGE_LEN, 0));
	CHECK(!early_add_chunk(pa, pa + PAGE_LEN, 0));
}

static const struct unit_test tests[] = {
	UNIT_TEST(against_model),
	UNIT_TEST(window),
	UNIT_TEST(bad_arguments),
	UNIT_TEST(many_chunks),
};

UNIT_MAIN(tests)
