/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commit ledger of the LWK: how many pages have been promised to programs.
 *
 * A promise is made by the call that maps memory, or not at all (ENOMEM), so
 * that no program is killed later for want of memory. What was not promised, the
 * pages of MAP_NORESERVE, MAP_STACK and never-writable mappings, and what fork found no
 * room for a second time, is booked block by block when it is touched, and refused then: a
 * block counts once, whoever shares it, until it is freed (page_book()).
 *
 *   used = sum over all promised ranges of their pages
 *	  + sum over all booked blocks of their pages
 *	  + blocks with pages that Linux uses (page_pin.h)
 *
 * A share of memory stays for the kernel: page tables and objects.
 */
#ifndef LWK_MM_VM_LEDGER_H
#define LWK_MM_VM_LEDGER_H

#include "lwk/include/compiler.h"

/** VM_KERNEL_SHARE - one page in this many is not for programs. */
#define VM_KERNEL_SHARE 32

/**
 * vm_ledger_init() - open the ledger over all memory that is free now.
 *
 * Context: boot CPU, once, after page_alloc_init().
 */
void vm_ledger_init(void);

/**
 * vm_ledger_set_limit() - say how many pages may be promised.
 * @npages: new limit; less than what is promised already refuses new promises
 *
 * Context: any.
 */
void vm_ledger_set_limit(u64 npages);

/**
 * vm_ledger_charge() - promise pages.
 * @npages: how many
 *
 * Context: any.
 * Return: 0, or -ENOMEM.
 */
int vm_ledger_charge(u64 npages) __must_check;

/**
 * vm_ledger_force() - book pages that are gone already, be there a promise of them or not.
 * @npages: how many
 *
 * Context: any.
 */
void vm_ledger_force(u64 npages);

/**
 * vm_ledger_uncharge() - take a promise back.
 * @npages: how many
 *
 * Context: any.
 */
void vm_ledger_uncharge(u64 npages);

/**
 * vm_ledger_used() - pages promised or booked.
 *
 * Context: any.
 * Return: the count.
 */
u64 vm_ledger_used(void);

/**
 * vm_ledger_limit() - pages that may be promised.
 *
 * Context: any.
 * Return: the count.
 */
u64 vm_ledger_limit(void);

#endif
