/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of an address space goes into a core file: pages that are there.
 */
#ifndef LWK_MM_VM_DUMP_H
#define LWK_MM_VM_DUMP_H

#include "lwk/include/mm/vm.h"

/**
 * vm_range_is_touched() - may there be a page in a range?
 * @vm: address space
 * @range: one of its ranges
 *
 * Context: reader or writer of the vm's lock, as in vm_for_each().
 * Return: false if it has never been touched; true for all shared memory.
 */
bool vm_range_is_touched(const struct vm *vm, const struct vm_range *range);

/**
 * vm_share_touched() - as vm_share(), for reading, but of pages that are there.
 * @vm: address space
 * @addr: user address
 * @extent: result; with -ENOENT only @start: where the next page may be
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or as vm_share(); -ENOENT: there is no page.
 */
int vm_share_touched(struct vm *vm, vaddr_t addr, struct vm_extent *extent) __must_check;

#endif
