// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking for pages that are there, for core files.
 */
#include "lwk/include/mm/vm_dump.h"

#include "abi/errno.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/* Entries that are looked at in one go, with the lock held. */
#define MAX_LOOKS 65536

bool vm_range_is_touched(const struct vm *vm, const struct vm_range *range)
{
	return vm_shmem_of(range) || vm_pt_resident(vm, range->node.start, range->node.end);
}

static bool is_there(const struct vm *vm, const struct vm_range *range, vaddr_t addr, u64 *step)
{
	u32 level = 0;
	pte_t pte;

	*step = PAGE_LEN;
	if (vm_shmem_of(range))
		return vm_shmem_lookup(range, addr, &level) != PADDR_NONE;
	pte = vm_pt_lookup(vm, addr, &level);
	if (!pte)
		*step = level_len(level);
	return pte;
}

/* The first address from @addr on where a page is, or may be: nobody has looked further. */
static vaddr_t next_page(const struct vm *vm, const struct vm_range *range, vaddr_t addr)
{
	u64 step;

	for (u32 i = 0; i < MAX_LOOKS && addr < range->node.end; i++) {
		if (is_there(vm, range, addr, &step))
			return addr;
		addr = ALIGN_DOWN(addr, step) + step;
	}
	return MIN(addr, range->node.end);
}

int vm_share_touched(struct vm *vm, vaddr_t addr, struct vm_extent *extent)
{
	u32 token = vm_lock_read(&vm->lock);
	const struct vm_range *range = vm_range_find(vm, addr);
	bool found = range && range->node.start <= addr && !range->ops;

	addr = ALIGN_DOWN(addr, PAGE_LEN);
	if (found)
		extent->start = next_page(vm, range, addr);
	vm_unlock_read(&vm->lock, token);
	if (!found)
		return -EFAULT;
	return extent->start == addr ? vm_share(vm, addr, false, extent) : -ENOENT;
}
