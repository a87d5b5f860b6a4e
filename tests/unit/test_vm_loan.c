// SPDX-License-Identifier: GPL-2.0-only
/* Frames that Linux lends: installing, upgrading, recalling; ranges that are not the program's. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>

#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x40000000ULL
#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)
/* Frames outside granted memory. */
#define FRAME(n) (0x8000000000ULL + P(n))

static struct fixture fixture;
static struct vm *vm;
static u64 unmapped_len;

static int fault(struct vm *space, const struct vm_range *range, vaddr_t addr, u32 access)
{
	(void)space;
	(void)range;
	(void)addr;
	(void)access;
	return -EAGAIN;
}

static void unmapped(struct vm *space, void *object, vaddr_t start, vaddr_t end)
{
	(void)space;
	(void)object;
	unmapped_len += end - start;
}

static void no_object(void *object)
{
	(void)object;
}

static const struct vm_range_ops ops = { fault, unmapped, no_object, no_object };

static int map_linux(vaddr_t addr, u64 len, u32 prot, vaddr_t limit)
{
	const struct vm_map_args args = {
		.addr = addr, .len = len, .prot = prot, .flags = MAP_SHARED | MAP_FIXED,
		.ops = &ops, .limit = limit,
	};
	vaddr_t out;

	return vm_map(vm, &args, &out);
}

static void init(void)
{
	fixture = fixture_create(1, NODE_LEN);
	vm = fixture.vm;
	CHECK_EQ(map_linux(BASE, P(8), RW, 0), 0);
}

static int lend_around(vaddr_t addr, vaddr_t start, u32 npages, u64 seq, const u64 *frames)
{
	const struct vm_loan loan = { &ops, addr, start, npages, seq, frames };

	return vm_install_loan(vm, &loan);
}

static int lend(vaddr_t start, u32 npages, u64 seq, const u64 *frames)
{
	return lend_around(start, start, npages, seq, frames);
}

static paddr_t mapped_frame(vaddr_t addr)
{
	u32 level;
	pte_t pte = vm_pt_lookup(vm, addr, &level);

	return vm_pte_is_leaf(pte, level) ? pte_paddr(pte) : 0;
}

static void loans_are_mapped(void)
{
	const u64 frames[] = { FRAME(0), FRAME(1) | VM_LOAN_WRITE, FRAME(7), FRAME(9) };

	init();
	CHECK_EQ(vm_fault(vm, BASE, VM_READ), -EAGAIN);
	CHECK_EQ(lend(BASE, 3, 0, frames), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_READ), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), -EAGAIN);
	CHECK_EQ(vm_fault(vm, BASE + P(1), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(1), VM_EXEC), -EACCES);
	CHECK_EQ(mapped_frame(BASE + P(2)), FRAME(7));
	/* What goes beyond the range is left out. */
	CHECK_EQ(lend(BASE + P(6), 4, 0, frames), 0);
	CHECK_EQ(mapped_frame(BASE + P(7)), FRAME(1));
	CHECK_EQ(mapped_frame(BASE + P(8)), 0);
	fixture_destroy(&fixture);
}

static void loans_lie_around_what_is_needed(void)
{
	const u64 frames[] = { FRAME(0), FRAME(1), FRAME(2) + 16, FRAME(3), FRAME(4) };
	const u64 bad[] = { FRAME(0), FRAME(1) + 16, FRAME(2) };

	init();
	/* It is not the first, and the one before it is not the range's. */
	CHECK_EQ(lend_around(BASE + P(1), BASE - P(1), 3, 0, bad), 0);
	CHECK_EQ(mapped_frame(BASE - P(1)), 0);
	CHECK_EQ(mapped_frame(BASE + P(1)), FRAME(2));
	/* What is needed comes first; with the others it ends at one that cannot be. */
	CHECK_EQ(lend_around(BASE + P(5), BASE + P(2), 5, 0, frames), 0);
	CHECK_EQ(mapped_frame(BASE + P(3)), FRAME(1));
	CHECK_EQ(mapped_frame(BASE + P(4)), 0);
	CHECK_EQ(mapped_frame(BASE + P(5)), FRAME(3));
	CHECK_EQ(lend_around(BASE + P(4), BASE + P(3), 3, 0, bad), -EIO);
	CHECK_EQ(lend_around(BASE + P(8), BASE + P(7), 2, 0, frames), -EFAULT);
	CHECK_EQ(mapped_frame(BASE + P(7)), 0);
	fixture_destroy(&fixture);
}

