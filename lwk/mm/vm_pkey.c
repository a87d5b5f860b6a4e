// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protection keys: Intel SDM, volume 3, section 4.6.2; pkeys(7). Each leaf has one of a few keys,
 * and each thread has rights for each key, in a register that it changes without a call.
 */
#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"

static bool is_allocated(const struct vm *vm, s32 pkey)
{
	/* The key of what can only be executed is nobody's, as on Linux. */
	if (pkey < 0 || (u32)pkey >= arch_pkeys() || (pkey && (u32)pkey == vm->exec_pkey))
		return false;
	return vm->pkeys & 1U << pkey;
}

static int alloc_locked(struct vm *vm)
{
	u32 pkey;

	/* Without keys there is nothing to give away, though 0 be free. */
	for (pkey = 0; arch_pkeys() > 1 && pkey < arch_pkeys(); pkey++) {
		if (vm->pkeys & 1U << pkey)
			continue;
		vm->pkeys |= 1U << pkey;
		return (int)pkey;
	}
	return -ENOSPC;
}

int vm_pkey_alloc(struct vm *vm)
{
	int pkey;

	vm_lock_write(&vm->lock);
	pkey = alloc_locked(vm);
	vm_unlock_write(&vm->lock);
	return pkey;
}

int vm_pkey_free(struct vm *vm, s32 pkey)
{
	int err = -EINVAL;

	vm_lock_write(&vm->lock);
	if (is_allocated(vm, pkey)) {
		vm->pkeys &= ~(1U << pkey);
		err = 0;
	}
	vm_unlock_write(&vm->lock);
	return err;
}

u32 vm_pkey_of(struct vm *vm, vaddr_t addr)
{
	u32 token = vm_lock_read(&vm->lock);
	const struct vm_range *range = vm_range_find(vm, addr);
	u32 pkey = 0;

	if (range && range->node.start <= addr)
		pkey = range->flags >> VM_PKEY_SHIFT;
	vm_unlock_read(&vm->lock, token);
	return pkey;
}

int vm_pkey_check(const struct vm *vm, s32 pkey)
{
	return pkey == VM_PKEY_SAME || is_allocated(vm, pkey) ? 0 : -EINVAL;
}

bool vm_pkey_usable(struct vm *vm, s32 pkey)
{
	u32 token = vm_lock_read(&vm->lock);
	bool usable = !vm_pkey_check(vm, pkey);

	vm_unlock_read(&vm->lock, token);
	return usable;
}

u32 vm_pkey_exec_only(struct vm *vm)
{
	int pkey;

	if (!vm->exec_pkey) {
		pkey = alloc_locked(vm);
		if (pkey <= 0)
			return 0;
		vm->exec_pkey = (u32)pkey;
	}
	if (arch_pkey_may_read(vm->exec_pkey))
		arch_pkey_set_rights(vm->exec_pkey, ARCH_PKEY_DISABLE_ACCESS);
	return vm->exec_pkey;
}

u32 vm_pkey_for(struct vm *vm, const struct vm_range *range, u32 prot, s32 pkey)
{
	u32 old = range->flags >> VM_PKEY_SHIFT;

	if (pkey != VM_PKEY_SAME)
		return (u32)pkey;
	if (prot == PROT_EXEC) {
		pkey = (s32)vm_pkey_exec_only(vm);
		if (pkey)
			return (u32)pkey;
	} else if (old && old == vm->exec_pkey && (range->flags & VM_ACCESS) == VM_EXEC) {
		return 0;
	}
	return old;
}
