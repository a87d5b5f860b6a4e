// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of user address spaces: splitting large pages, taking pages out,
 * changing what they allow. The caller is the writer of the vm's lock, so no
 * entry is busy and none changes but its accessed and dirty bits.
 */
#include "lwk/mm/vm_pt.h"

#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/monitor.h"
#include "lwk/mm/vm_cow.h"

/*
 * After a leaf was split, each of the new leaves needs a reference. If nobody else
 * has the block, it is split, too, so that its parts are freed one by one. If it
 * is kept by somebody, it stays whole until the last entry and owner are gone.
 */
static void split_block(paddr_t pa, u32 level)
{
	struct page *block = vm_page_block(pa);
	u32 i;

	if (!block)
		return;
	/* Acquire: pairs with the release of a former owner in page_put(). */
	if (block->order == 9 * level &&
	    __atomic_load_n(&block->refcount, __ATOMIC_ACQUIRE) == 1) {
		page_split_to(block, 9 * (level - 1));
		return;
	}
	for (i = 1; i < ENTRIES; i++)
		page_get(block);
}

int vm_pt_split_leaf(struct vm *vm, pte_t *entry, vaddr_t va, u32 level)
{
	pte_t pte = READ_ONCE(*entry);
	pte_t *entries;
	paddr_t table;
	u32 i;

	ASSERT(level > 0 && level < TOP_LEVEL);
	if ((pte & PTE_COW) && vm_cow_is_shared(vm_page_block(pte_paddr(pte))))
		return vm_cow_split(vm, entry, va, level);
	table = vm->pt.ops->table_alloc(vm->pt.ctx);
	if (table == PADDR_NONE)
		return -ENOMEM;
	split_block(pte_paddr(pte), level);
	if (level == 1)
		pte &= ~PTE_LARGE;
	entries = phys_to_virt(table);
	for (i = 0; i < ENTRIES; i++)
		entries[i] = pte + i * level_len(level - 1);
	/*
	 * Processors that find instructions by a large and by a small page at once may raise a
	 * machine check (iTLB multihit): the large one is forgotten first.
	 */
	if (!(pte & PTE_NO_EXEC)) {
		WRITE_ONCE(*entry, 0);
		arch_tlb_flush_user(&vm->cpus, vm->pt.root, ALIGN_DOWN(va, level_len(level)),
				    level_len(level));
	}
	/* Release: the table is complete before a processor walks into it. */
	__atomic_store_n(entry, table_pte(table, va), __ATOMIC_RELEASE);
	vm_pt_count(vm, level, -1);
	vm_pt_count(vm, level - 1, ENTRIES);
	return 0;
}

int vm_pt_split_at(struct vm *vm, vaddr_t va)
{
	pte_t *entry;
	u32 level;
	int err;

	/* What is mapped there is the kernel's. */
	if (va >= VM_TASK_END)
		return 0;
	for (;;) {
		level = 0;
		entry = vm_pt_walk(vm, va, &level);
		if (!vm_pte_is_leaf(READ_ONCE(*entry), level) ||
		    IS_ALIGNED(va, level_len(level)))
			return 0;
		err = vm_pt_split_leaf(vm, entry, va, level);
		if (err)
			return err;
	}
}

int vm_pt_split_edges(struct vm *vm, vaddr_t start, vaddr_t end)
{
	int err = vm_pt_split_at(vm, start);

	return err ? err : vm_pt_split_at(vm, end);
}

/*
 * One vm_pt_clear() or vm_pt_clear_range().
 * end: of what is cleared
 * floor, ceiling: nothing is mapped in between but what is cleared
 * cleared: entries, by level
 */
struct clear {
	struct vm_gather *gather;
	vaddr_t end;
	vaddr_t floor;
	vaddr_t ceiling;
	s64 cleared[VM_SIZES];
};

static void clear_leaf(struct clear *clear, pte_t *entry, vaddr_t va, u32 level)
{
	struct vm_gather *gather = clear->gather;
	pte_t pte = READ_ONCE(*entry);
	struct page *block = vm_page_block(pte_paddr(pte));

	WRITE_ONCE(*entry, 0);
	clear->cleared[level]++;
	vm_gather_range(gather, va, level_len(level));
	vm_gather_touched(gather, pte, va, level_len(level));
	if (block)
		vm_gather_block(gather, block);
}

