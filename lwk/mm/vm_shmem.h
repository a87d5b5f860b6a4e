/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared anonymous memory: an object that address spaces map.
 *
 * The pages of an object are those of an address space that no CPU ever uses, which maps the
 * object's offsets from VM_SHMEM_BASE on; so they are allocated, claimed, promised and
 * given back like all others. What maps the object takes them from there on a fault, in the
 * object's page sizes where the alignment allows, and refers to them by references of
 * its own. A leaf of a mapping always maps the very page that the object has there.
 *
 * A range of shared anonymous memory has no operations; its object is a struct vm_shmem.
 * The object is charged to the ledger, its mappings are not.
 *
 * Locks: that of the object's pages is taken inside that of an address space, and
 * nothing inside it.
 */
#ifndef LWK_MM_VM_SHMEM_H
#define LWK_MM_VM_SHMEM_H

#include "lwk/include/mm/vm.h"

/* Where offset 0 is in the object's pages: aligned for all page sizes. */
#define VM_SHMEM_BASE HUGE_PAGE_LEN

/**
 * struct vm_shmem - one object.
 * @refs: ranges that map it; atomic
 * @len: bytes; set at creation
 * @pages: its pages; set at creation
 */
struct vm_shmem {
	u32 refs;
	u64 len;
	struct vm *pages;
};

/**
 * vm_shmem_create() - make an object, all zero, no page of which is promised.
 * @vm: the address space that it is made for
 * @len: bytes, a multiple of the page size
 * @map_flags: MAP_*; those of MAP_HUGETLB count
 * @out: result, with one reference
 *
 * Context: process context, interrupts enabled; a vm's lock may be held.
 * Return: 0 or -ENOMEM.
 */
int vm_shmem_create(const struct vm *vm, u64 len, u32 map_flags,
		    struct vm_shmem **out) __must_check;

/**
 * vm_shmem_promise() - all pages of an object are promised from now on.
 * @shmem: no page of it has been touched; the caller has charged the ledger
 *
 * Context: process context, interrupts enabled; a vm's lock may be held.
 */
void vm_shmem_promise(struct vm_shmem *shmem);

/**
 * vm_shmem_get() - one more range maps an object.
 * @shmem: the caller has a reference already
 *
 * Context: any.
 */
void vm_shmem_get(struct vm_shmem *shmem);

/**
 * vm_shmem_put() - one range less does; the last one frees it.
 * @shmem: no longer used by the caller, whose leaves of it are gone
 *
 * Context: process context, interrupts enabled; a vm's lock may be held.
 */
void vm_shmem_put(struct vm_shmem *shmem);

/**
 * vm_shmem_of() - the object that a range maps.
 * @range: a range
 *
 * Context: any.
 * Return: the object, or NULL if the range is no shared anonymous memory.
 */
static inline struct vm_shmem *vm_shmem_of(const struct vm_range *range)
{
	return !range->ops && (range->flags & VM_SHARED) ? range->object : NULL;
}

/**
 * vm_shmem_fault() - map the page of an address.
 * @vm: address space
 * @range: maps an object
 * @addr: in @range
 *
 * Context: reader of the vm's lock.
 * Return: 0, also if a page is there already; -ENXIO beyond the object's end; -ENOMEM.
 */
int vm_shmem_fault(struct vm *vm, const struct vm_range *range, vaddr_t addr) __must_check;

/**
 * vm_shmem_lookup() - the object's page at an address, if it has one.
 * @range: maps an object
 * @addr: in @range
 * @level: result: how large it is in the object
 *
 * Context: reader or writer of the vm's lock.
 * Return: physical address of the very 4 KiB page, or PADDR_NONE.
 */
paddr_t vm_shmem_lookup(const struct vm_range *range, vaddr_t addr, u32 *level);

/**
 * vm_shmem_remove() - make a part of an object zero.
 * @vm: address space
 * @range: maps an object
 * @start: first address, page-aligned
 * @end: end; both in @range
 *
 * Pages are given back if @range alone maps the object, and cleared where they are
 * otherwise: what is promised could not be used for anything else, and
 * finding all who map them would take two address spaces' locks at once.
 *
 * Context: writer of the vm's lock.
 */
void vm_shmem_remove(struct vm *vm, const struct vm_range *range, vaddr_t start, vaddr_t end);

#endif
