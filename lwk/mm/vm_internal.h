/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of user address spaces share with each other and nobody else.
 *
 * A call that changes a space is made of two halves. The first prepares: it
 * splits ranges at the edges (vm_range_isolate), splits large pages there, charges
 * the ledger, allocates. It may fail, and then merges again what it split. The
 * second commits and cannot fail.
 */
#ifndef LWK_MM_VM_INTERNAL_H
#define LWK_MM_VM_INTERNAL_H

#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/mm/vm_ledger.h"
#include "lwk/include/mm/vm_policy.h"
#include "lwk/mm/vm_pt.h"

/* The range of a tree node; NULL stays NULL. */
static inline struct vm_range *vm_range_of(struct vm_node *node)
{
	return node ? container_of(node, struct vm_range, node) : NULL;
}

/* The first range that ends above @addr. */
static inline struct vm_range *vm_range_find(const struct vm *vm, vaddr_t addr)
{
	return vm_range_of(vm_tree_find(&vm->ranges, addr));
}

static inline struct vm_range *vm_range_next(const struct vm *vm, const struct vm_range *range)
{
	return vm_range_of(vm_tree_next(&vm->ranges, &range->node));
}

static inline struct vm_range *vm_range_prev(const struct vm *vm, const struct vm_range *range)
{
	return vm_range_of(vm_tree_prev(&vm->ranges, &range->node));
}

static inline u64 vm_range_npages(const struct vm_range *range)
{
	return (range->node.end - range->node.start) >> PAGE_SHIFT;
}

/** vm_range_for_each() - the ranges that overlap [first, stop), ascending. */
#define vm_range_for_each(range, vm, first, stop)                 \
	for (range = vm_range_find(vm, first);                    \
	     range && range->node.start < (stop);                 \
	     range = vm_range_next(vm, range))

/**
 * vm_policy_current() - the policy of memory whose range has none.
 * @vm: address space
 *
 * Context: reader or writer of the vm's lock.
 * Return: it, valid while the caller has the lock, or NULL.
 */
struct vm_policy *vm_policy_current(const struct vm *vm);

/**
 * vm_pkey_check() - may pages get a protection key?
 * @vm: address space
 * @pkey: key, or VM_PKEY_SAME
 *
 * Context: reader or writer of the vm's lock.
 * Return: 0, -EINVAL if it is not allocated.
 */
int vm_pkey_check(const struct vm *vm, s32 pkey) __must_check;

/**
 * vm_pkey_exec_only() - the key of memory that can only be executed.
 * @vm: the calling thread's address space
 *
 * Takes the thread the right to read by it.
 *
 * Context: writer of the vm's lock.
 * Return: the key; 0 if none is to be had.
 */
u32 vm_pkey_exec_only(struct vm *vm);

/**
 * vm_pkey_for() - the key that a range gets with its new protection.
 * @vm: the calling thread's address space
 * @range: as it was before
 * @prot: PROT_*
 * @pkey: what was asked for, or VM_PKEY_SAME
 *
 * Context: writer of the vm's lock.
 * Return: the key.
 */
u32 vm_pkey_for(struct vm *vm, const struct vm_range *range, u32 prot, s32 pkey);

/**
 * vm_page_alloc() - allocate a block for an address, by policy.
 * @vm: address space
 * @va: address that it is for
 * @order: of the block
 * @flags: PAGE_ALLOC_ZERO or 0
 *
 * Context: reader or writer of the vm's lock.
 * Return: the block, or NULL.
 */
struct page *vm_page_alloc(const struct vm *vm, vaddr_t va, u32 order, u32 flags) __must_check;

/**
 * vm_block_alloc() - allocate what a leaf of a private range is to map, and book it if need be.
 * @vm: address space
 * @va: address of the leaf
 * @level: its level
 * @range_flags: VM_* of the range; what it was not promised is booked, until it is freed
 * @flags: PAGE_ALLOC_*
 *
 * Context: reader of the vm's lock; no spinlock held.
 * Return: the block, or NULL: there is none, or the ledger refuses it.
 */
struct page *vm_block_alloc(const struct vm *vm, vaddr_t va, u32 level, u32 range_flags,
			    u32 flags) __must_check;

/**
 * vm_range_new() - allocate a range that is not in the tree yet.
 * @start: first address
 * @end: end
 * @flags: VM_*
 *
 * Context: process context.
 * Return: the range, or NULL.
 */
