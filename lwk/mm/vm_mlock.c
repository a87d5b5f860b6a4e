// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locking memory: mlock(2) and its relatives.
 *
 * Nothing here is ever paged out, so a lock faults pages in, is counted against
 * RLIMIT_MEMLOCK, and keeps MADV_DONTNEED away.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"

#define LOCK_FLAGS (VM_LOCKED | VM_LOCKONFAULT)

/* Change the lock of [start, stop), which has no holes. */
static int set_lock(struct vm *vm, vaddr_t start, vaddr_t stop, u32 lock)
{
	struct vm_range *range;
	int err;

	err = vm_range_isolate(vm, start, stop, VM_MAX_RANGES);
	if (err)
		return err;
	vm_range_for_each(range, vm, start, stop) {
		if (!(range->flags & VM_UNLOCKABLE))
			vm_range_set_flags(vm, range, (range->flags & ~LOCK_FLAGS) | lock);
	}
	vm_range_merge(vm, start, stop);
	return 0;
}

static int lock_range(struct vm *vm, vaddr_t start, vaddr_t end, u32 lock)
{
	vaddr_t stop;
	int err;

	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	stop = vm_range_covered(vm, start, end);
	err = set_lock(vm, start, stop, lock);
	if (err)
		return err;
	return stop < end ? -ENOMEM : 0;
}

static u64 locked_pages(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;
	u64 npages = 0;

	vm_range_for_each(range, vm, start, end) {
		if (range->flags & VM_LOCKED)
			npages += (MIN(range->node.end, end) - MAX(range->node.start, start)) >>
				  PAGE_SHIFT;
	}
	return npages;
}

static void round_out(vaddr_t *start, u64 *len)
{
	*len = ALIGN_UP(*len + *start % PAGE_LEN, PAGE_LEN);
	*start = ALIGN_DOWN(*start, PAGE_LEN);
}

static int mlock(struct vm *vm, vaddr_t addr, u64 len, u32 flags, bool own)
{
	u32 lock = flags & MLOCK_ONFAULT ? LOCK_FLAGS : VM_LOCKED;
	u64 more;
	int err;

	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	round_out(&addr, &len);
	vm_lock_write(&vm->lock);
	more = (len >> PAGE_SHIFT) - locked_pages(vm, addr, addr + len);
	if (own && vm_has_foreign(vm, addr, addr + len))
		err = -EXDEV;
	else if (!vm_may_lock(vm))
		err = -EPERM;
	else if (!vm_may_lock_more(vm, VM_LOCKED, more))
		err = -ENOMEM;
	else
		err = lock_range(vm, addr, addr + len, lock);
	vm_unlock_write(&vm->lock);
	if (err)
		return err;

	err = vm_populate_any(vm, addr, addr + len, false);
	/* POSIX wants other numbers than a fault does. */
	if (err == -EFAULT)
		return -ENOMEM;
	return err == -ENOMEM ? -EAGAIN : err;
}

int vm_mlock(struct vm *vm, vaddr_t addr, u64 len, u32 flags)
{
	return mlock(vm, addr, len, flags, false);
}

int vm_mlock_own(struct vm *vm, vaddr_t addr, u64 len, u32 flags)
{
	return mlock(vm, addr, len, flags, true);
}

int vm_munlock(struct vm *vm, vaddr_t addr, u64 len)
{
	int err;

	round_out(&addr, &len);
	vm_lock_write(&vm->lock);
	err = lock_range(vm, addr, addr + len, 0);
	vm_unlock_write(&vm->lock);
	return err;
}

static void lock_all(struct vm *vm, u32 lock)
{
	struct vm_range *range;

	vm_range_for_each(range, vm, vm->start, vm->end) {
		if (!(range->flags & VM_UNLOCKABLE))
			vm_range_set_flags(vm, range, (range->flags & ~LOCK_FLAGS) | lock);
	}
	vm_range_merge(vm, vm->start, vm->end);
}

static int mlockall_locked(struct vm *vm, u32 flags)
{
	u32 lock = flags & MCL_ONFAULT ? LOCK_FLAGS : VM_LOCKED;

	if (!vm_may_lock(vm))
		return -EPERM;
	if ((flags & MCL_CURRENT) && !vm->limits.may_lock &&
	    vm->limits.memlock != VM_UNLIMITED && vm->total > vm->limits.memlock >> PAGE_SHIFT)
		return -ENOMEM;
	vm->def_flags = flags & MCL_FUTURE ? lock : 0;
	if (flags & MCL_CURRENT)
		lock_all(vm, lock);
	return 0;
}

int vm_mlockall(struct vm *vm, u32 flags)
{
	int err;

	if (!flags || (flags & ~(u32)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	vm_lock_write(&vm->lock);
	err = mlockall_locked(vm, flags);
	vm_unlock_write(&vm->lock);
	if (!err && (flags & MCL_CURRENT))
		vm_populate_any(vm, vm->start, vm->end, true);
	return err;
}

int vm_munlockall(struct vm *vm)
{
	vm_lock_write(&vm->lock);
	vm->def_flags = 0;
	lock_all(vm, 0);
	vm_unlock_write(&vm->lock);
	return 0;
}