static void loans_become_writable(void)
{
	const u64 ro = FRAME(3);
	const u64 rw = FRAME(3) | VM_LOAN_WRITE;
	const u64 other = FRAME(4) | VM_LOAN_WRITE;

	init();
	CHECK_EQ(lend(BASE, 1, 0, &ro), 0);
	CHECK_EQ(lend(BASE, 1, 0, &rw), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	/* Neither back, nor to another frame: that takes a recall. */
	CHECK_EQ(lend(BASE, 1, 0, &ro), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), 0);
	CHECK_EQ(lend(BASE, 1, 0, &other), 0);
	CHECK_EQ(mapped_frame(BASE), FRAME(3));
	fixture_destroy(&fixture);
}

/* Also if the loan does not allow that, and only where the range allows anything. */
static void what_may_be_written_may_be_read(void)
{
	const u64 frame = FRAME(3);

	init();
	CHECK_EQ(vm_protect(vm, BASE, P(8), PROT_WRITE), 0);
	CHECK_EQ(lend(BASE, 1, 0, &frame), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_READ), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), -EAGAIN);
	vm_check(vm);
	CHECK_EQ(vm_protect(vm, BASE, P(8), PROT_NONE), 0);
	CHECK_EQ(lend(BASE, 1, 0, &frame), 0);
	CHECK_EQ(vm_fault(vm, BASE, VM_READ), -EACCES);
	vm_check(vm);
	fixture_destroy(&fixture);
}

/* As Linux has it in its own entry: PWT, PCD and PAT, bits 3, 4 and 7. */
static void loans_have_a_memory_type(void)
{
	static const u64 bits[] = { 0, 0x8, 0x10, 0x18, 0x80, 0x88, 0x90, 0x98 };
	u32 level;
	u64 frame;

	init();
	for (u64 type = 0; type < ARRAY_SIZE(bits); type++) {
		frame = FRAME(type) | type << VM_LOAN_TYPE_SHIFT;
		CHECK_EQ(lend(BASE + P(type), 1, 0, &frame), 0);
		CHECK_EQ(vm_pt_lookup(vm, BASE + P(type), &level) & 0x98, bits[type]);
		CHECK_EQ(mapped_frame(BASE + P(type)), FRAME(type));
		CHECK_EQ(vm_fault(vm, BASE + P(type), VM_WRITE), -EAGAIN);
		frame |= VM_LOAN_WRITE;
		CHECK_EQ(lend(BASE + P(type), 1, 0, &frame), 0);
		CHECK_EQ(vm_fault(vm, BASE + P(type), VM_WRITE), 0);
		CHECK_EQ(vm_pt_lookup(vm, BASE + P(type), &level) & 0x98, bits[type]);
	}
	vm_check(vm);
	fixture_destroy(&fixture);
}

static void recalled_loans_are_void(void)
{
	const u64 frames[] = { FRAME(0), FRAME(1) };

	init();
	CHECK_EQ(lend(BASE, 2, 4, frames), 0);
	vm_recall(vm, BASE, BASE + P(1), 5);
	CHECK_EQ(mapped_frame(BASE), 0);
	CHECK_EQ(mapped_frame(BASE + P(1)), FRAME(1));
	CHECK_EQ(lend(BASE, 1, 4, frames), -EAGAIN);
	CHECK_EQ(mapped_frame(BASE), 0);
	CHECK_EQ(lend(BASE, 1, 5, frames), 0);
	/* One that was overtaken does not count the numbers back. */
	vm_recall(vm, BASE, BASE + P(8), 3);
	CHECK_EQ(mapped_frame(BASE), 0);
	CHECK_EQ(lend(BASE, 1, 4, frames), -EAGAIN);
	fixture_destroy(&fixture);
}

static void recall_spares_own_memory(void)
{
	vaddr_t addr;
	paddr_t pa;

	init();
	CHECK_EQ(fixture_map(vm, BASE + P(8), P(4), RW, MAP_PRIVATE | MAP_FIXED, &addr), 0);
	CHECK_EQ(vm_populate(vm, addr, addr + P(4), VM_WRITE), 0);
	pa = mapped_frame(addr);
	CHECK(pa);
	vm_recall(vm, BASE, BASE + P(100), 1);
	CHECK_EQ(mapped_frame(addr), pa);
	fixture_destroy(&fixture);
}

