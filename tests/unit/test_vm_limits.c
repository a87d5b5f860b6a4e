// SPDX-License-Identifier: GPL-2.0-only
/* Limits of address spaces: those that Linux has, and what memory can be promised. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>

#include "tests/unit/vm_one.h"

static void set_limits(u64 as, u64 data, u64 stack, u64 memlock)
{
	const struct vm_limits limits = {
		.as = as,
		.data = data,
		.stack = stack,
		.memlock = memlock,
		.data_hard = P(8),
	};

	vm_set_limits(vm, &limits);
}

static void address_space_limit(void)
{
	const struct vm_remap_args grow = { BASE, P(4), P(9), MREMAP_MAYMOVE, 0 };
	vaddr_t addr;

	init();
	set_limits(P(8), VM_UNLIMITED, VM_UNLIMITED, VM_UNLIMITED);
	CHECK_EQ(map(BASE, P(4), PROT_READ, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(10), P(5), PROT_NONE, PRIVATE), -ENOMEM);
	/* What MAP_FIXED replaces does not count twice. */
	CHECK_EQ(map(BASE + P(2), P(6), RW, PRIVATE), 0);
	CHECK_EQ(vm_unmap(vm, BASE + P(4), P(4)), 0);
	CHECK_EQ(vm_protect(vm, BASE, P(4), RW), 0);
	CHECK_EQ(vm_remap(vm, &grow, &addr), -ENOMEM);
	vm_set_brk(vm, BASE + P(100), 0);
	CHECK_EQ(vm_brk(vm, BASE + P(104)), BASE + P(104));
	CHECK_EQ(vm_brk(vm, BASE + P(105)), BASE + P(104));
	fixture_destroy(&fixture);
}

/* The heap has none, the rest goes by the hard limit. */
static void data_limit_of_nothing(void)
{
	init();
	set_limits(VM_UNLIMITED, 0, VM_UNLIMITED, VM_UNLIMITED);
	CHECK_EQ(map(BASE, P(6), RW, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(10), P(4), PROT_READ, PRIVATE), 0);
	CHECK_EQ(vm_protect(vm, BASE + P(10), P(2), RW), 0);
	CHECK_EQ(vm_protect(vm, BASE + P(12), P(1), RW), -ENOMEM);
	CHECK_EQ(map(BASE + P(20), P(1), RW, PRIVATE), -ENOMEM);
	vm_set_brk(vm, BASE + P(100), 0);
	CHECK_EQ(vm_brk(vm, BASE + P(101)), BASE + P(100));
	fixture_destroy(&fixture);
}

static void data_limit(void)
{
	init();
	set_limits(VM_UNLIMITED, P(8), VM_UNLIMITED, VM_UNLIMITED);
	CHECK_EQ(map(BASE, P(8), RW, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(10), P(1), RW, PRIVATE), -ENOMEM);
	CHECK_EQ(map(BASE + P(10), P(4), PROT_READ, PRIVATE), 0);
	CHECK_EQ(vm_protect(vm, BASE + P(10), P(4), RW), -ENOMEM);
	CHECK_EQ(vm_unmap(vm, BASE, P(2)), 0);
	CHECK_EQ(vm_protect(vm, BASE + P(10), P(2), RW), 0);
	/* The heap counts with the initialised data. */
	CHECK_EQ(vm_unmap(vm, BASE, P(20)), 0);
	vm_set_brk(vm, BASE, P(5));
	CHECK_EQ(vm_brk(vm, BASE + P(4)), BASE);
	CHECK_EQ(vm_brk(vm, BASE + P(3)), BASE + P(3));
	fixture_destroy(&fixture);
}

