// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commit ledger; see vm_ledger.h. Two numbers, changed atomically: they guard
 * no other data, so relaxed order is enough.
 */
#include "lwk/include/mm/vm_ledger.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/mm/internal.h"

static u64 limit;
static u64 used;

void vm_ledger_init(void)
{
	struct page_stats stats;
	u64 npages = 0;
	u32 node;

	for (node = 0; node < page_topology.nnodes; node++) {
		page_node_stats(node, &stats);
		npages += stats.free;
	}
	vm_ledger_set_limit(npages - npages / VM_KERNEL_SHARE);
}

void vm_ledger_set_limit(u64 npages)
{
	WRITE_ONCE(limit, npages);
}

int vm_ledger_charge(u64 npages)
{
	u64 old = READ_ONCE(used);
	u64 max = READ_ONCE(limit);

	do {
		if (npages > max || old > max - npages)
			return -ENOMEM;
	} while (!__atomic_compare_exchange_n(&used, &old, old + npages, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return 0;
}

void vm_ledger_force(u64 npages)
{
	__atomic_fetch_add(&used, npages, __ATOMIC_RELAXED);
}

void vm_ledger_uncharge(u64 npages)
{
	u64 old = __atomic_fetch_sub(&used, npages, __ATOMIC_RELAXED);

	ASSERT(old >= npages);
}

u64 vm_ledger_used(void)
{
	return READ_ONCE(used);
}

u64 vm_ledger_limit(void)
{
	return READ_ONCE(limit);
}
