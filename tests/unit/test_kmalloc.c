// SPDX-License-Identifier: GPL-2.0-only
/* The small-object allocator: random use, misuse, failures. */
#include "lwk/include/mm/kmalloc.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define CPUS 3
#define NODES 2
#define NODE_LEN (16ULL << 20)
#define MAX_OBJECTS 5000

struct object {
	u8 *memory;
	u64 size;
	u8 tag;
};

static struct object objects[MAX_OBJECTS];
static u32 nobjects;

static void init(void)
{
	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	CHECK(!kmalloc_init());
}

static u64 random_size(struct unit_random *rng)
{
	u64 size = unit_random(rng, 1ULL << unit_random(rng, 14)) + 1;

	/* Some large ones, and the ends of the classes. */
	if (!unit_random(rng, 50))
		return unit_random(rng, 100000) + 1;
	if (!unit_random(rng, 8))
		return (16ULL << unit_random(rng, 9)) + unit_random(rng, 2);
	return size;
}

static void add_object(struct unit_random *rng)
{
	struct object o = { .size = random_size(rng) };
	u64 i;

	o.tag = (u8)unit_random(rng, 256);
	switch (unit_random(rng, 3)) {
	case 0:
		o.memory = kmalloc(o.size);
		break;
	case 1:
		o.memory = kmalloc_node(o.size, (u32)unit_random(rng, NODES));
		break;
	default:
		o.memory = kzalloc(o.size);
		for (i = 0; o.memory && i < o.size; i++)
			CHECK(!o.memory[i]);
	}
	if (!o.memory)
		return;
	CHECK(IS_ALIGNED((u64)o.memory, 16));
	if (!CONFIG_DEBUG && !(o.size & (o.size - 1)) && o.size >= 16)
		CHECK(IS_ALIGNED((u64)o.memory, MIN(o.size, 4096ULL)));
	memset(o.memory, o.tag, o.size);
	objects[nobjects++] = o;
}

static void remove_object(u32 i)
{
	struct object o = objects[i];
	u64 j;

	for (j = 0; j < o.size; j++)
		CHECK_EQ(o.memory[j], o.tag);
	objects[i] = objects[--nobjects];
	kfree(o.memory);
}

static void random_operations(void)
{
	struct unit_random rng = { 10 };
	struct kmalloc_stats stats;
	u32 round, cls, node;
	u64 before, pages;

	init();
	before = shim_free_pages();
	for (round = 0; round < 60000; round++) {
		shim_cpu.id = (u32)unit_random(&rng, CPUS);
		if (unit_random(&rng, 100) < (round / 10000 % 2 ? 45U : 55U)) {
			if (nobjects < MAX_OBJECTS)
				add_object(&rng);
		} else if (nobjects) {
			remove_object((u32)unit_random(&rng, nobjects));
		}
	}
	CHECK_EQ(kmalloc_live(), nobjects);
	pages = 0;
	for (cls = 0; cls <= KMALLOC_CLASS_COUNT; cls++) {
		kmalloc_class_stats(cls, &stats);
		CHECK(stats.live * stats.size <= stats.pages * PAGE_LEN);
		pages += stats.pages;
	}
	CHECK_EQ(pages, before - shim_free_pages());
	while (nobjects)
		remove_object(nobjects - 1);
	CHECK_EQ(kmalloc_live(), 0);
	kmalloc_drain();
	CHECK_EQ(shim_free_pages(), before);
	for (node = 0; node < NODES; node++)
		page_check(node);
}

static u64 small_pages(void)
{
	struct kmalloc_stats stats;
	u64 pages = 0;
	u32 cls;

	for (cls = 0; cls < KMALLOC_CLASS_COUNT; cls++) {
		kmalloc_class_stats(cls, &stats);
		pages += stats.pages;
	}
	return pages;
}

/* Slabs must not pile up on a CPU whose node has no memory left. */
static void other_nodes_memory(void)
{
	static void *ptrs[1000];
	u64 pages = 0;
	u32 round, i;

	init();
	while (page_alloc(0, 0, PAGE_ALLOC_STRICT))
		;
	for (round = 0; round < 5; round++) {
		for (i = 0; i < ARRAY_SIZE(ptrs); i++) {
			ptrs[i] = kmalloc(64);
			CHECK(ptrs[i]);
		}
		/* Red zones included, an object takes 96 bytes. */
		CHECK(small_pages() <= ARRAY_SIZE(ptrs) * 100 / PAGE_LEN + 1);
		CHECK(!round || small_pages() == pages);
		pages = small_pages();
		for (i = 0; i < ARRAY_SIZE(ptrs); i++)
			kfree(ptrs[i]);
	}
	CHECK_EQ(kmalloc_live(), 0);
	kmalloc_drain();
	CHECK_EQ(small_pages(), 0);
}

static void node_of_objects(void)
{
	struct page *page;
	void *a, *b;
	u32 i;

	init();
	for (i = 0; i < 100; i++) {
		shim_cpu.id = i % CPUS;
		a = kmalloc(100);
		b = kmalloc_node(100, 1);
		CHECK(a && b);
		page = page_of_paddr(virt_to_phys(a));
		CHECK_EQ(page_node(page), mm_cpu_node(shim_cpu.id));
		page = page_of_paddr(virt_to_phys(b));
		CHECK_EQ(page_node(page), 1);
		kfree(a);
		shim_cpu.id = (i + 1) % CPUS;
		kfree(b);
	}
	CHECK_EQ(kmalloc_live(), 0);
}

