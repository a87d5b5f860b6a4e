// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faulting pages in as one piece of physical memory, for ranges that Linux is about to fill: what
 * is contiguous is one extent for it.
 *
 * A block of the allocator is taken apart: its pages belong to the range as if each had been
 * faulted in by itself, and what the range does not need goes back.
 */
#include "abi/errno.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_internal.h"

/* Pages on their way into a range. */
struct piece {
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

/* As many zeroed pages as there are in one piece, at most @max. Return: -ENOMEM without any. */
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
	memset(page_virt(block), 0, piece->npages * PAGE_LEN);
	return 0;
}

static void drop_pages(const struct piece *piece, u64 from)
{
	for (; from < piece->npages; from++)
		page_free(&piece->pages[from], PAGE_ORDER_4K);
}

/* Where a page is already, that one stays. */
static int install_piece(struct vm *vm, const struct vm_range *range, vaddr_t addr,
			 const struct piece *piece)
{
	for (u64 i = 0; i < piece->npages; i++, addr += PAGE_LEN) {
		struct page *page = &piece->pages[i];
		int err = vm_pt_install(vm, addr,
					vm_pte_make(page_paddr(page), 0, range->flags));

		if (err == -EEXIST) {
			page_free(page, PAGE_ORDER_4K);
		} else if (err) {
			drop_pages(piece, i);
			return err;
		}
	}
	return 0;
}

/* The next piece of [addr, end), to the end of a table at most; @addr moves on. */
static int populate_piece(struct vm *vm, vaddr_t *addr, vaddr_t end)
{
	const struct vm_range *range = vm_range_find(vm, *addr);
	vaddr_t stop = MIN(end, entry_end(*addr, 1));
	struct piece piece;
	int err;

	if (!range || range->node.start > *addr)
		return -EFAULT;
	/* Promised memory only: the others would have to be charged page by page. */
	if (range->ops || !(range->flags & VM_ACCOUNT))
		return -EINVAL;
	err = take_piece(vm, *addr, (MIN(stop, range->node.end) - *addr) >> PAGE_SHIFT, &piece);
	if (err)
		return err;
	err = install_piece(vm, range, *addr, &piece);
	*addr += piece.npages << PAGE_SHIFT;
	return err;
}

int vm_populate_contiguous(struct vm *vm, vaddr_t start, vaddr_t end)
{
	u32 token;
	int err = 0;

	while (start < end && !err) {
		token = vm_lock_read(&vm->lock);
		err = populate_piece(vm, &start, end);
		vm_unlock_read(&vm->lock, token);
	}
	return err;
}