/* Has the table that serves @va, below an entry of @level, nothing left? */
static bool is_cleared(const struct clear *clear, paddr_t table, vaddr_t va, u32 level)
{
	return (ALIGN_DOWN(va, level_len(level)) >= clear->floor &&
		entry_end(va, level) <= clear->ceiling) || table_is_empty(table);
}

static void clear_table(struct clear *clear, paddr_t table, u32 level, vaddr_t va)
{
	vaddr_t stop = MIN(clear->end, entry_end(va, level + 1));
	pte_t *entry;
	pte_t pte;

	monitor_touch();
	for (;; va = entry_end(va, level)) {
		va = skip_empty(table, va, stop, level);
		if (va >= stop)
			break;
		entry = table_entry(table, va, level);
		pte = READ_ONCE(*entry);
		if (vm_pte_is_leaf(pte, level)) {
			clear_leaf(clear, entry, va, level);
		} else if (pte_is_table(pte, level)) {
			clear_table(clear, pte_paddr(pte), level - 1, va);
			if (!is_cleared(clear, pte_paddr(pte), va, level))
				continue;
			WRITE_ONCE(*entry, 0);
			/* One address is enough: it drops all cached tables. */
			vm_gather_range(clear->gather, ALIGN_DOWN(va, PAGE_LEN), PAGE_LEN);
			vm_gather_table(clear->gather, pte_paddr(pte));
		}
	}
}

static void clear_pages(struct clear *clear, vaddr_t start)
{
	struct vm *vm = clear->gather->vm;
	u32 level;

	vm_note_peak(vm, (clear->end - start) >> PAGE_SHIFT);
	clear_table(clear, vm->pt.root, TOP_LEVEL, start);
	for (level = 0; level < VM_SIZES; level++) {
		if (clear->cleared[level])
			vm_pt_count(vm, level, -clear->cleared[level]);
	}
}

void vm_pt_clear(struct vm_gather *gather, vaddr_t start, vaddr_t end)
{
	struct clear clear = { .gather = gather, .end = end, .floor = end, .ceiling = start };

	clear_pages(&clear, start);
}

void vm_pt_clear_range(struct vm_gather *gather, const struct vm_range *range, vaddr_t floor)
{
	const struct vm_node *next = vm_tree_next(&gather->vm->ranges, &range->node);
	struct clear clear = {
		.gather = gather,
		.end = range->node.end,
		.floor = floor,
		.ceiling = next ? next->start : VM_TASK_END,
	};

	clear_pages(&clear, range->node.start);
}

struct protect {
	struct vm_gather *gather;
	u32 flags;
};

static void protect_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	const struct protect *protect = ctx;
	pte_t old = READ_ONCE(*entry);
	pte_t new = vm_pte_make(pte_paddr(old), level, protect->flags);
	bool less = !(new & PTE_PRESENT) || (new & PTE_WRITE) < (old & PTE_WRITE);

	/* Linux is told of less access alone: it asks before it uses more. */
	if (less)
		vm_gather_touched(protect->gather, old, va, level_len(level));
	else
		new |= old & PTE_TOUCHED;
	if (old & PTE_COW)
		new = vm_pte_share(new);
	WRITE_ONCE(*entry, new);
	/* More access needs no flush: the processor looks again before it faults. */
	if (!(old & PTE_PRESENT) ||
	    ((new & PTE_PRESENT) && (new & PTE_WRITE) >= (old & PTE_WRITE) &&
	     (new & PTE_PKEY_MASK) == (old & PTE_PKEY_MASK) &&
	     (new & PTE_NO_EXEC) <= (old & PTE_NO_EXEC)))
		return;
	vm_gather_range(protect->gather, va, level_len(level));
}

void vm_pt_protect(struct vm_gather *gather, vaddr_t start, vaddr_t end, u32 flags)
{
	struct protect protect = { gather, flags };

	vm_pt_for_each(gather->vm, start, end, protect_leaf, &protect);
}
