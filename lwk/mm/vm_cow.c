// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying pages that are shared until they are written; see vm_cow.h.
 *
 * A CPU that faults claims the entry (PTE_BUSY) before it looks at the page, which might
 * otherwise be gone. The page cannot change meanwhile: nobody who has it may
 * write. Before the copy appears in its place, all CPUs of the address space forget
 * the page; else one could read from it what another has overwritten in the copy.
 */
#include "lwk/mm/vm_cow.h"

#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_internal.h"

static int copy_block(const struct vm_cow_page *page, pte_t *copy)
{
	struct page *block = vm_block_alloc(page->vm, page->va, page->level, page->flags, 0);

	if (!block)
		return -ENOMEM;
	memcpy(page_virt(block), phys_to_virt(pte_paddr(page->pte)), level_len(page->level));
	*copy = (page->pte & ~PTE_PADDR_MASK) | page_paddr(block);
	vm_pt_count(page->vm, page->level, 1);
	return 0;
}

/* Undo vm_cow_copy(); nobody has seen the copy. */
static void drop_copy(struct vm *vm, pte_t copy, u32 level)
{
	pte_t *entries;
	u32 i;

	if (!copy)
		return;
	if (!pte_is_table(copy, level)) {
		vm_pt_count(vm, level, -1);
		page_put(page_of_paddr(pte_paddr(copy)));
		return;
	}
	entries = phys_to_virt(pte_paddr(copy));
	for (i = 0; i < ENTRIES; i++)
		drop_copy(vm, entries[i], level - 1);
	vm->pt.ops->table_free(vm->pt.ctx, pte_paddr(copy));
}

static int copy_parts(const struct vm_cow_page *page, pte_t *copy)
{
	struct vm *vm = page->vm;
	struct vm_cow_page part = *page;
	u64 len = level_len(--part.level);
	paddr_t table = vm->pt.ops->table_alloc(vm->pt.ctx);
	pte_t *entries;
	u32 i;
	int err;

	if (table == PADDR_NONE)
		return -ENOMEM;
	*copy = table_pte(table, 0);
	entries = phys_to_virt(table);
	if (!part.level)
		part.pte &= ~PTE_LARGE;
	for (i = 0; i < ENTRIES; i++, part.va += len, part.pte += len) {
		err = vm_cow_copy(&part, &entries[i]);
		if (err)
			goto drop;
	}
	return 0;

drop:
	drop_copy(vm, *copy, page->level);
	*copy = 0;
	return err;
}

/* Smaller parts help if no block is large enough, not if the ledger has no room for all of them. */
static bool may_copy_parts(const struct vm_cow_page *page)
{
	u64 npages = level_len(page->level) >> PAGE_SHIFT;

	return page->level && ((page->flags & VM_ACCOUNT) ||
			       vm_ledger_used() + npages <= vm_ledger_limit());
}

int vm_cow_copy(const struct vm_cow_page *page, pte_t *copy)
{
	int err = copy_block(page, copy);

	return err && may_copy_parts(page) ? copy_parts(page, copy) : err;
}

/* Put a copy into the place of a page; nobody adds to the entry meanwhile. */
static void replace_page(struct vm *vm, pte_t *entry, vaddr_t va, u32 level, pte_t copy)
{
	WRITE_ONCE(*entry, PTE_BUSY);
	arch_tlb_flush_user(&vm->cpus, vm->pt.root, ALIGN_DOWN(va, level_len(level)),
			    level_len(level));
	/* Release: the copy is complete before anyone can see it. */
	__atomic_store_n(entry, copy, __ATOMIC_RELEASE);
	vm_pt_count(vm, level, -1);
}

int vm_cow_break(struct vm *vm, vaddr_t addr, u32 flags)
{
	struct vm_cow_page page = { .vm = vm, .flags = flags };
	pte_t *entry = vm_pt_walk(vm, addr, &page.level);
	pte_t old = READ_ONCE(*entry);
	u32 level = page.level;
	struct page *block;
	pte_t copy = 0;
	int err;

	if (!vm_pte_is_leaf(old, level) || !(old & PTE_COW))
		return 0;
	/* Relaxed: nothing is published yet. */
	if (!__atomic_compare_exchange_n(entry, &old, PTE_BUSY, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return 0;
	page.pte = vm_pte_make(pte_paddr(old), level, flags);
	block = vm_page_block(pte_paddr(old));
	if (!vm_cow_is_shared(block)) {
		/* No flush: the processor looks again before it faults. */
		__atomic_store_n(entry, page.pte, __ATOMIC_RELEASE);
		return 0;
	}
	page.va = ALIGN_DOWN(addr, level_len(level));
	err = vm_cow_copy(&page, &copy);
	if (err) {
		__atomic_store_n(entry, old, __ATOMIC_RELEASE);
		return err;
	}
	replace_page(vm, entry, addr, level, copy);
	page_put(block);
	return 0;
}

int vm_cow_split(struct vm *vm, pte_t *entry, vaddr_t va, u32 level)
{
	pte_t old = READ_ONCE(*entry);
	const struct vm_cow_page page = {
		.vm = vm,
		.va = ALIGN_DOWN(va, level_len(level)),
		.pte = old,
		.level = level,
		/* All that it reaches into are alike in what they were promised. */
		.flags = vm_range_find(vm, ALIGN_DOWN(va, level_len(level)))->flags,
	};
	pte_t copy = 0;
	int err;

	err = copy_parts(&page, &copy);
	if (err)
		return err;
	replace_page(vm, entry, va, level, copy);
	page_put(vm_page_block(pte_paddr(old)));
	return 0;
}
