// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges of an address space: split, merge, counted, limited.
 *
 * No two adjacent ranges are alike between calls; so splitting and then merging
 * again leaves the space as it was.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

struct vm_range *vm_range_new(vaddr_t start, vaddr_t end, u32 flags)
{
	struct vm_range *range = kzalloc(sizeof(*range));

	if (!range)
		return NULL;
	range->node.start = start;
	range->node.end = end;
	range->flags = flags;
	return range;
}

bool vm_is_data(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

static void count(struct vm *vm, u32 flags, u64 npages)
{
	vm->total += npages;
	vm->peak_total = MAX(vm->peak_total, vm->total);
	if (flags & VM_LOCKED)
		vm->locked += npages;
	if (vm_is_data(flags))
		vm->data += npages;
	if (flags & VM_GROWSDOWN)
		vm->stack += npages;
}

/* Unsigned numbers wrap, so this undoes count(). */
static void uncount(struct vm *vm, u32 flags, u64 npages)
{
	count(vm, flags, -npages);
}

void vm_range_add(struct vm *vm, struct vm_range *range)
{
	ASSERT(vm_lock_is_write_held(&vm->lock));
	range->node.guarded = range->flags & VM_GROWSDOWN;
	if (range->ops)
		range->ops->get(range->object);
	else if (vm_shmem_of(range))
		vm_shmem_get(range->object);
	vm_policy_get(range->policy);
	vm_tree_insert(&vm->ranges, &range->node);
	count(vm, range->flags, vm_range_npages(range));
}

void vm_range_remove(struct vm *vm, struct vm_range *range)
{
	ASSERT(vm_lock_is_write_held(&vm->lock));
	uncount(vm, range->flags, vm_range_npages(range));
	vm_tree_remove(&vm->ranges, &range->node);
	if (range->ops)
		range->ops->put(range->object);
	else if (vm_shmem_of(range))
		vm_shmem_put(range->object);
	vm_policy_put(range->policy);
	kfree(range);
}

void vm_range_set_flags(struct vm *vm, struct vm_range *range, u32 flags)
{
	uncount(vm, range->flags, vm_range_npages(range));
	range->flags = flags;
	count(vm, range->flags, vm_range_npages(range));
}

void vm_range_resize(struct vm *vm, struct vm_range *range, vaddr_t start, vaddr_t end)
{
	uncount(vm, range->flags, vm_range_npages(range));
	range->offset += start - range->node.start;
	vm_tree_resize(&vm->ranges, &range->node, start, end);
	count(vm, range->flags, vm_range_npages(range));
}

static u64 page_len(u32 flags)
{
	if (flags & VM_HUGETLB_1G)
		return HUGE_PAGE_LEN;
	return flags & VM_HUGETLB_2M ? LARGE_PAGE_LEN : PAGE_LEN;
}

static int split_at(struct vm *vm, vaddr_t at, u32 max)
{
	struct vm_range *range = vm_range_find(vm, at);
	struct vm_range *upper;

	if (!range || range->node.start >= at)
		return 0;
	if (!IS_ALIGNED(at, page_len(range->flags)))
		return -EINVAL;
	if (vm->ranges.count >= max)
		return -ENOMEM;
	upper = vm_range_new(at, range->node.end, range->flags);
	if (!upper)
		return -ENOMEM;
	upper->ops = range->ops;
	upper->object = range->object;
	upper->offset = range->offset + (at - range->node.start);
	upper->policy = range->policy;
	vm_range_resize(vm, range, range->node.start, at);
	vm_range_add(vm, upper);
	return 0;
}

int vm_range_isolate(struct vm *vm, vaddr_t start, vaddr_t end, u32 max)
{
	int err = split_at(vm, start, max);

	if (err)
		return err;
	err = split_at(vm, end, max);
	if (err)
		vm_range_merge(vm, start, start);
	return err;
}

static bool alike(const struct vm_range *low, const struct vm_range *high)
{
	if (low->node.end != high->node.start || low->flags != high->flags ||
	    low->ops != high->ops || low->object != high->object ||
	    !vm_policy_equal(low->policy, high->policy))
		return false;
	/* Private anonymous memory has no object to be a part of. */
	if (!low->ops && !(low->flags & (VM_SHARED | VM_IMAGE)))
		return true;
	return low->offset + (low->node.end - low->node.start) == high->offset;
}

void vm_range_merge(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct vm_range *range = vm_range_find(vm, start ? start - 1 : 0);
	struct vm_range *next;
	vaddr_t limit;

	while (range && range->node.end <= end) {
		next = vm_range_next(vm, range);
		if (!next)
			break;
		if (alike(range, next)) {
			limit = next->node.end;
			vm_range_remove(vm, next);
			vm_range_resize(vm, range, range->node.start, limit);
		} else {
			range = next;
		}
	}
}

vaddr_t vm_range_covered(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;

	vm_range_for_each(range, vm, start, end) {
		if (range->node.start > start)
			break;
		start = range->node.end;
	}
	return MIN(start, end);
}

bool vm_has_foreign(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;

	vm_range_for_each(range, vm, start, end) {
		if (range->ops)
			return true;
	}
	return false;
}

bool vm_accounts(u32 flags)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

static bool within(u64 npages, u64 more, u64 limit)
{
	return limit == VM_UNLIMITED || npages + more <= limit >> PAGE_SHIFT;
}

bool vm_may_have_data(const struct vm *vm, u64 npages)
{
	return within(vm->data, npages,
		      vm->limits.data ? vm->limits.data : vm->limits.data_hard);
}

bool vm_may_expand(const struct vm *vm, u32 flags, u64 npages)
{
	if (!within(vm->total, npages, vm->limits.as))
		return false;
	return !vm_is_data(flags) || vm_may_have_data(vm, npages);
}

bool vm_may_lock(const struct vm *vm)
{
	return vm->limits.may_lock || vm->limits.memlock;
}

bool vm_may_lock_more(const struct vm *vm, u32 flags, u64 npages)
{
	return !(flags & VM_LOCKED) || vm->limits.may_lock ||
	       within(vm->locked, npages, vm->limits.memlock);
}

u64 vm_promised(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;
	u64 npages = 0;

	vm_range_for_each(range, vm, start, end) {
		if (range->flags & VM_ACCOUNT)
			npages += (MIN(range->node.end, end) - MAX(range->node.start, start)) >>
				  PAGE_SHIFT;
	}
	return npages;
}

int vm_charge_net(u64 npages, u64 released)
{
	return npages > released ? vm_ledger_charge(npages - released) : 0;
}

void vm_settle(u64 npages, u64 released)
{
	if (released > npages)
		vm_ledger_uncharge(released - npages);
}
