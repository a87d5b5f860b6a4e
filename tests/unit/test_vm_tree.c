// SPDX-License-Identifier: GPL-2.0-only
/* The tree of ranges and its gaps, against an array of pages. */
#include "lwk/include/mm/vm_tree.h"

#include <string.h>

#include "tests/unit/unit.h"

#define PAGES 2048U
#define LEN 4096ULL
#define ROUNDS 20000
#define GUARD_PAGES (VM_GUARD_LEN / LEN)

static struct vm_tree tree;
static struct vm_node *owner[PAGES];

static struct vm_node *model_find(u64 page)
{
	for (; page < PAGES; page++) {
		if (owner[page])
			return owner[page];
	}
	return NULL;
}

static void model_set(u64 first, u64 end, struct vm_node *node)
{
	for (; first < end; first++)
		owner[first] = node;
}

static bool model_free(u64 first, u64 npages)
{
	const struct vm_node *above;
	u64 guard;

	for (u64 i = first; i < first + npages; i++) {
		if (owner[i])
			return false;
	}
	above = model_find(first + npages);
	guard = above && above->guarded ? GUARD_PAGES : 0;
	return !above || first + npages + guard <= above->start / LEN;
}

static void add(struct unit_random *rng)
{
	u64 first = unit_random(rng, PAGES);
	u64 npages = unit_random(rng, MIN(30ULL, PAGES - first)) + 1;
	struct vm_node *node;

	for (u64 i = first; i < first + npages; i++) {
		if (owner[i])
			return;
	}
	node = malloc(sizeof(*node));
	CHECK(node);
	memset(node, 0x5a, sizeof(*node));
	node->start = first * LEN;
	node->end = (first + npages) * LEN;
	node->guarded = !unit_random(rng, 50);
	vm_tree_insert(&tree, node);
	model_set(first, first + npages, node);
}

static void drop(struct vm_node *node)
{
	vm_tree_remove(&tree, node);
	model_set(node->start / LEN, node->end / LEN, NULL);
	free(node);
}

static void resize(struct unit_random *rng, struct vm_node *node)
{
	const struct vm_node *prev = vm_tree_prev(&tree, node);
	const struct vm_node *next = vm_tree_next(&tree, node);
	u64 low = prev ? prev->end / LEN : 0;
	u64 high = next ? next->start / LEN : PAGES;
	u64 start = low + unit_random(rng, high - low);
	u64 end = start + 1 + unit_random(rng, high - start);

	model_set(node->start / LEN, node->end / LEN, NULL);
	model_set(start, end, node);
	vm_tree_resize(&tree, node, start * LEN, end * LEN);
}

static void find_gap(struct unit_random *rng)
{
	struct vm_gap gap = {
		.low = unit_random(rng, PAGES) * LEN,
		.high = (unit_random(rng, PAGES) + 1) * LEN,
		.len = (unit_random(rng, 60) + 1) * LEN,
		.align = LEN << unit_random(rng, 6),
		.bottom_up = unit_random(rng, 2),
	};
	vaddr_t addr = 0, expected = 0;
	bool found = false;

	for (vaddr_t at = ALIGN_UP(gap.low, gap.align); at + gap.len <= gap.high;
	     at += gap.align) {
		if (!model_free(at / LEN, gap.len / LEN))
			continue;
		if (!found || !gap.bottom_up)
			expected = at;
		found = true;
	}
	CHECK_EQ(vm_tree_find_gap(&tree, &gap, &addr), found);
	if (found)
		CHECK_EQ(addr, expected);
}

static void random_use(void)
{
	struct unit_random rng = { 7 };
	struct vm_node *node;

	vm_tree_init(&tree, 0);
	for (u32 round = 0; round < ROUNDS; round++) {
		u64 page = unit_random(&rng, PAGES);

		node = vm_tree_find(&tree, page * LEN + unit_random(&rng, LEN));
		CHECK(node == model_find(page));
		/* Waves: now mostly filling, now mostly emptying. */
		if (unit_random(&rng, 4) < (round / 2000 % 2 ? 3 : 1))
			add(&rng);
		else if (node && unit_random(&rng, 3))
			drop(node);
		else if (node)
			resize(&rng, node);
		find_gap(&rng);
		if (round % 16 == 0)
			vm_tree_check(&tree);
	}
	while ((node = vm_tree_first(&tree)))
		drop(node);
	CHECK(!tree.root && !tree.count);
}

/* Ascending, descending: the orders that unbalance a plain tree. */
static void sorted_use(void)
{
	static struct vm_node nodes[PAGES];

	for (u32 descending = 0; descending < 2; descending++) {
		vm_tree_init(&tree, 0);
		for (u32 i = 0; i < PAGES; i++) {
			u32 at = descending ? PAGES - 1 - i : i;

			nodes[at].start = at * LEN;
			nodes[at].end = (at + 1) * LEN;
			vm_tree_insert(&tree, &nodes[at]);
		}
		vm_tree_check(&tree);
		CHECK(tree.root->height <= 16);
		for (u32 i = 0; i < PAGES; i += 2)
			vm_tree_remove(&tree, &nodes[i]);
		vm_tree_check(&tree);
	}
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_use),
	UNIT_TEST(sorted_use),
};

UNIT_MAIN(tests)
