// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks that grow down on a fault, to their limit and never close to what lies
 * below: Linux's expand_downwards() is the specification.
 */
#include "abi/errno.h"
#include "lwk/mm/vm_internal.h"

/* A range below keeps its distance unless it is a stack, too, or no memory. */
static bool guard_kept(const struct vm *vm, const struct vm_range *stack, vaddr_t addr)
{
	const struct vm_range *below = vm_range_prev(vm, stack);

	if (!below || (below->flags & VM_GROWSDOWN) || !(below->flags & VM_ACCESS))
		return true;
	return addr - below->node.end >= VM_GUARD_LEN;
}

static int grow(struct vm *vm, struct vm_range *stack, vaddr_t addr)
{
	u64 npages = (stack->node.start - addr) >> PAGE_SHIFT;

	if (addr < vm->start || !guard_kept(vm, stack, addr) ||
	    stack->node.end - addr > vm->limits.stack ||
	    !vm_may_expand(vm, stack->flags, npages) ||
	    !vm_may_lock_more(vm, stack->flags, npages))
		return -EFAULT;
	if ((stack->flags & VM_ACCOUNT) && vm_ledger_charge(npages))
		return -EFAULT;
	vm_range_resize(vm, stack, addr, stack->node.end);
	vm_range_merge(vm, addr, addr);
	return 0;
}

int vm_grow_stack(struct vm *vm, vaddr_t addr)
{
	struct vm_range *range;
	int err;

	addr = ALIGN_DOWN(addr, PAGE_LEN);
	vm_lock_write(&vm->lock);
	range = vm_range_find(vm, addr);
	if (!range)
		err = -EFAULT;
	else if (range->node.start <= addr)
		err = 0; /* by another CPU, meanwhile */
	else if (range->flags & VM_GROWSDOWN)
		err = grow(vm, range, addr);
	else
		err = -EFAULT;
	vm_unlock_write(&vm->lock);
	return err;
}
