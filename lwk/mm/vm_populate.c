// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faulting pages in as one piece of physical memory, for bytes that Linux is about to write: what
 * is contiguous is one extent for it. Only what it does not write is cleared.
 *
 * A block of the allocator is taken apart: its pages belong to the range as if each had been
 * faulted in by itself, and what the range does not need goes back.
 */
#include "abi/errno.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_internal.h"

/* Pages on their way into a range, and the bytes of it that are not cleared. */
struct piece {
	vaddr_t start;
	vaddr_t end;
	struct page *pages;	/* each a block of its own */
	u64 npages;
};

static u32 order_for(u64 npages)
{
	u32 order = 0;

	while (1ULL << order < npages)
		order++;
	return order;
}

/* Make @block single pages, but give back what follows the first @npages. */
static void cut(struct page *block, u32 order, u64 npages)
{
	while (order > 0 && npages < 1ULL << order) {
		struct page *half = block + (1ULL << --order);

		page_split_to(block, order);
		if (npages <= 1ULL << order) {
			page_free(half, order);
			continue;
		}
		page_split(block);
		npages -= 1ULL << order;
		block = half;
	}
	page_split(block);
}

/* Clear what lies around the bytes, at @addr on. */
static void clear_around(const struct piece *piece, vaddr_t addr)
{
	vaddr_t last = addr + (piece->npages << PAGE_SHIFT);
	vaddr_t start = MIN(MAX(piece->start, addr), last);
	vaddr_t end = MAX(MIN(piece->end, last), start);
	u8 *at = page_virt(piece->pages);

	memset(at, 0, start - addr);
	memset(at + (end - addr), 0, last - end);
}

/* As many pages as there are in one piece, at most @max. Return: -ENOMEM without any. */
static int take_piece(const struct vm *vm, vaddr_t addr, u64 max, struct piece *piece)
{
	u32 order = order_for(max);
	struct page *block = vm_page_alloc(vm, addr, order, 0);

	while (!block && order > 0)
		block = vm_page_alloc(vm, addr, --order, 0);
	if (!block)
		return -ENOMEM;
	piece->pages = block;
	piece->npages = MIN(max, 1ULL << order);
	cut(block, order, piece->npages);
	clear_around(piece, addr);
	return 0;
}

static void drop_pages(const struct piece *piece, u64 from)
{
	for (; from < piece->npages; from++)
		page_free(&piece->pages[from], PAGE_ORDER_4K);
}

/* Of one table. Where a page is already, that one stays. */
static int install_piece(struct vm *vm, const struct vm_range *range, vaddr_t addr,
			 const struct piece *piece)
{
	pte_t *entry = NULL;
	u64 installed = 0;
	int err = 0;

	for (u64 i = 0; i < piece->npages; i++) {
		struct page *page = &piece->pages[i];
		pte_t pte = vm_pte_make(page_paddr(page), 0, range->flags);
		pte_t expected = 0;

		if (!entry)
			err = vm_pt_reach(vm, addr + (i << PAGE_SHIFT), 0, &entry);
		if (err && err != -EEXIST) {
			drop_pages(piece, i);
			break;
		}
		/* Release: as in vm_pt_install(). */
		if (!err && __atomic_compare_exchange_n(entry, &expected, pte, false,
							__ATOMIC_RELEASE, __ATOMIC_RELAXED))
			installed++;
		else
			page_free(page, PAGE_ORDER_4K);
		entry = err ? NULL : entry + 1;
		err = 0;
	}
	vm_pt_count(vm, 0, (s64)installed);
	return err;
}

/* The next piece of the pages up to @end, to the end of a table at most; @addr moves on. */
static int populate_piece(struct vm *vm, vaddr_t *addr, vaddr_t end, struct piece *piece)
{
	const struct vm_range *range = vm_range_find(vm, *addr);
	vaddr_t stop = MIN(end, entry_end(*addr, 1));
	int err;

	if (!range || range->node.start > *addr)
		return -EFAULT;
	/* Promised memory only: the others would have to be charged page by page. */
	if (range->ops || !(range->flags & VM_ACCOUNT))
		return -EINVAL;
	err = take_piece(vm, *addr, (MIN(stop, range->node.end) - *addr) >> PAGE_SHIFT, piece);
	if (err)
		return err;
	err = install_piece(vm, range, *addr, piece);
	*addr += piece->npages << PAGE_SHIFT;
	return err;
}

int vm_populate_contiguous(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct piece piece = { .start = start, .end = end };
	vaddr_t addr = ALIGN_DOWN(start, PAGE_LEN);
	u32 token;
	int err = 0;

	/* Of no byte there is no page. */
	while (start < end && addr < end && !err) {
		token = vm_lock_read(&vm->lock);
		err = populate_piece(vm, &addr, ALIGN_UP(end, PAGE_LEN), &piece);
		vm_unlock_read(&vm->lock, token);
	}
	return err;
}
