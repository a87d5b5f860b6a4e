// SPDX-License-Identifier: GPL-2.0-only
/* What of an address space is in a core file: pages that are there. Asking makes none. */
#include "lwk/include/mm/vm_dump.h"

#include <errno.h>

#include "lwk/include/mm/vm_calls.h"
#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x40000000ULL
#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)
#define LEN P(4096)

static struct fixture fixture;
static struct vm *vm;

/* Small pages only, so that it is known which are there. */
static void init(u32 flags)
{
	vaddr_t addr;

	fixture = fixture_create(1, NODE_LEN);
	vm = fixture.vm;
	CHECK_EQ(fixture_map(vm, BASE, LEN, RW, flags | MAP_FIXED, &addr), 0);
	CHECK_EQ(vm_advise(vm, BASE, LEN, MADV_NOHUGEPAGE), 0);
}

static int touched(const struct vm_range *range, void *ctx)
{
	*(bool *)ctx = vm_range_is_touched(vm, range);
	return 0;
}

static bool is_touched(void)
{
	bool any = false;

	CHECK_EQ(vm_for_each_in(vm, BASE, BASE + LEN, touched, &any), 0);
	return any;
}

static void expect_pages(void)
{
	const struct vm_extent none = { 0 };
	struct vm_extent extent = none;

	CHECK_EQ(vm_fault(vm, BASE + P(5), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(3000), VM_WRITE), 0);
	/* Asked anywhere in a page. */
	CHECK_EQ(vm_share_touched(vm, BASE + P(5) + 9, &extent), 0);
	CHECK_EQ(extent.start, BASE + P(5));
	CHECK_EQ(extent.npages, 1);
	extent = none;
	CHECK_EQ(vm_share_touched(vm, BASE, &extent), -ENOENT);
	CHECK_EQ(extent.start, BASE + P(5));
	CHECK_EQ(vm_share_touched(vm, BASE + P(6), &extent), -ENOENT);
	CHECK_EQ(extent.start, BASE + P(3000));
	CHECK_EQ(vm_share_touched(vm, BASE + P(3001), &extent), -ENOENT);
	CHECK_EQ(extent.start, BASE + LEN);
	CHECK_EQ(vm_share_touched(vm, BASE + LEN, &extent), -EFAULT);
	CHECK_EQ(vm_share_touched(vm, BASE - 1, &extent), -EFAULT);
}

static void private_pages(void)
{
	init(MAP_PRIVATE);
	CHECK(!is_touched());
	expect_pages();
	CHECK(is_touched());
	CHECK_EQ(vm_pt_resident(vm, BASE, BASE + LEN), 2);
	fixture_destroy(&fixture);
}

/* Another address space may have touched it. The object has large pages. */
static void shared_pages(void)
{
	struct vm_extent extent;

	init(MAP_SHARED);
	CHECK(is_touched());
	CHECK_EQ(vm_share_touched(vm, BASE, &extent), -ENOENT);
	CHECK_EQ(extent.start, BASE + LEN);
	CHECK_EQ(vm_fault(vm, BASE + P(3000), VM_WRITE), 0);
	CHECK_EQ(vm_share_touched(vm, BASE, &extent), -ENOENT);
	CHECK_EQ(extent.start, BASE + P(2560));
	CHECK_EQ(vm_share_touched(vm, BASE + P(2560), &extent), 0);
	CHECK_EQ(vm_share_touched(vm, BASE + P(3072), &extent), -ENOENT);
	CHECK_EQ(extent.start, BASE + LEN);
	fixture_destroy(&fixture);
}

static void pages_without_access(void)
{
	struct vm_extent extent;

	init(MAP_PRIVATE);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	CHECK_EQ(vm_protect(vm, BASE, P(1), 0), 0);
	CHECK_EQ(vm_share_touched(vm, BASE, &extent), -EACCES);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(private_pages),
	UNIT_TEST(shared_pages),
	UNIT_TEST(pages_without_access),
};

UNIT_MAIN(tests)
