// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that Linux uses without mapping them; see page_pin.h.
 *
 * A block counts its pinned pages in @pinned of its head, and has a reference for each. Linux
 * sends one message of this kind at a time and waits for the answer, which orders the calls.
 */
#include "lwk/include/mm/page_pin.h"

#include "abi/errno.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/mm/vm_ledger.h"
#include "lwk/mm/vm_pt.h"

static u64 pinned[IHK_MAX_NODES];

static bool are_allocated(paddr_t pa, u64 npages)
{
	for (u64 i = 0; i < npages; i++) {
		if (!vm_page_block_find(pa + i * PAGE_LEN))
			return false;
	}
	return true;
}

/* Relaxed, here and below: counters; the references order what is done with the page. */
static void pin(struct page *block)
{
	page_get(block);
	if (!__atomic_fetch_add(&block->pinned, 1, __ATOMIC_RELAXED))
		vm_ledger_force(1ULL << block->order);
	__atomic_fetch_add(&pinned[page_node(block)], 1, __ATOMIC_RELAXED);
}

static void unpin(struct page *block)
{
	if (__atomic_fetch_sub(&block->pinned, 1, __ATOMIC_RELAXED) == 1)
		vm_ledger_uncharge(1ULL << block->order);
	__atomic_fetch_sub(&pinned[page_node(block)], 1, __ATOMIC_RELAXED);
	page_put(block);
}

int page_pin(paddr_t pa, u64 npages)
{
	if (!are_allocated(pa, npages))
		return -EINVAL;
	for (u64 i = 0; i < npages; i++)
		pin(vm_page_block_find(pa + i * PAGE_LEN));
	return 0;
}

int page_unpin(paddr_t pa, u64 npages)
{
	for (u64 i = 0; i < npages; i++) {
		struct page *block = vm_page_block_find(pa + i * PAGE_LEN);

		if (!block || !READ_ONCE(block->pinned))
			return -EINVAL;
		unpin(block);
	}
	return 0;
}

u64 page_pinned(u32 node)
{
	return READ_ONCE(pinned[node]);
}
