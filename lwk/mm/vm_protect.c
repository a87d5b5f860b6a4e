// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing what ranges allow: mprotect(2), pkey_mprotect(2).
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

/* What ranges in [start, end) are to allow; their new key is vm_pkey_for() them. */
struct protection {
	vaddr_t start;
	vaddr_t end;
	u32 prot;
	s32 pkey;
};

/*
 * The flags of the part of a range that changes. Once promised,
 * memory stays so, whatever it allows; but for private memory without any page,
 * whose promise is made anew when it becomes writable again.
 */
static u32 new_flags(struct vm *vm, const struct vm_range *range, const struct protection *to)
{
	u32 flags = (range->flags & ~(VM_ACCESS | VM_PKEY_MASK)) | (to->prot & VM_ACCESS) |
		    vm_pkey_for(vm, range, to->prot, to->pkey) << VM_PKEY_SHIFT;

	if (flags == range->flags)
		return flags;
	if (vm_accounts(flags))
		return flags | VM_ACCOUNT;
	if ((flags & VM_ACCOUNT) && !range->ops &&
	    !has_pages(vm, MAX(range->node.start, to->start), MIN(range->node.end, to->end)))
		flags &= ~VM_ACCOUNT;
	return flags;
}

/* Pages to be promised for the change; false if RLIMIT_DATA forbids it. */
static bool measure(struct vm *vm, const struct protection *to, u64 *charge)
{
	const struct vm_range *range;
	u64 data = 0;

	*charge = 0;
	vm_range_for_each(range, vm, to->start, to->end) {
		vaddr_t low = MAX(range->node.start, to->start);
		vaddr_t high = MIN(range->node.end, to->end);
		u32 flags = new_flags(vm, range, to);
		u64 npages = (high - low) >> PAGE_SHIFT;

		if (vm_is_data(flags) && !vm_is_data(range->flags))
			data += npages;
		if (flags & ~range->flags & VM_ACCOUNT)
			*charge += npages;
	}
	return !data || vm_may_have_data(vm, data);
}

static bool changes(struct vm *vm, const struct protection *to)
{
	const struct vm_range *range;

	vm_range_for_each(range, vm, to->start, to->end) {
		if ((range->flags ^ new_flags(vm, range, to)) & (VM_ACCESS | VM_PKEY_MASK))
			return true;
	}
	return false;
}

static void commit(struct vm *vm, const struct protection *to)
{
	struct vm_gather gather;
	struct vm_range *range;
	u64 released = 0;

	vm_gather_begin(&gather, vm);
	vm_range_for_each(range, vm, to->start, to->end) {
		u32 flags = new_flags(vm, range, to);

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
	vm_range_merge(vm, to->start, to->end);
}

/* [start, end) of @to has no holes. */
static int protect(struct vm *vm, const struct protection *to)
{
	u64 charge;
	int err;

	if (!changes(vm, to))
		return 0;
	if (!measure(vm, to, &charge))
		return -ENOMEM;
	err = vm_range_isolate(vm, to->start, to->end, VM_MAX_RANGES);
	if (err)
		return err;
	err = vm_pt_split_edges(vm, to->start, to->end);
	if (err)
		goto merge;
	err = vm_ledger_charge(charge);
	if (err)
		goto merge;
	commit(vm, to);
	return 0;

merge:
	vm_range_merge(vm, to->start, to->end);
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

static int protect_locked(struct vm *vm, vaddr_t start, vaddr_t end, u32 prot, s32 pkey)
{
	struct protection to = { .prot = prot & ~(PROT_GROWSDOWN | PROT_GROWSUP), .pkey = pkey };
	vaddr_t stop;
	int err;

	err = vm_pkey_check(vm, pkey);
	if (err)
		return err;
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
	to.start = start;
	to.end = stop;
	err = protect(vm, &to);
	if (err)
		return err;
	return stop < end ? -ENOMEM : 0;
}

/* Return: 0, also if there is nothing to do; -errno. */
static int check_args(vaddr_t addr, u64 len, u32 prot)
{
	const u32 grows = PROT_GROWSDOWN | PROT_GROWSUP;

	if ((prot & grows) == grows || !IS_ALIGNED(addr, PAGE_LEN))
		return -EINVAL;
	if (!len)
		return 0;
	if (addr + ALIGN_UP(len, PAGE_LEN) <= addr)
		return -ENOMEM;
	return prot & ~(grows | PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM) ? -EINVAL : 0;
}

int vm_protect_key(struct vm *vm, vaddr_t addr, u64 len, u32 prot, s32 pkey)
{
	int err = check_args(addr, len, prot);

	if (err || !len)
		return err;
	vm_lock_write(&vm->lock);
	err = protect_locked(vm, addr, addr + ALIGN_UP(len, PAGE_LEN), prot, pkey);
	vm_unlock_write(&vm->lock);
	return err;
}

int vm_protect_own(struct vm *vm, vaddr_t addr, u64 len, u32 prot, s32 pkey)
{
	vaddr_t end = addr + ALIGN_UP(len, PAGE_LEN);
	int err = check_args(addr, len, prot);

	if (err || !len)
		return err;
	vm_lock_write(&vm->lock);
	err = vm_has_foreign(vm, addr, end) ? -EXDEV : protect_locked(vm, addr, end, prot, pkey);
	vm_unlock_write(&vm->lock);
	return err;
}

int vm_protect(struct vm *vm, vaddr_t addr, u64 len, u32 prot)
{
	return vm_protect_key(vm, addr, len, prot, VM_PKEY_SAME);
}