static void hostile_loans(void)
{
	const u64 crooked = FRAME(1) + 0x10;
	const u64 beyond = PGT_PADDR_END;
	const u64 good = FRAME(0);
	vaddr_t addr;

	init();
	CHECK_EQ(lend(BASE, 1, 0, &crooked), -EIO);
	CHECK_EQ(lend(BASE, 1, 0, &beyond), -EIO);
	CHECK_EQ(lend(BASE + P(20), 1, 0, &good), -EFAULT);
	CHECK_EQ(fixture_map(vm, BASE + P(10), P(1), RW, MAP_PRIVATE | MAP_FIXED, &addr), 0);
	CHECK_EQ(lend(BASE + P(10), 1, 0, &good), -EFAULT);
	CHECK_EQ(mapped_frame(BASE), 0);
	fixture_destroy(&fixture);
}

/* A page that is the LWK's cannot be lent to it. */
static void own_memory_is_not_lent(void)
{
	struct page *page;
	u64 frame;

	init();
	page = page_alloc(0, 0, 0);
	frame = page_paddr(page);
	CHECK_EQ(lend(BASE, 1, 0, &frame), -EIO);
	page_free(page, 0);
	fixture_destroy(&fixture);
}

static void protecting_forgets_loans(void)
{
	const u64 frame = FRAME(0);

	init();
	CHECK_EQ(vm_protect(vm, BASE, P(8), PROT_READ), 0);
	CHECK_EQ(lend(BASE, 1, 0, &frame), 0);
	CHECK_EQ(vm_protect(vm, BASE, P(8), RW), 0);
	/* The read-only frame must not become writable by itself. */
	CHECK_EQ(vm_fault(vm, BASE, VM_WRITE), -EAGAIN);
	fixture_destroy(&fixture);
}

static void linux_memory_is_not_shared(void)
{
	struct vm_extent extent;
	const u64 frame = FRAME(0) | VM_LOAN_WRITE;

	init();
	CHECK_EQ(vm_share(vm, BASE, false, &extent), -EFAULT);
	CHECK_EQ(lend(BASE, 1, 0, &frame), 0);
	CHECK_EQ(vm_share(vm, BASE, true, &extent), -EFAULT);
	fixture_destroy(&fixture);
}

/* The kernel maps above the window, the program does not. */
static void above_the_window(void)
{
	struct vm_config config;
	struct vm *small;
	vaddr_t addr;

	init();
	config = fixture_config();
	config.end = BASE + P(100);
	config.mmap_base = BASE + P(50);
	CHECK_EQ(vm_create(&config, &small), 0);
	vm_put(vm);
	vm = small;
	CHECK_EQ(map_linux(BASE + P(200), P(2), PROT_READ, 0), -ENOMEM);
	CHECK_EQ(map_linux(BASE + P(200), P(2), PROT_READ, VM_TASK_END), 0);
	CHECK_EQ(map_linux(BASE + P(300), P(2), PROT_READ, BASE + P(301)), -ENOMEM);
	CHECK_EQ(fixture_map(vm, BASE + P(200), P(1), RW, MAP_PRIVATE | MAP_FIXED, &addr),
		 -ENOMEM);
	CHECK_EQ(fixture_map(vm, BASE + P(200), P(1), RW, MAP_PRIVATE, &addr), 0);
	CHECK(addr < config.end);
	vm_check(vm);
	vm_put(vm);
	CHECK_EQ(vm_ledger_used(), 0);
}

static void checking_changes_nothing(void)
{
	const struct vm_map_args args = {
		.addr = BASE, .len = P(2), .prot = RW, .flags = MAP_PRIVATE, .ops = &ops,
	};
	vaddr_t first, second;

	init();
	CHECK_EQ(vm_map_check(vm, &args, &first), 0);
	CHECK(first >= BASE + P(8) || first < BASE);
	CHECK_EQ(vm_map_check(vm, &args, &second), 0);
	CHECK_EQ(first, second);
	CHECK_EQ(vm_map(vm, &args, &second), 0);
	CHECK_EQ(first, second);
	unmapped_len = 0;
	CHECK_EQ(vm_unmap(vm, BASE + P(2), P(3)), 0);
	CHECK_EQ(unmapped_len, P(3));
	fixture_destroy(&fixture);
}

static u64 revoked_len;

static void revoke(struct vm *space, vaddr_t start, vaddr_t end)
{
	CHECK_EQ((u64)space, (u64)vm);
	revoked_len += end - start;
}

