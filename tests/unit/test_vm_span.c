// SPDX-License-Identifier: GPL-2.0-only
/* Memory that is kept from outside its address space. */
#include "lwk/include/mm/vm_span.h"

#include <errno.h>
#include <string.h>

#include "lwk/include/mm/vm_calls.h"
#include "tests/unit/vm_one.h"

static struct vm_span span;

static int get(vaddr_t addr, bool write)
{
	return vm_span_get(vm, addr, write, &span);
}

/* What a program finds at an address. */
static u8 *look(struct vm *in, vaddr_t addr)
{
	u32 level;
	pte_t pte = vm_pt_lookup(in, addr, &level);

	CHECK(pte & PTE_PRESENT);
	return (u8 *)phys_to_virt(pte_paddr(pte) + (addr & (level_len(level) - 1)));
}

static void ends_where_its_page_does(void)
{
	init();
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(vm_advise(vm, BASE + LARGE_PAGE_LEN, LARGE_PAGE_LEN, MADV_NOHUGEPAGE), 0);
	CHECK_EQ(get(BASE + 100, true), 0);
	CHECK_EQ(span.len, LARGE_PAGE_LEN - 100);
	strcpy((char *)span.at, "large");
	vm_span_put(&span);
	CHECK(!strcmp((char *)look(vm, BASE + 100), "large"));
	CHECK_EQ(get(BASE + LARGE_PAGE_LEN + 100, false), 0);
	CHECK_EQ(span.len, PAGE_LEN - 100);
	CHECK_EQ(span.at[0], 0);
	vm_span_put(&span);
	fixture_destroy(&fixture);
}

/* One large page, two ranges, of which the second allows less. */
static void ends_where_its_range_does(void)
{
	init();
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	CHECK_EQ(vm_protect(vm, BASE + P(5), P(1), PROT_READ), 0);
	CHECK_EQ(get(BASE + P(4), true), 0);
	CHECK_EQ(span.len, P(1));
	vm_span_put(&span);
	CHECK_EQ(get(BASE + P(5), true), -EFAULT);
	CHECK_EQ(get(BASE + P(5), false), 0);
	CHECK_EQ(span.len, P(1));
	vm_span_put(&span);
	fixture_destroy(&fixture);
}

static void needs_the_very_access(void)
{
	init();
	CHECK_EQ(map(BASE, P(1), PROT_WRITE, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(1), P(1), PROT_READ, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(2), P(1), PROT_EXEC, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(3), P(1), PROT_NONE, PRIVATE), 0);
	/* The processor would let it be read. */
	CHECK_EQ(vm_fault(vm, BASE, VM_READ), 0);
	CHECK_EQ(get(BASE, false), -EFAULT);
	CHECK_EQ(get(BASE, true), 0);
	vm_span_put(&span);
	CHECK_EQ(get(BASE + P(1), true), -EFAULT);
	CHECK_EQ(get(BASE + P(1), false), 0);
	vm_span_put(&span);
	for (u32 i = 2; i < 5; i++) {
		CHECK_EQ(get(BASE + P(i), false), -EFAULT);
		CHECK_EQ(get(BASE + P(i), true), -EFAULT);
	}
	CHECK_EQ(get(BASE - 1, false), -EFAULT);
	CHECK_EQ(get(~0ULL, false), -EFAULT);
	fixture_destroy(&fixture);
}

static void grows_no_stack(void)
{
	init();
	CHECK_EQ(map(BASE + P(64), P(4), RW, PRIVATE | MAP_GROWSDOWN), 0);
	CHECK_EQ(get(BASE + P(64) - 8, true), -EFAULT);
	CHECK_EQ(vm_fault(vm, BASE + P(64) - 8, VM_WRITE), 0);
	CHECK_EQ(get(BASE + P(64) - 8, true), 0);
	vm_span_put(&span);
	fixture_destroy(&fixture);
}

static int no_fault(struct vm *in, const struct vm_range *range, vaddr_t addr, u32 access)
{
	(void)in;
	(void)range;
	(void)addr;
	(void)access;
	CHECK(false);
	return -EFAULT;
}

static void no_unmapped(struct vm *in, void *object, vaddr_t start, vaddr_t end)
{
	(void)in;
	(void)object;
	(void)start;
	(void)end;
}

static void no_object(void *object)
{
	(void)object;
}

static void tells_what_is_not_ours(void)
{
	static const struct vm_range_ops ops = {
		.fault = no_fault, .unmapped = no_unmapped, .get = no_object, .put = no_object,
	};
	const struct vm_map_args args = {
		.addr = BASE + P(1), .len = P(1), .prot = PROT_NONE, .flags = PRIVATE, .ops = &ops,
	};
	vaddr_t addr;

	init();
	CHECK_EQ(map(BASE, P(1), RW, PRIVATE), 0);
	CHECK_EQ(vm_map(vm, &args, &addr), 0);
	CHECK_EQ(get(BASE + P(1), false), -EXDEV);
	CHECK_EQ(get(BASE + P(1), true), -EXDEV);
	CHECK(!vm_is_foreign(vm, BASE, BASE + P(1)));
	CHECK(vm_is_foreign(vm, BASE, BASE + P(1) + 1));
	CHECK(!vm_is_foreign(vm, BASE + P(2), BASE + P(3)));
	fixture_destroy(&fixture);
}