static void limits(void)
{
	void *ptr;

	init();
	CHECK(!kmalloc(0));
	CHECK(!kmalloc(KMALLOC_MAX + 1));
	CHECK(!kmalloc(~0ULL));
	CHECK(!kmalloc_node(8, NODES));
	CHECK(!kcalloc(1ULL << 33, 1ULL << 33));
	CHECK(!kcalloc(~0ULL, 2));
	/* The product wraps to 2. */
	CHECK(!kcalloc((1ULL << 63) + 1, 2));
	ptr = kmalloc(KMALLOC_MAX);
	CHECK(ptr);
	kfree(ptr);
	ptr = kcalloc(10, 10);
	CHECK(ptr);
	kfree(ptr);
	kfree(NULL);
	CHECK_EQ(kmalloc_live(), 0);
}

static void out_of_memory(void)
{
	u64 before, n = 0;
	void *ptr;
	void **list = NULL;

	init();
	before = shim_free_pages();
	while ((ptr = kmalloc(3000))) {
		*(void **)ptr = list;
		list = ptr;
		n++;
	}
	CHECK_EQ(kmalloc_live(), n);
	CHECK(n * 3000 > before * PAGE_LEN / 2);
	while (list) {
		ptr = list;
		list = *list;
		kfree(ptr);
	}
	CHECK_EQ(kmalloc_live(), 0);
	kmalloc_drain();
	CHECK_EQ(shim_free_pages(), before);
}

static void free_it(void *ptr)
{
	kfree(ptr);
}

static void free_twice(void *ptr)
{
	kfree(ptr);
	kfree(ptr);
}

static void write_behind(void *ptr)
{
	((u8 *)ptr)[50] = 1;
	kfree(ptr);
}

static void write_before(void *ptr)
{
	((u8 *)ptr)[-1] = 1;
	kfree(ptr);
}

static void write_after_free(void *ptr)
{
	kfree(ptr);
	memset(ptr, 1, 16);
	while (kmalloc(50))
		;
}

static void misuse(void)
{
	u8 *ptr, *large;
	int on_stack;

	init();
	ptr = kmalloc(50);
	large = kmalloc(20000);
	CHECK(ptr && large);
	CHECK(unit_panics(free_twice, ptr, "freed twice"));
	CHECK(unit_panics(free_it, ptr + 16, "not the start"));
	CHECK(unit_panics(free_it, ptr + 1, "not the start"));
	CHECK(unit_panics(free_it, large + 16, "not the start"));
	CHECK(unit_panics(free_it, large + 4096, "not allocated here"));
	CHECK(unit_panics(free_twice, large, "not allocated here"));
	CHECK(unit_panics(free_it, &on_stack, "not allocated here"));
	CHECK(unit_panics(free_it, phys_to_virt(SHIM_PADDR),
			  "not allocated here"));
	CHECK(unit_panics(write_after_free, ptr, "was written"));
	if (CONFIG_DEBUG) {
		CHECK(unit_panics(write_behind, ptr, "byte 50"));
		CHECK(unit_panics(write_before, ptr, "memory before"));
	}
	kfree(ptr);
	kfree(large);
	CHECK_EQ(kmalloc_live(), 0);
}

/* Three objects, all or nothing: as any constructor in the kernel does it. */
static bool make_three(void)
{
	void *a, *b, *c;

	a = kzalloc(40);
	if (!a)
		return false;
	b = kmalloc(1000);
	if (!b)
		goto free_a;
	c = kmalloc(50000);
	if (!c)
		goto free_b;
	kfree(c);
	kfree(b);
	kfree(a);
	return true;

free_b:
	kfree(b);
free_a:
	kfree(a);
	return false;
}

static void every_allocation_failing(void)
{
	u64 before, n;
	bool made;

	if (!CONFIG_DEBUG)
		return;
	shim_page_alloc_init(CPUS, NODES, NODE_LEN);
	before = shim_free_pages();
	for (n = 0;; n++) {
		shim_fail_nth(n);
		made = !kmalloc_init();
		if (!shim_failed())
			break;
		CHECK(!made);
		CHECK_EQ(shim_free_pages(), before);
	}
	CHECK(made);
	CHECK_EQ(n, CPUS);

	before = shim_free_pages();
	for (n = 0;; n++) {
		shim_fail_nth(n);
		made = make_three();
		if (!shim_failed())
			break;
		CHECK(!made);
		CHECK_EQ(kmalloc_live(), 0);
		kmalloc_drain();
		CHECK_EQ(shim_free_pages(), before);
	}
	CHECK(made);
	/* Each object asks once for itself and once for its pages. */
	CHECK_EQ(n, 6);
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_operations),
	UNIT_TEST(other_nodes_memory),
	UNIT_TEST(node_of_objects),
	UNIT_TEST(limits),
	UNIT_TEST(out_of_memory),
	UNIT_TEST(misuse),
	UNIT_TEST(every_allocation_failing),
};

UNIT_MAIN(tests)