static void contiguous_memory_is_one_extent(void)
{
	const vaddr_t at = BASE + P(1000);
	struct vm_extent extent;
	paddr_t there;
	vaddr_t addr;

	init();
	CHECK_EQ(fixture_map(vm, at, P(100), RW, MAP_PRIVATE | MAP_FIXED, &addr), 0);
	CHECK_EQ(vm_populate_contiguous(vm, at, at + P(20)), 0);
	CHECK_EQ(vm_share(vm, at + P(7), true, &extent), 0);
	CHECK_EQ(extent.start, at);
	/* Up to the end of a table, and not beyond what was asked for. */
	CHECK_EQ(extent.npages, 20);
	CHECK(!mapped_frame(at + P(20)));
	/* Pages that are there stay. */
	CHECK_EQ(vm_fault(vm, at + P(50), VM_WRITE), 0);
	there = mapped_frame(at + P(50));
	CHECK_EQ(vm_populate_contiguous(vm, at + P(40), at + P(100)), 0);
	CHECK_EQ(mapped_frame(at + P(50)), there);
	CHECK_EQ(vm_pt_resident(vm, at, at + P(100)), 80);
	CHECK_EQ(vm_populate_contiguous(vm, at + P(99), at + P(101)), -EFAULT);
	CHECK_EQ(vm_populate_contiguous(vm, BASE, BASE + P(1)), -EINVAL);
	fixture_destroy(&fixture);
}

/* Allocations up to @may_fail fail, or from it on. */
static u64 nallocs, may_fail;
static bool fail_later;

static bool fail_some(void)
{
	return (nallocs++ < may_fail) != fail_later;
}

static void scarce_memory_is_populated_in_pieces(void)
{
	const vaddr_t at = ALIGN_UP(BASE + P(1000), P(512));
	vaddr_t addr;
	int err;

	init();
	for (u64 n = 0; n < 40; n++) {
		CHECK_EQ(fixture_map(vm, at, P(600), RW, MAP_PRIVATE | MAP_FIXED, &addr), 0);
		nallocs = 0;
		may_fail = n / 2;
		fail_later = n % 2;
		mm_set_fault_hook(fail_some);
		err = vm_populate_contiguous(vm, at, at + P(600));
		mm_set_fault_hook(NULL);
		/* Ten orders of blocks are tried. */
		if (!CONFIG_DEBUG || (!fail_later && may_fail < 10))
			CHECK_EQ(err, 0);
		else if (err)
			CHECK_EQ(err, -ENOMEM);
		CHECK_EQ(vm_pt_resident(vm, at, at + P(600)) == 600, !err);
		fixture_check(vm);
		CHECK_EQ(vm_unmap(vm, at, P(600)), 0);
	}
	fixture_destroy(&fixture);
}

static void withdrawn_pages_need_no_more_revoking(void)
{
	const vaddr_t at = BASE + P(1000);
	struct vm_extent extent;
	vaddr_t addr;

	init();
	vm->revoke = revoke;
	revoked_len = 0;
	CHECK_EQ(fixture_map(vm, at, P(8), RW, MAP_PRIVATE | MAP_FIXED, &addr), 0);
	CHECK_EQ(vm_populate_contiguous(vm, at, at + P(8)), 0);
	vm_withdraw(vm, at, at + P(8));
	CHECK_EQ(revoked_len, 0);
	CHECK_EQ(vm_share(vm, at, true, &extent), 0);
	vm_withdraw(vm, at, at + P(8));
	CHECK_EQ(revoked_len, P(8));
	CHECK_EQ(vm_protect(vm, at, P(2), PROT_READ), 0);
	CHECK_EQ(revoked_len, P(8));
	/* Until Linux maps them again. */
	CHECK_EQ(vm_share(vm, at + P(4), true, &extent), 0);
	CHECK_EQ(vm_unmap(vm, at, P(8)), 0);
	CHECK_EQ(revoked_len, P(8 + 6));
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(loans_are_mapped),
	UNIT_TEST(loans_lie_around_what_is_needed),
	UNIT_TEST(loans_become_writable),
	UNIT_TEST(what_may_be_written_may_be_read),
	UNIT_TEST(loans_have_a_memory_type),
	UNIT_TEST(recalled_loans_are_void),
	UNIT_TEST(recall_spares_own_memory),
	UNIT_TEST(hostile_loans),
	UNIT_TEST(own_memory_is_not_lent),
	UNIT_TEST(protecting_forgets_loans),
	UNIT_TEST(linux_memory_is_not_shared),
	UNIT_TEST(above_the_window),
	UNIT_TEST(checking_changes_nothing),
	UNIT_TEST(contiguous_memory_is_one_extent),
	UNIT_TEST(scarce_memory_is_populated_in_pieces),
	UNIT_TEST(withdrawn_pages_need_no_more_revoking),
};

UNIT_MAIN(tests)