static void outlives_its_address(void)
{
	u8 *at;

	init();
	CHECK_EQ(map(BASE, P(1), RW, PRIVATE), 0);
	CHECK_EQ(get(BASE, true), 0);
	at = span.at;
	strcpy((char *)at, "kept");
	CHECK_EQ(vm_unmap(vm, BASE, P(1)), 0);
	CHECK_EQ(map(BASE, P(1), RW, PRIVATE), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	CHECK(look(vm, BASE) != at);
	CHECK(!strcmp((char *)at, "kept"));
	vm_span_put(&span);
	fixture_destroy(&fixture);
}

/* Kept as a large page it stays one, whatever becomes of its parts. */
static void outlives_its_parts(void)
{
	struct vm *child;
	u8 *at;

	init();
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(get(BASE + P(3), true), 0);
	CHECK_EQ(span.len, LARGE_PAGE_LEN - P(3));
	at = span.at;
	strcpy((char *)at + P(4), "seventh");
	CHECK_EQ(vm_protect(vm, BASE + P(5), P(1), PROT_READ), 0);
	CHECK_EQ(vm_unmap(vm, BASE + P(3), P(1)), 0);
	CHECK_EQ(map(BASE + P(3), P(1), RW, PRIVATE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(3), VM_WRITE), 0);
	strcpy((char *)at, "kept");
	CHECK_EQ(*look(vm, BASE + P(3)), 0);
	CHECK_EQ(vm_fork(vm, true, &child), 0);
	strcpy((char *)at + P(4), "later");
	CHECK(!strcmp((char *)look(vm, BASE + P(7)), "later"));
	CHECK(!strcmp((char *)look(child, BASE + P(7)), "seventh"));
	vm_check(vm);
	vm_put(child);
	CHECK_EQ(vm_unmap(vm, BASE, LARGE_PAGE_LEN), 0);
	CHECK(!strcmp((char *)at, "kept"));
	vm_span_put(&span);
	fixture_destroy(&fixture);
}

/* Pages that are taken out of shared memory are taken from who keeps none. */
static void outlives_removal(void)
{
	init();
	CHECK_EQ(map(BASE, LARGE_PAGE_LEN, RW, MAP_SHARED | MAP_FIXED), 0);
	CHECK_EQ(get(BASE + P(3), true), 0);
	strcpy((char *)span.at, "kept");
	CHECK_EQ(vm_advise(vm, BASE + P(2), P(4), MADV_REMOVE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(3), VM_WRITE), 0);
	CHECK_EQ(*look(vm, BASE + P(3)), 0);
	strcpy((char *)span.at, "kept");
	CHECK_EQ(*look(vm, BASE + P(3)), 0);
	vm_span_put(&span);
	vm_check(vm);
	fixture_destroy(&fixture);
}

/* A child of fork(2) keeps what it got. */
static void is_nobody_elses(void)
{
	struct vm *child;

	init();
	CHECK_EQ(map(BASE, P(2), RW, PRIVATE), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	strcpy((char *)look(vm, BASE), "old");
	CHECK_EQ(vm_fork(vm, true, &child), 0);
	CHECK_EQ(get(BASE, true), 0);
	strcpy((char *)span.at, "new");
	vm_span_put(&span);
	CHECK(!strcmp((char *)look(vm, BASE), "new"));
	CHECK(!strcmp((char *)look(child, BASE), "old"));
	vm_put(child);
	/* Kept across the fork. */
	CHECK_EQ(get(BASE, true), 0);
	CHECK_EQ(vm_fork(vm, true, &child), 0);
	strcpy((char *)span.at, "later");
	vm_span_put(&span);
	CHECK(!strcmp((char *)look(vm, BASE), "later"));
	CHECK(!strcmp((char *)look(child, BASE), "new"));
	vm_put(child);
	fixture_destroy(&fixture);
}

static void shared_memory_is_everybodys(void)
{
	struct vm *child;

	init();
	CHECK_EQ(map(BASE, P(2), RW, MAP_SHARED | MAP_FIXED), 0);
	CHECK_EQ(vm_fork(vm, true, &child), 0);
	CHECK_EQ(vm_span_get(child, BASE, true, &span), 0);
	strcpy((char *)span.at, "all");
	vm_span_put(&span);
	CHECK_EQ(vm_fault(vm, BASE, VM_READ), 0);
	CHECK(!strcmp((char *)look(vm, BASE), "all"));
	vm_put(child);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(ends_where_its_page_does),
	UNIT_TEST(ends_where_its_range_does),
	UNIT_TEST(needs_the_very_access),
	UNIT_TEST(grows_no_stack),
	UNIT_TEST(tells_what_is_not_ours),
	UNIT_TEST(outlives_its_address),
	UNIT_TEST(outlives_its_parts),
	UNIT_TEST(outlives_removal),
	UNIT_TEST(is_nobody_elses),
	UNIT_TEST(shared_memory_is_everybodys),
};

UNIT_MAIN(tests)
