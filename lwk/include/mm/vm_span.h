/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reaching an address space's memory from outside, in the kernel's direct map.
 *
 * A span is kept: whatever becomes of its addresses, what is there stays until it is let go, and,
 * but for shared memory, is nobody else's. No lock is held meanwhile, so that its user may wait.
 */
#ifndef LWK_MM_VM_SPAN_H
#define LWK_MM_VM_SPAN_H

#include "lwk/include/mm/vm.h"

/**
 * struct vm_span - contiguous memory behind contiguous addresses
 * @at: where the kernel has it
 * @len: bytes
 * @block: what is kept
 */
struct vm_span {
	u8 *at;
	u64 len;
	struct page *block;
};

/**
 * vm_span_get() - keep memory of an address space.
 * @vm: any address space, to which the caller has a reference
 * @addr: user address, unchecked
 * @write: for writing
 * @span: result; begins at @addr, and ends where its page does, of whatever size
 *
 * Faults it in, as a program would, but grows no stack. The range has to allow that very access:
 * one that can only be written is not read. Protection keys are the threads' and do not count.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0; -EXDEV: what is there is not the LWK's; -EFAULT; -ENOMEM.
 */
int vm_span_get(struct vm *vm, vaddr_t addr, bool write, struct vm_span *span) __must_check;

/**
 * vm_span_put() - let go of it.
 * @span: from vm_span_get()
 *
 * Context: any but NMI.
 */
void vm_span_put(const struct vm_span *span);

/**
 * vm_is_foreign() - is anything in a part of an address space not the LWK's?
 * @vm: address space
 * @start: first address
 * @end: end
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: true if so; it may change as soon as nobody looks.
 */
bool vm_is_foreign(struct vm *vm, vaddr_t start, vaddr_t end);

#endif
