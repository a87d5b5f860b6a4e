// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heap: brk up and down.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/mm/vm_internal.h"

static bool limit_allows(const struct vm *vm, vaddr_t addr)
{
	return vm->limits.data == VM_UNLIMITED ||
	       (vm->data_len <= vm->limits.data &&
		addr - vm->brk_start <= vm->limits.data - vm->data_len);
}

/* A page must stay free in front of what lies above, and of a stack's guard. */
static bool space_allows(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *next = vm_range_find(vm, start);
	u64 distance = PAGE_LEN;

	if (end > vm->end || end < start)
		return false;
	if (!next)
		return true;
	if (next->flags & VM_GROWSDOWN)
		distance += VM_GUARD_LEN;
	return next->node.start >= distance && end <= next->node.start - distance;
}

static int grow(struct vm *vm, vaddr_t start, vaddr_t end)
{
	u32 flags = VM_READ | VM_WRITE | VM_ACCOUNT | vm->def_flags;
	u64 npages = (end - start) >> PAGE_SHIFT;
	struct vm_range *range;
	int err;

	if (!space_allows(vm, start, end) || !vm_may_expand(vm, flags, npages) ||
	    !vm_may_lock_more(vm, flags, npages) || vm->ranges.count > VM_MAX_RANGES)
		return -ENOMEM;
	range = vm_range_new(start, end, flags);
	if (!range)
		return -ENOMEM;
	err = vm_ledger_charge(npages);
	if (err)
		goto free_range;
	vm_range_add(vm, range);
	vm_range_merge(vm, start, end);
	return 0;

free_range:
	kfree(range);
	return err;
}

static int move_brk(struct vm *vm, vaddr_t addr)
{
	vaddr_t old_end = ALIGN_UP(vm->brk, PAGE_LEN);
	vaddr_t new_end = ALIGN_UP(addr, PAGE_LEN);
	int err = 0;

	if (addr < vm->brk_start || new_end < addr || !limit_allows(vm, addr))
		return -ENOMEM;
	if (new_end < old_end)
		err = vm_unmap_locked(vm, new_end, old_end);
	else if (new_end > old_end)
		err = grow(vm, old_end, new_end);
	if (!err)
		vm->brk = addr;
	return err;
}

/* May the heap's way from @old to @new lead over what is, or is about to be, somebody else's? */
static bool may_be_others(const struct vm *vm, vaddr_t old, vaddr_t new)
{
	return new > old ? vm_places_held(vm) : vm_has_foreign(vm, new, old);
}

static int change_brk(struct vm *vm, vaddr_t addr, bool own, vaddr_t *out)
{
	vaddr_t old;
	bool populate;

	vm_lock_write(&vm->lock);
	old = ALIGN_UP(vm->brk, PAGE_LEN);
	if (own && may_be_others(vm, old, MAX(ALIGN_UP(addr, PAGE_LEN), vm->brk_start))) {
		vm_unlock_write(&vm->lock);
		return -EXDEV;
	}
	/* The system call has no error: the answer tells. */
	(void)move_brk(vm, addr);
	*out = vm->brk;
	populate = (vm->def_flags & VM_LOCKED) && !(vm->def_flags & VM_LOCKONFAULT);
	vm_unlock_write(&vm->lock);
	if (populate && *out > old)
		vm_populate_any(vm, old, ALIGN_UP(*out, PAGE_LEN), true);
	return 0;
}

vaddr_t vm_brk(struct vm *vm, vaddr_t addr)
{
	vaddr_t brk;

	(void)change_brk(vm, addr, false, &brk);
	return brk;
}

int vm_brk_own(struct vm *vm, vaddr_t addr, vaddr_t *brk)
{
	return change_brk(vm, addr, true, brk);
}