struct vm_range *vm_range_new(vaddr_t start, vaddr_t end, u32 flags);

/**
 * vm_range_add() - put a new range into the tree and the vm's numbers.
 * @vm: address space
 * @range: from vm_range_new()
 *
 * Context: writer of the vm's lock.
 */
void vm_range_add(struct vm *vm, struct vm_range *range);

/**
 * vm_range_remove() - take a range out of the tree and the numbers; free it.
 * @vm: address space
 * @range: its pages are gone already
 *
 * Context: writer of the vm's lock.
 */
void vm_range_remove(struct vm *vm, struct vm_range *range);

/**
 * vm_range_set_flags() - change flags, and the vm's numbers with them.
 * @vm: address space
 * @range: a range
 * @flags: new flags
 *
 * Context: writer of the vm's lock.
 */
void vm_range_set_flags(struct vm *vm, struct vm_range *range, u32 flags);

/**
 * vm_range_resize() - move the ends of a range.
 * @vm: address space
 * @range: a range
 * @start: new first address
 * @end: new end
 *
 * Context: writer of the vm's lock; what is cut off has no pages.
 */
void vm_range_resize(struct vm *vm, struct vm_range *range, vaddr_t start, vaddr_t end);

/**
 * vm_range_isolate() - split ranges so that none reaches across either end.
 * @vm: address space
 * @start: first address
 * @end: end
 * @max: do not split if there are so many ranges; VM_MAX_RANGES for all that do
 *	not unmap
 *
 * Context: writer of the vm's lock; vm_range_merge() afterwards.
 * Return: 0; -ENOMEM, -EINVAL if a hugetlb range would be cut inside a page.
 */
int vm_range_isolate(struct vm *vm, vaddr_t start, vaddr_t end, u32 max) __must_check;

/**
 * vm_range_merge() - make one of adjacent ranges that are alike.
 * @vm: address space
 * @start: first address where two may meet
 * @end: last such address
 *
 * Context: writer of the vm's lock.
 */