static void lock_limit(void)
{
	init();
	set_limits(VM_UNLIMITED, VM_UNLIMITED, VM_UNLIMITED, P(4));
	CHECK_EQ(map(BASE, P(8), RW, PRIVATE), 0);
	CHECK_EQ(vm_mlock(vm, BASE, P(5), 0), -ENOMEM);
	CHECK_EQ(vm_mlock(vm, BASE, P(3), 0), 0);
	CHECK_EQ(vm_mlock(vm, BASE + P(1), P(3), 0), 0); /* two of them again */
	CHECK_EQ(vm_mlock(vm, BASE + P(4), 1, 0), -ENOMEM);
	CHECK_EQ(map(BASE + P(10), P(1), RW, PRIVATE | MAP_LOCKED), -EAGAIN);
	CHECK_EQ(vm_mlockall(vm, MCL_CURRENT), -ENOMEM);
	CHECK_EQ(vm_mlockall(vm, MCL_ONFAULT), -EINVAL);
	CHECK_EQ(vm_mlockall(vm, 0), -EINVAL);
	CHECK_EQ(vm_mlockall(vm, 8), -EINVAL);
	CHECK_EQ(vm_munlockall(vm), 0);
	CHECK_EQ(vm_mlockall(vm, MCL_FUTURE), 0);
	CHECK_EQ(map(BASE + P(10), P(5), RW, PRIVATE), -EAGAIN);
	CHECK_EQ(map(BASE + P(10), P(4), RW, PRIVATE), 0);
	CHECK_EQ(vm_pt_resident(vm, BASE + P(10), BASE + P(14)), 4);
	set_limits(VM_UNLIMITED, VM_UNLIMITED, VM_UNLIMITED, 0);
	CHECK_EQ(vm_mlock(vm, BASE, P(1), 0), -EPERM);
	CHECK_EQ(vm_mlockall(vm, MCL_CURRENT), -EPERM);
	CHECK_EQ(map(BASE + P(20), P(1), RW, PRIVATE | MAP_LOCKED), -EPERM);
	fixture_destroy(&fixture);
}

static void stack_limit(void)
{
	init();
	set_limits(VM_UNLIMITED, VM_UNLIMITED, P(100), VM_UNLIMITED);
	CHECK_EQ(map(BASE + P(1000), P(10), RW, PRIVATE | MAP_GROWSDOWN), 0);
	CHECK_EQ(vm_populate(vm, BASE + P(999), BASE + P(1001), VM_READ), -EFAULT);
	CHECK_EQ(vm_fault(vm, BASE + P(909), VM_WRITE), -EFAULT);
	CHECK_EQ(vm_fault(vm, BASE + P(910), VM_WRITE), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(1010), VM_WRITE), -EFAULT);
	fixture_check(vm);
	/* A stack that could not be backed does not grow. */
	set_limits(VM_UNLIMITED, VM_UNLIMITED, VM_UNLIMITED, VM_UNLIMITED);
	vm_ledger_set_limit(vm_ledger_used() + 5);
	CHECK_EQ(vm_fault(vm, BASE + P(904), VM_WRITE), -EFAULT);
	CHECK_EQ(vm_fault(vm, BASE + P(905), VM_WRITE), 0);
	fixture_destroy(&fixture);
}

