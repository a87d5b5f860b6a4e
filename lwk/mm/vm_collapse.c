// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making large pages of small ones on request: MADV_COLLAPSE, with Linux's errors.
 *
 * The caller is the writer of the vm's lock. The table of the small pages is taken out first, as
 * a whole, so that nobody writes to them any more; then they are copied into the large page,
 * which takes the table's place. If somebody turns out to use one the table is put back.
 */
#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_cow.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/* What there is of the small pages in a table. */
struct small_pages {
	u32 resident;
	bool writable;
	bool touched;
	bool kept;
};

/* Does somebody who is no address space have the page? */
static bool is_kept(pte_t pte)
{
	struct page *block = vm_page_block(pte_paddr(pte));

	/* Acquire: pairs with the release of a former owner in page_put(). */
	return !(pte & PTE_COW) &&
	       (block->order || __atomic_load_n(&block->refcount, __ATOMIC_ACQUIRE) != 1);
}

static void look(paddr_t table, struct small_pages *pages)
{
	const pte_t *entries = phys_to_virt(table);

	*pages = (struct small_pages){ 0 };
	for (u32 i = 0; i < ENTRIES; i++) {
		pte_t pte = READ_ONCE(entries[i]);

		if (!pte)
			continue;
		pages->resident++;
		pages->writable |= (pte & PTE_PRESENT) && (pte & PTE_WRITE);
		pages->touched |= (pte & PTE_TOUCHED) != 0;
		pages->kept |= is_kept(pte);
	}
}

/* Linux has let go of all of it. */
static void put_back(pte_t *entry, pte_t old)
{
	pte_t *entries = phys_to_virt(pte_paddr(old));

	for (u32 i = 0; i < ENTRIES; i++)
		WRITE_ONCE(entries[i], entries[i] & ~PTE_TOUCHED);
	/* Release: the table is as it is to be before a processor walks into it. */
	__atomic_store_n(entry, old, __ATOMIC_RELEASE);
}

static void copy_pages(paddr_t table, u8 *to)
{
	const pte_t *entries = phys_to_virt(table);

	for (u32 i = 0; i < ENTRIES; i++, to += PAGE_LEN) {
		if (entries[i])
			memcpy(to, phys_to_virt(pte_paddr(entries[i])), PAGE_LEN);
		else
			memset(to, 0, PAGE_LEN);
	}
}

static void drop_pages(paddr_t table)
{
	const pte_t *entries = phys_to_virt(table);

	for (u32 i = 0; i < ENTRIES; i++) {
		if (entries[i])
			page_put(vm_page_block(pte_paddr(entries[i])));
	}
	page_free(page_of_paddr(table), PAGE_ORDER_4K);
}

/* The table of @entry becomes @block. Return: 0; -EAGAIN: a page is in use, nothing changed. */
static int replace_table(struct vm *vm, const struct vm_range *range, pte_t *entry, vaddr_t va,
			 struct page *block)
{
	pte_t old = READ_ONCE(*entry);
	struct small_pages pages;

	look(pte_paddr(old), &pages);
	WRITE_ONCE(*entry, 0);
	arch_tlb_flush_user(&vm->cpus, vm->pt.root, va, LARGE_PAGE_LEN);
	/* What Linux uses it says as it lets go. */
	if (pages.touched && vm->revoke)
		vm->revoke(vm, va, va + LARGE_PAGE_LEN);
	look(pte_paddr(old), &pages);
	if (pages.kept) {
		put_back(entry, old);
		return -EAGAIN;
	}
	copy_pages(pte_paddr(old), page_virt(block));
	/* Release: the copy is complete before anyone can see it. */
	__atomic_store_n(entry, vm_pte_make(page_paddr(block), 1, range->flags),
			 __ATOMIC_RELEASE);
	vm_pt_count(vm, 0, -(s64)pages.resident);
	vm_pt_count(vm, 1, 1);
	drop_pages(pte_paddr(old));
	return 0;
}

/* The 2 MiB at @va. Return: 0, -EINVAL: nothing to collapse, -ENOMEM, -EAGAIN. */
static int collapse_one(struct vm *vm, const struct vm_range *range, vaddr_t va)
{
	struct small_pages pages;
	struct page *block;
	u32 level = 1;
	pte_t *entry = vm_pt_walk(vm, va, &level);
	int err;

	if (vm_pte_is_leaf(READ_ONCE(*entry), level))
		return 0;
	if (level != 1 || !pte_is_table(READ_ONCE(*entry), 1))
		return -EINVAL;
	look(pte_paddr(*entry), &pages);
	if (!pages.writable)
		return -EINVAL;
	if (pages.kept)
		return -EAGAIN;
	block = vm_block_alloc(vm, va, level, range->flags, 0);
	if (!block)
		return -ENOMEM;
	err = replace_table(vm, range, entry, va, block);
	if (err)
		page_free(block, PAGE_ORDER_2M);
	return err;
}

static bool may_collapse(const struct vm_range *range)
{
	vaddr_t first = ALIGN_UP(range->node.start, LARGE_PAGE_LEN);

	return !vm_shmem_of(range) && !(range->flags & (VM_NOHUGEPAGE | VM_HUGETLB)) &&
	       first < range->node.end && range->node.end - first >= LARGE_PAGE_LEN;
}

/* As on Linux, the last failure counts, and want of memory ends it. */
static int collapse_range(struct vm *vm, const struct vm_range *range, vaddr_t start, vaddr_t end)
{
	vaddr_t va = ALIGN_UP(start, LARGE_PAGE_LEN);
	int last = 0;
	int err;

	if (!may_collapse(range) || va > end)
		return -EINVAL;
	for (; end - va >= LARGE_PAGE_LEN; va += LARGE_PAGE_LEN) {
		err = collapse_one(vm, range, va);
		if (err)
			last = err;
		if (err == -ENOMEM)
			break;
	}
	return last;
}

int vm_collapse(struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;
	vaddr_t at = start;
	bool hole = false;
	int err;

	vm_range_for_each(range, vm, start, end) {
		hole |= range->node.start > at;
		at = range->node.end;
		/* Of its own Linux decides. */
		err = range->ops ? 0 : collapse_range(vm, range, MAX(range->node.start, start),
						      MIN(range->node.end, end));
		if (err)
			return err;
	}
	return hole || at < end ? -ENOMEM : 0;
}
