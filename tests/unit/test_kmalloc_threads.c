// SPDX-License-Identifier: GPL-2.0-only
/* The small-object allocator with several CPUs that free each other's objects. */
#include "lwk/include/mm/kmalloc.h"

#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define CPUS 4
#define NODES 2
#define NODE_LEN (16ULL << 20)
#define ROUNDS 10000
#define SLOTS 256

static u64 *slots[SLOTS];

static u64 *swap(u64 slot, u64 *object)
{
	return __atomic_exchange_n(&slots[slot], object, __ATOMIC_ACQ_REL);
}

static u64 *obtain(struct unit_random *rng)
{
	u64 size = unit_random(rng, 1ULL << (4 + unit_random(rng, 10))) + 16;
	u64 *object = kmalloc(size);

	if (!object)
		return NULL;
	object[0] = (u64)object;
	object[size / 8 - 1] = (u64)object;
	return object;
}

static void release(u64 *object)
{
	CHECK(!object || object[0] == (u64)object);
	kfree(object);
}

static void churn(u32 cpu)
{
	struct unit_random rng = { 200 + cpu };
	u32 round;

	for (round = 0; round < ROUNDS; round++) {
		release(swap(unit_random(&rng, SLOTS), obtain(&rng)));
		if (round % 4 == 0)
			release(swap(unit_random(&rng, SLOTS), NULL));
		if (round % 2000 == 0)
			kmalloc_drain();
	}
}

static void passing_around(void)
{
	u64 before;
	u32 i;

	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	CHECK(!kmalloc_init());
	before = shim_free_pages();
	unit_threads(CPUS, churn);
	for (i = 0; i < SLOTS; i++)
		release(swap(i, NULL));
	CHECK_EQ(kmalloc_live(), 0);
	kmalloc_drain();
	CHECK_EQ(shim_free_pages(), before);
	for (i = 0; i < NODES; i++)
		page_check(i);
}

static const struct unit_test tests[] = {
	UNIT_TEST(passing_around),
};

UNIT_MAIN(tests)