void vm_range_merge(struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_range_covered() - where the first hole is.
 * @vm: address space
 * @start: first address
 * @end: end
 *
 * Context: reader or writer of the vm's lock.
 * Return: the first address from @start on in no range, at most @end.
 */
vaddr_t vm_range_covered(const struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_has_foreign() - is there a range whose pages are somebody else's?
 * @vm: address space
 * @start: first address
 * @end: end
 *
 * Context: reader or writer of the vm's lock.
 * Return: true if so.
 */
bool vm_has_foreign(const struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_accounts() - must a range's pages be promised?
 * @flags: VM_* of the range; shared memory is promised to its object
 *
 * Context: any.
 * Return: true if so.
 */
bool vm_accounts(u32 flags);

/**
 * vm_may_have_data() - does RLIMIT_DATA allow more for mappings?
 * @vm: the space
 * @npages: 4 KiB pages more
 *
 * Context: its lock held. Return: true if so.
 */
bool vm_may_have_data(const struct vm *vm, u64 npages);

/**
 * vm_may_expand() - do RLIMIT_AS and RLIMIT_DATA allow more?
 * @vm: address space
 * @flags: of the new pages
 * @npages: how many more; those that count as data are the same
 *
 * Context: writer of the vm's lock.
 * Return: true if so.
 */
bool vm_may_expand(const struct vm *vm, u32 flags, u64 npages);

/**
 * vm_is_data() - does RLIMIT_DATA count such a range?
 * @flags: VM_* of the range
 *
 * Context: any.
 * Return: true if so.
 */
bool vm_is_data(u32 flags);

/**
 * vm_may_lock() - does RLIMIT_MEMLOCK allow any locking?
 * @vm: address space
 *
 * Context: writer of the vm's lock.
 * Return: true if so.
 */
bool vm_may_lock(const struct vm *vm);

/**
 * vm_may_lock_more() - does RLIMIT_MEMLOCK allow more pages?
 * @vm: address space
 * @flags: VM_* of the new pages; without VM_LOCKED the answer is yes
 * @npages: how many more
 *
 * Context: writer of the vm's lock.
 * Return: true if so.
 */
bool vm_may_lock_more(const struct vm *vm, u32 flags, u64 npages);

/**
 * vm_promised() - pages that a range of addresses was promised.
 * @vm: address space
 * @start: first address
 * @end: end
 *
 * Context: writer of the vm's lock.
 * Return: the count.
 */
u64 vm_promised(const struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_charge_net() - promise pages in exchange for others.
 * @npages: pages wanted
 * @released: pages that the caller will give back when it commits
 *
 * Context: any.
 * Return: 0 or -ENOMEM. After the commit, call vm_settle().
 */
int vm_charge_net(u64 npages, u64 released) __must_check;

/**
 * vm_settle() - complete an exchange after the commit.
 * @npages: as for vm_charge_net()
 * @released: as for vm_charge_net(), now given back
 *
 * Context: any.
 */
void vm_settle(u64 npages, u64 released);

/**
 * vm_unmap_prepare() - do all of an unmap that can fail.
 * @vm: address space
 * @start: first address
 * @end: end
 *
 * Context: writer of the vm's lock; to undo, vm_range_merge().
 * Return: 0, -ENOMEM, -EINVAL; ranges are merged again on failure.
 */
int vm_unmap_prepare(struct vm *vm, vaddr_t start, vaddr_t end) __must_check;

/**
 * vm_unmap_commit() - unmap; the ledger is the caller's.
 * @vm: address space
 * @start: first address
 * @end: end; both prepared
 *
 * Context: writer of the vm's lock.
 */
void vm_unmap_commit(struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_unmap_locked() - prepare, commit, and uncharge.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Context: writer of the vm's lock.
 * Return: 0, -ENOMEM, -EINVAL.
 */
int vm_unmap_locked(struct vm *vm, vaddr_t start, vaddr_t end) __must_check;

/**
 * vm_zap_split() - take pages away, those of shared anonymous memory for all who map it.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned; no large page reaches across either
 *
 * Context: writer of the vm's lock.
 */
void vm_zap_split(struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_collapse() - make large pages of small ones.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Context: writer of the vm's lock.
 * Return: 0; as MADV_COLLAPSE has it -EINVAL, -ENOMEM, -EAGAIN: a page is in use.
 */
int vm_collapse(struct vm *vm, vaddr_t start, vaddr_t end) __must_check;

/**
 * struct vm_place - where a mapping wants to be.
 * @addr: hint, or address if @fixed
 * @len: bytes, page-aligned, not 0
 * @flags: MAP_*; MAP_FIXED and MAP_32BIT count
 * @align: the page size that the mapping insists on
 * @end: with MAP_FIXED: where it has to end at the latest; 0 for the window's end
 */
struct vm_place {
	vaddr_t addr;
	u64 len;
	u32 flags;
	u64 align;
	vaddr_t end;
};

/**
 * vm_find_place() - choose or check the address of a mapping.
 * @vm: address space
 * @place: what is wanted
 * @addr: result
 *
 * Context: reader or writer of the vm's lock.
 * Return: 0, -ENOMEM, -EINVAL for misaligned, -EPERM below VM_TASK_START.
 */
int vm_find_place(const struct vm *vm, const struct vm_place *place, vaddr_t *addr) __must_check;

/**
 * vm_places_held() - is somebody between vm_hold_places() and vm_release_places()?
 * @vm: address space
 *
 * Context: writer of the vm's lock.
 * Return: true if so.
 */
bool vm_places_held(const struct vm *vm);

/**
 * vm_grow_stack() - let the stack above an address reach down to it.
 * @vm: address space
 * @addr: faulting address, in no range
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or -EFAULT if there is no such stack or it must not grow so far.
 */
int vm_grow_stack(struct vm *vm, vaddr_t addr) __must_check;

/**
 * vm_touch_memory() - make memory of the LWK accessible.
 * @vm: address space
 * @range: without operations
 * @addr: in @range
 * @own: and no other address space's, unless it is shared memory
 *
 * Context: reader of the vm's lock.
 * Return: 0; -ENOMEM; -ENXIO beyond the end of shared memory.
 */
int vm_touch_memory(struct vm *vm, const struct vm_range *range, vaddr_t addr,
		    bool own) __must_check;

/**
 * vm_populate_any() - fault in whatever the ranges allow, as mmap and mlock do.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 * @all: go on with the next range after a failure
 *
 * Leaves out VM_LOCKONFAULT, and holes: there are none but those of other threads' making.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: -EINTR: the calling thread has to end; else 0, -ENOMEM, -EFAULT for a range without
 * access; 0 if @all.
 */
int vm_populate_any(struct vm *vm, vaddr_t start, vaddr_t end, bool all);

#endif
