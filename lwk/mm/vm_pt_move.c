// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving pages to another address of the same address space.
 *
 * All that can fail comes first: large pages that do not fit the alignment of
 * the new place are split where they are, and as many tables are set aside as the
 * new place can need. So the new place may be unmapped in between, and the move
 * itself cannot fail.
 */
#include "lwk/mm/vm_pt.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"

static int split_incongruent(struct vm *vm, vaddr_t va, vaddr_t end, u64 distance)
{
	pte_t *entry;
	u32 level;
	int err;

	while (va < end) {
		level = 0;
		entry = vm_pt_walk(vm, va, &level);
		if (vm_pte_is_leaf(READ_ONCE(*entry), level) &&
		    !IS_ALIGNED(distance, level_len(level))) {
			err = vm_pt_split_leaf(vm, entry, va, level);
			if (err)
				return err;
		} else {
			va = entry_end(va, level);
		}
	}
	return 0;
}

/* Tables that the new place needs if it has none. */
struct need {
	u64 distance;
	vaddr_t last[TOP_LEVEL + 1]; /* by level: the region last seen, plus 1 */
	u64 ntables;
};

static void need_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	struct need *need = ctx;
	u32 above;

	(void)entry;
	for (above = level + 1; above <= TOP_LEVEL; above++) {
		vaddr_t region = ALIGN_DOWN(va + need->distance, level_len(above)) + 1;

		if (need->last[above] == region)
			break;
		need->last[above] = region;
		need->ntables++;
	}
}

static int set_tables_aside(struct vm_pt_move *move, u64 ntables)
{
	paddr_t table;

	while (ntables--) {
		table = move->vm->pt.ops->table_alloc(move->vm->pt.ctx);
		if (table == PADDR_NONE)
			return -ENOMEM;
		list_add(&page_of_paddr(table)->link, &move->tables);
	}
	return 0;
}

int vm_pt_move_begin(struct vm_pt_move *move)
{
	struct need need = { .distance = move->to - move->from };
	int err;

	list_init(&move->tables);
	err = split_incongruent(move->vm, move->from, move->end, need.distance);
	if (err)
		return err;
	vm_pt_for_each(move->vm, move->from, move->end, need_leaf, &need);
	err = set_tables_aside(move, need.ntables);
	if (err)
		vm_pt_move_end(move);
	return err;
}

/* The empty entry of @level for @va, with tables from those set aside. */
static pte_t *place_for(struct vm_pt_move *move, vaddr_t va, u32 level)
{
	u32 at = level;
	pte_t *entry = vm_pt_walk(move->vm, va, &at);
	struct list_node *link;
	paddr_t table;

	while (at > level) {
		ASSERT(!READ_ONCE(*entry));
		link = list_pop(&move->tables);
		ASSERT(link);
		table = page_paddr(list_entry(link, struct page, link));
		/* Release: zeroed before a processor walks into it. */
		__atomic_store_n(entry, table_pte(table, va), __ATOMIC_RELEASE);
		at--;
		entry = table_entry(table, va, at);
	}
	return entry;
}

struct transfer {
	struct vm_pt_move *move;
	struct vm_gather *gather;
};

static void move_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	const struct transfer *transfer = ctx;
	vaddr_t to = va + (transfer->move->to - transfer->move->from);
	pte_t *place = place_for(transfer->move, to, level);
	pte_t pte = READ_ONCE(*entry);

	ASSERT(!READ_ONCE(*place));
	WRITE_ONCE(*place, pte & ~PTE_TOUCHED);
	WRITE_ONCE(*entry, 0);
	vm_gather_range(transfer->gather, va, level_len(level));
	vm_gather_touched(transfer->gather, pte, va, level_len(level));
}

void vm_pt_move_pages(struct vm_pt_move *move, struct vm_gather *gather)
{
	struct transfer transfer = { move, gather };

	/* No page is there, but empty tables would stand where large pages go. */
	vm_pt_clear(gather, move->to, move->to + (move->end - move->from));
	vm_pt_for_each(move->vm, move->from, move->end, move_leaf, &transfer);
	/* Only tables are left at the old place. */
	vm_pt_clear(gather, move->from, move->end);
}

void vm_pt_move_end(struct vm_pt_move *move)
{
	struct list_node *link;

	while ((link = list_pop(&move->tables)))
		page_free(list_entry(link, struct page, link), PAGE_ORDER_4K);
}