/* Every promise is made by the call or refused by it; what is promised is there. */
static void promises(void)
{
	const struct vm_remap_args grow = { BASE, P(90), P(100), MREMAP_MAYMOVE, 0 };
	vaddr_t addr;

	init();
	vm_ledger_set_limit(100);
	CHECK_EQ(map(BASE, P(60), RW, PRIVATE), 0);
	CHECK_EQ(map(BASE + P(100), P(60), RW, PRIVATE), -ENOMEM);
	CHECK_EQ(map(BASE + P(100), P(60), RW, MAP_SHARED | MAP_FIXED), -ENOMEM);
	CHECK_EQ(map(BASE, P(90), RW, PRIVATE), 0); /* in exchange for the 60 */
	CHECK_EQ(vm_remap(vm, &grow, &addr), 0);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(vm_remap(vm, &(struct vm_remap_args){ BASE, P(100), P(101), MREMAP_MAYMOVE, 0 },
			  &addr), -ENOMEM);
	CHECK_EQ(vm_unmap(vm, BASE, P(100)), 0);
	CHECK_EQ(vm_ledger_used(), 0);

	/* Not promised: booked when touched, refused then. */
	CHECK_EQ(map(BASE, P(300), RW, PRIVATE | MAP_NORESERVE), 0);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(300), VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(map(BASE + P(400), P(1), RW, PRIVATE), -ENOMEM);
	/* What replaces it has its room, whatever else is replaced. */
	CHECK_EQ(map(BASE + P(50), P(51), RW, PRIVATE), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(map(BASE + P(50), P(50), RW, PRIVATE), 0);
	CHECK_EQ(vm_ledger_used(), 100);
	fixture_check(vm);
	CHECK_EQ(map(BASE + P(40), P(20), RW, PRIVATE), 0);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(map(BASE + P(40), P(60), RW, PRIVATE | MAP_NORESERVE), 0);
	CHECK_EQ(vm_ledger_used(), 40);
	CHECK_EQ(vm_populate(vm, BASE, BASE + P(300), VM_WRITE), -ENOMEM);
	CHECK_EQ(vm_ledger_used(), 100);
	CHECK_EQ(vm_advise(vm, BASE, P(300), MADV_DONTNEED), 0);
	CHECK_EQ(vm_ledger_used(), 0);
	CHECK_EQ(vm_unmap(vm, BASE, P(300)), 0);

	/* So are stacks of threads, in small pages where most of them end. */
	CHECK_EQ(map(BASE, 2 * LARGE_PAGE_LEN, PROT_NONE, PRIVATE | MAP_STACK), 0);
	CHECK_EQ(vm_protect(vm, BASE + P(1), 2 * LARGE_PAGE_LEN - P(1), RW), 0);
	CHECK_EQ(vm_ledger_used(), 0);
	CHECK_EQ(vm_fault(vm, BASE + 2 * LARGE_PAGE_LEN - 1, VM_WRITE), 0);
	CHECK_EQ(vm_ledger_used(), 1);
	CHECK_EQ(vm_unmap(vm, BASE, 2 * LARGE_PAGE_LEN), 0);
	CHECK_EQ(vm_ledger_used(), 0);
	CHECK_EQ(map(BASE, P(101), RW, MAP_SHARED | MAP_FIXED | MAP_STACK), -ENOMEM);

	/* Reserved address space becomes memory by mprotect, or does not. */
	CHECK_EQ(map(BASE, P(300), PROT_NONE, PRIVATE), 0);
	CHECK_EQ(vm_protect(vm, BASE, P(101), RW), -ENOMEM);
	CHECK_EQ(vm_protect(vm, BASE, P(100), RW), 0);
	CHECK_EQ(vm_fault(vm, BASE + P(99), VM_WRITE), 0);
	fixture_destroy(&fixture);
}

/* As many ranges as Linux allows, and no more. */
static void range_limit(void)
{
	struct vm_stats stats;
	u64 n;
	int err = 0;

	init();
	CHECK_EQ(map(BASE, P(2ULL * VM_MAX_RANGES), PROT_NONE, PRIVATE), 0);
	for (n = 0; !err; n++)
		err = vm_protect(vm, BASE + P(2 * n + 1), P(1), PROT_READ);
	CHECK_EQ(err, -ENOMEM);
	vm_get_stats(vm, &stats);
	CHECK_EQ(stats.ranges, VM_MAX_RANGES - 1);
	/* Unmapping works as long as it leaves no more than the limit. */
	CHECK_EQ(vm_unmap(vm, BASE + P(2ULL * VM_MAX_RANGES - 2), P(1)), 0);
	CHECK_EQ(vm_unmap(vm, BASE + P(2ULL * VM_MAX_RANGES - 4), P(1)), -ENOMEM);
	CHECK_EQ(vm_unmap(vm, BASE + P(2ULL * VM_MAX_RANGES - 4), P(2)), 0);
	CHECK_EQ(vm_unmap(vm, BASE, P(2ULL * VM_MAX_RANGES)), 0);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(address_space_limit),
	UNIT_TEST(data_limit),
	UNIT_TEST(data_limit_of_nothing),
	UNIT_TEST(lock_limit),
	UNIT_TEST(stack_limit),
	UNIT_TEST(promises),
	UNIT_TEST(range_limit),
};

UNIT_MAIN(tests)
