// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmapping, and taking pages away from ranges that stay.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/* Will there be one more range, because a hole comes into the middle of one? */
static bool adds_range(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range = vm_range_find(vm, start);

	return range && range->node.start < start && range->node.end > end;
}

int vm_unmap_prepare(struct vm *vm, vaddr_t start, vaddr_t end)
{
	int err;

	if (vm->ranges.count >= VM_MAX_RANGES && adds_range(vm, start, end))
		return -ENOMEM;
	/* Two more for the moment: as on Linux, unmapping works at the limit. */
	err = vm_range_isolate(vm, start, end, VM_MAX_RANGES + 2);
	if (err)
		return err;
	err = vm_pt_split_edges(vm, start, end);
	if (err)
		vm_range_merge(vm, start, end);
	return err;
}

/* Where the range below [start, ..) ends; no range reaches across @start. */
static vaddr_t end_below(const struct vm *vm, vaddr_t start)
{
	const struct vm_range *range = vm_range_find(vm, start);
	const struct vm_range *below = range ? vm_range_prev(vm, range) : NULL;

	return below ? below->node.end : 0;
}

static void clear_ranges(struct vm_gather *gather, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;
	vaddr_t floor = end_below(gather->vm, start);

	vm_range_for_each(range, gather->vm, start, end)
		vm_pt_clear_range(gather, range, floor);
}

static void remove_ranges(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct vm_range *range;
	struct vm_range *next;

	for (range = vm_range_find(vm, start); range && range->node.start < end; range = next) {
		next = vm_range_next(vm, range);
		if (range->ops)
			range->ops->unmapped(vm, range->object, range->node.start,
					     range->node.end);
		vm_range_remove(vm, range);
	}
}

void vm_unmap_commit(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct vm_gather gather;

	vm_gather_begin(&gather, vm);
	clear_ranges(&gather, start, end);
	/* The owner of foreign pages must not hear of it before the flush, nor an object go. */
	vm_gather_end(&gather);
	remove_ranges(vm, start, end);
}

int vm_unmap_locked(struct vm *vm, vaddr_t start, vaddr_t end)
{
	u64 released;
	int err;

	err = vm_unmap_prepare(vm, start, end);
	if (err)
		return err;
	released = vm_promised(vm, start, end);
	vm_unmap_commit(vm, start, end);
	vm_ledger_uncharge(released);
	return 0;
}

static bool is_bad_range(vaddr_t addr, u64 len)
{
	return !IS_ALIGNED(addr, PAGE_LEN) || addr > VM_TASK_END || len > VM_TASK_END - addr ||
	       !len;
}

int vm_unmap(struct vm *vm, vaddr_t addr, u64 len)
{
	int err;

	if (is_bad_range(addr, len))
		return -EINVAL;
	vm_lock_write(&vm->lock);
	err = vm_unmap_locked(vm, addr, addr + ALIGN_UP(len, PAGE_LEN));
	vm_unlock_write(&vm->lock);
	return err;
}

static bool has_shared_memory(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;

	vm_range_for_each(range, vm, start, end) {
		if (vm_shmem_of(range))
			return true;
	}
	return false;
}

/*
 * Private memory: the ranges go first, so that the rest can be done as a reader, who lets others
 * fault. Nobody finds the pages any more; and nobody maps anything where they were, which takes a
 * writer, before all CPUs have forgotten them. A CPU that still knows one of the tables, for a
 * neighbour's page, finds nothing in it, faults, and looks again.
 */
static void unmap_private(struct vm *vm, vaddr_t start, vaddr_t end)
{
	u64 released = vm_promised(vm, start, end);
	struct vm_gather gather;
	u32 token;

	vm_gather_begin(&gather, vm);
	clear_ranges(&gather, start, end);
	remove_ranges(vm, start, end);
	token = vm_lock_downgrade(&vm->lock);
	vm_gather_end(&gather);
	vm_ledger_uncharge(released);
	vm_unlock_read(&vm->lock, token);
}

int vm_unmap_own(struct vm *vm, vaddr_t addr, u64 len)
{
	vaddr_t end = addr + ALIGN_UP(len, PAGE_LEN);
	int err;

	if (is_bad_range(addr, len))
		return -EINVAL;
	vm_lock_write(&vm->lock);
	if (vm_has_foreign(vm, addr, end)) {
		err = -EXDEV;
	} else if (has_shared_memory(vm, addr, end)) {
		err = vm_unmap_locked(vm, addr, end);
	} else {
		err = vm_unmap_prepare(vm, addr, end);
		if (!err) {
			unmap_private(vm, addr, end);
			return 0;
		}
	}
	vm_unlock_write(&vm->lock);
	return err;
}

void vm_zap_split(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct vm_gather gather;
	struct vm_range *range;

	vm_gather_begin(&gather, vm);
	vm_range_for_each(range, vm, start, end) {
		if (vm_shmem_of(range))
			vm_shmem_remove(vm, range, MAX(range->node.start, start),
					MIN(range->node.end, end));
		else
			vm_pt_clear(&gather, MAX(range->node.start, start),
				    MIN(range->node.end, end));
	}
	vm_gather_end(&gather);
}

int vm_zap(struct vm *vm, vaddr_t start, vaddr_t end)
{
	int err;

	vm_lock_write(&vm->lock);
	err = vm_pt_split_edges(vm, start, end);
	if (!err)
		vm_zap_split(vm, start, end);
	vm_unlock_write(&vm->lock);
	return err;
}
