// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing what ranges allow: mprotect(2).
 *
 * As on Linux, what lies below a hole is changed before the hole is reported.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"

/* Is there any page of the LWK's? Mostly at the first address, if at all. */
static bool has_pages(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	u32 level;
	pte_t pte = vm_pt_lookup(vm, start, &level);

	return (vm_pte_is_leaf(pte, level) && page_of_paddr(pte_paddr(pte))) ||
	       vm_pt_resident(vm, start, end);
}

/*
 * The flags of the part of a range that lies in [start, end). Once promised,
 * memory stays so, whatever it allows; but for private memory without any page,
 * whose promise is made anew when it becomes writable again.
 */
static u32 new_flags(const struct vm *vm, const struct vm_range *range, vaddr_t start,
		     vaddr_t end, u32 prot)
{
	u32 flags = (range->flags & ~VM_ACCESS) | (prot & VM_ACCESS);

	if (flags == range->flags)
		return flags;
	if (vm_accounts(flags))
		return flags | VM_ACCOUNT;
	if ((flags & VM_ACCOUNT) && !range->ops &&
	    !has_pages(vm, MAX(range->node.start, start), MIN(range->node.end, end)))
		flags &= ~VM_ACCOUNT;
	return flags;
}

/* Pages to be promised for the change; false if RLIMIT_DATA forbids it. */
static bool measure(const struct vm *vm, vaddr_t start, vaddr_t end, u32 prot, u64 *charge)
{
	const struct vm_range *range;
	u64 data = 0;

	*charge = 0;
	vm_range_for_each(range, vm, start, end) {
		vaddr_t low = MAX(range->node.start, start);
		vaddr_t high = MIN(range->node.end, end);
		u32 flags = new_flags(vm, range, start, end, prot);
		u64 npages = (high - low) >> PAGE_SHIFT;

		if (vm_is_data(flags) && !vm_is_data(range->flags))
			data += npages;
		if (flags & ~range->flags & VM_ACCOUNT)
			*charge += npages - vm_pt_resident(vm, low, high);
	}
	return !data || vm_may_have_data(vm, data);
}

static bool changes(const struct vm *vm, vaddr_t start, vaddr_t end, u32 prot)
{
	const struct vm_range *range;

	vm_range_for_each(range, vm, start, end) {
		if ((range->flags & VM_ACCESS) != (prot & VM_ACCESS))
			return true;
	}
	return false;
}

static void commit(struct vm *vm, vaddr_t start, vaddr_t end, u32 prot)
{
	struct vm_gather gather;
	struct vm_range *range;
	u64 released = 0;

	vm_gather_begin(&gather, vm);
	vm_range_for_each(range, vm, start, end) {
		u32 flags = new_flags(vm, range, start, end, prot);

		if (flags == range->flags)
			continue;
		if (range->flags & ~flags & VM_ACCOUNT)
			released += vm_range_npages(range);
		vm_range_set_flags(vm, range, flags);
		/* What Linux lends may allow less than its range: ask Linux again. */
		if (range->ops)
			vm_pt_clear(&gather, range->node.start, range->node.end);
		else
			vm_pt_protect(&gather, range->node.start, range->node.end, flags);
	}
	vm_gather_end(&gather);
	vm_ledger_uncharge(released);
	vm_range_merge(vm, start, end);
}

/* [start, end) has no holes. */
static int protect(struct vm *vm, vaddr_t start, vaddr_t end, u32 prot)
{
	u64 charge;
	int err;

	if (!changes(vm, start, end, prot))
		return 0;
	if (!measure(vm, start, end, prot, &charge))
		return -ENOMEM;
	err = vm_range_isolate(vm, start, end, VM_MAX_RANGES);
	if (err)
		return err;
	err = vm_pt_split_edges(vm, start, end);
	if (err)
		goto merge;
	err = vm_ledger_charge(charge);
	if (err)
		goto merge;
	commit(vm, start, end, prot);
	return 0;

merge:
	vm_range_merge(vm, start, end);
	return err;
}

/* PROT_GROWSDOWN: down to the start of the stack. */
static int extend_down(const struct vm *vm, vaddr_t *start, vaddr_t end)
{
	const struct vm_range *range = vm_range_find(vm, *start);

	if (!range || range->node.start >= end)
		return -ENOMEM;
	if (!(range->flags & VM_GROWSDOWN))
		return -EINVAL;
	*start = range->node.start;
	return 0;
}

static int protect_locked(struct vm *vm, vaddr_t start, vaddr_t end, u32 prot)
{
	vaddr_t stop;
	int err;

	if (!vm_range_find(vm, start))
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		err = extend_down(vm, &start, end);
		if (err)
			return err;
	} else if (prot & PROT_GROWSUP) {
		return -EINVAL; /* no range grows up on x86-64 */
	}
	stop = vm_range_covered(vm, start, end);
	if (stop == start)
		return -ENOMEM;
	err = protect(vm, start, stop, prot);
	if (err)
		return err;
	return stop < end ? -ENOMEM : 0;
}

int vm_protect(struct vm *vm, vaddr_t addr, u64 len, u32 prot)
{
	const u32 grows = PROT_GROWSDOWN | PROT_GROWSUP;
	vaddr_t end;
	int err;

	if ((prot & grows) == grows || !IS_ALIGNED(addr, PAGE_LEN))
		return -EINVAL;
	if (!len)
		return 0;
	end = addr + ALIGN_UP(len, PAGE_LEN);
	if (end <= addr)
		return -ENOMEM;
	if (prot & ~(grows | PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	vm_lock_write(&vm->lock);
	err = protect_locked(vm, addr, end, prot);
	vm_unlock_write(&vm->lock);
	return err;
}
