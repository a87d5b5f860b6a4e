// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping memory of an address space: see vm_span.h.
 */
#include "lwk/include/mm/vm_span.h"

#include "abi/errno.h"
#include "lwk/mm/vm_internal.h"

/* A page that is not shared copy-on-write is not replaced while the vm's lock is held. */
static int keep(struct vm *vm, const struct vm_range *range, vaddr_t addr, struct vm_span *span)
{
	u32 level;
	paddr_t pa;
	int err = vm_touch_memory(vm, range, addr, true);

	if (err)
		return err == -ENXIO ? -EFAULT : err;
	pa = pte_paddr(vm_pt_lookup(vm, addr, &level)) + (addr & (level_len(level) - 1));
	span->at = phys_to_virt(pa);
	/* A large page may be that of several ranges. */
	span->len = MIN(entry_end(addr, level), range->node.end) - addr;
	span->block = vm_page_block(pa);
	page_get(span->block);
	return 0;
}

int vm_span_get(struct vm *vm, vaddr_t addr, bool write, struct vm_span *span)
{
	u32 token = vm_lock_read(&vm->lock);
	const struct vm_range *range = vm_range_find(vm, addr);
	int err = -EFAULT;

	if (range && range->node.start <= addr && range->ops)
		err = -EXDEV;
	else if (range && range->node.start <= addr &&
		 (range->flags & (write ? VM_WRITE : VM_READ)))
		err = keep(vm, range, addr, span);
	vm_unlock_read(&vm->lock, token);
	return err;
}

void vm_span_put(const struct vm_span *span)
{
	page_put(span->block);
}

bool vm_is_foreign(struct vm *vm, vaddr_t start, vaddr_t end)
{
	u32 token = vm_lock_read(&vm->lock);
	bool foreign = vm_has_foreign(vm, start, end);

	vm_unlock_read(&vm->lock, token);
	return foreign;
}
