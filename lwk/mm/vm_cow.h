/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that address spaces share until one of them writes.
 *
 * A leaf with PTE_COW allows no write, whatever its range says. It covers its block
 * exactly, and all references on the block are such leaves, at most one of each address
 * space. So a block with one reference is its address space's own: a fault takes it as it is.
 *
 * Nobody outside its address spaces sees such a block: whoever keeps a page (vm_get_page()) or
 * lets Linux map it (vm_share()) first has it made the address space's own; fork copies at
 * once what is kept, and has Linux let go of what it maps. So Linux reads and writes what
 * the program that called it reads and writes.
 *
 * A large page is copied as a whole where a block of its size is free, and else in
 * parts; it is never cut while it is shared. That costs the first writer up to a
 * large page's copying, but: programs keep their large pages when they run a small
 * one (fork, exec); and no part of a block outlives its use because others use the rest, so
 * that what is in use never exceeds what was promised and a fault on promised memory finds
 * some. The ledger has charged each address space for the whole already; what it was not
 * promised is booked by the block, once, and each copy of it when it is made.
 */
#ifndef LWK_MM_VM_COW_H
#define LWK_MM_VM_COW_H

#include "lwk/mm/vm_pt.h"

/* A bit that the processor ignores. */
#define PTE_COW (1ULL << 52)

/**
 * vm_pte_share() - the entry of a page that other address spaces have, too, and Linux has not.
 * @pte: a leaf
 *
 * Context: any.
 * Return: the same without the right to write.
 */
static inline pte_t vm_pte_share(pte_t pte)
{
	return (pte & ~(PTE_WRITE | PTE_TOUCHED)) | PTE_COW;
}

/**
 * vm_cow_is_shared() - does somebody else have a block, too?
 * @block: mapped by a leaf that cannot go away
 *
 * Context: writer of the vm's lock, or the CPU that made the entry busy.
 * Return: true if so. Of a leaf with PTE_COW that is another address space, which may have let go
 *	when the caller looks, but none comes back.
 */
static inline bool vm_cow_is_shared(const struct page *block)
{
	/* Acquire: pairs with the release of a former owner in page_put(). */
	return __atomic_load_n(&block->refcount, __ATOMIC_ACQUIRE) > 1;
}

/**
 * struct vm_cow_page - a page that is to be copied.
 * @vm: address space that gets the copy, and counts it
 * @va: address of the page
 * @pte: leaf of the page, with the rights that the copy is to have
 * @level: its level
 * @flags: VM_* of the range there: a copy that was not promised is booked
 */
struct vm_cow_page {
	struct vm *vm;
	vaddr_t va;
	pte_t pte;
	u32 level;
	u32 flags;
};

/**
 * vm_cow_copy() - copy a page.
 * @page: which
 * @copy: 0; result: a leaf, or a table of smaller ones if no block was large enough
 *
 * Context: process context, interrupts enabled, no spinlock held.
 * Return: 0 or -ENOMEM.
 */
int vm_cow_copy(const struct vm_cow_page *page, pte_t *copy) __must_check;

/**
 * vm_cow_break() - make a page the address space's own.
 * @vm: address space
 * @addr: an address in it
 * @flags: of the range
 *
 * Does nothing if it is not shared any more; another CPU may have been quicker, or
 * be at it.
 *
 * Context: reader of the vm's lock.
 * Return: 0: look again; -ENOMEM.
 */
int vm_cow_break(struct vm *vm, vaddr_t addr, u32 flags) __must_check;

/**
 * vm_cow_split() - replace a large leaf by a table of copies.
 * @vm: address space
 * @entry: the leaf, shared
 * @va: an address that it covers
 * @level: its level, not 0
 *
 * Context: writer of the vm's lock.
 * Return: 0 or -ENOMEM.
 */
int vm_cow_split(struct vm *vm, pte_t *entry, vaddr_t va, u32 level) __must_check;

#endif
