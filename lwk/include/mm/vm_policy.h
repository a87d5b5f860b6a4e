/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NUMA memory policies: set_mempolicy(2), mbind(2).
 *
 * A policy never changes once it is made; ranges, threads and address spaces refer to it. What is
 * faulted in goes by the policy of its range; else by that of the thread that touches it; else, if
 * no thread of the program does (Linux, for a call), by the address space's, which is the one that
 * a thread has set last.
 */
#ifndef LWK_MM_VM_POLICY_H
#define LWK_MM_VM_POLICY_H

#include "lwk/include/core/topology.h"
#include "lwk/include/mm/vm.h"

/* Linux's modes */
#define MPOL_DEFAULT 0
#define MPOL_PREFERRED 1
#define MPOL_BIND 2
#define MPOL_INTERLEAVE 3
#define MPOL_LOCAL 4
#define MPOL_PREFERRED_MANY 5
#define MPOL_MAX 6

#define VM_POLICY_NO_HOME (-1)

/**
 * struct vm_policy - how to choose nodes.
 * @refs: atomic
 * @mode: MPOL_*, but MPOL_DEFAULT, which is no policy
 * @flags: Linux's flags of the mode
 * @home: node of the LWK from which distances count, or VM_POLICY_NO_HOME: the CPU's
 * @nodes: of the LWK, bit n for node n; not empty but for MPOL_LOCAL
 * @shown: what get_mempolicy(2) tells
 */
struct vm_policy {
	u32 refs;
	u32 mode;
	u32 flags;
	s32 home;
	u64 nodes;
	struct linux_nodes shown;
};

/**
 * vm_policy_create() - make a policy.
 * @like: all but @refs
 *
 * Context: process context.
 * Return: with one reference, or NULL without memory.
 */
struct vm_policy *vm_policy_create(const struct vm_policy *like);

/** vm_policy_get() - one more reference. @policy: or NULL. Context: any. Return: @policy. */
struct vm_policy *vm_policy_get(struct vm_policy *policy);

/** vm_policy_put() - one less. @policy: or NULL. Context: any but NMI. */
void vm_policy_put(struct vm_policy *policy);

/** vm_policy_equal() - may two ranges be one? @a, @b: or NULL. Context: any. */
bool vm_policy_equal(const struct vm_policy *a, const struct vm_policy *b);

/**
 * vm_policy_fn - tells the calling thread's policy, NULL if it has none.
 *
 * Returns false if the caller is no thread of a program.
 */
typedef bool (*vm_policy_fn)(struct vm_policy **policy);

/**
 * vm_policy_set_hook() - who knows the policies of threads.
 * @fn: called for pages that are faulted in; must not wait
 *
 * Context: boot.
 */
void vm_policy_set_hook(vm_policy_fn fn);

/**
 * vm_set_policy() - set the policy of the address space.
 * @vm: address space
 * @policy: or NULL
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_set_policy(struct vm *vm, struct vm_policy *policy);

/**
 * struct vm_bind - a policy for a range of addresses.
 * @start: first address, page-aligned
 * @end: end, page-aligned, above @start
 * @policy: or NULL: take policies away
 * @strict: MPOL_MF_STRICT
 * @move: MPOL_MF_MOVE
 * @touched: pages that Linux has mapped may be moved, too: nobody makes a call meanwhile
 */
struct vm_bind {
	vaddr_t start;
	vaddr_t end;
	struct vm_policy *policy;
	bool strict;
	bool move;
	bool touched;
};

/**
 * vm_bind() - mbind(2).
 * @vm: address space
 * @bind: what is wanted
 *
 * Ranges with operations are left to their owner. Pages of shared memory, pages shared
 * copy-on-write, and those that are kept stay where they are.
 *
 * Context: process context of a thread of @vm, interrupts enabled, no lock held.
 * Return: 0; -EFAULT if there are holes; -EIO if pages are, or stay, elsewhere and @strict;
 * -ENOMEM.
 */
int vm_bind(struct vm *vm, const struct vm_bind *bind);

/**
 * vm_set_home() - set_mempolicy_home_node(2).
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 * @home: node of the LWK
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0; -ENOENT if there are no policies; -EOPNOTSUPP if one knows no home; -ENOMEM.
 */
int vm_set_home(struct vm *vm, vaddr_t start, vaddr_t end, s32 home);

/**
 * vm_get_policy() - the policy of an address.
 * @vm: address space
 * @addr: user address
 * @policy: result, with a reference, or NULL
 * @foreign: result: the range has operations
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or -EFAULT: nothing is mapped there.
 */
int vm_get_policy(struct vm *vm, vaddr_t addr, struct vm_policy **policy, bool *foreign);

/**
 * vm_page_node() - where the page of an address is.
 * @vm: address space
 * @addr: user address
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: node of the LWK; -EFAULT: nothing is mapped; -ENOENT: no page; -EXDEV: it is not the
 * LWK's.
 */
int vm_page_node(struct vm *vm, vaddr_t addr);

/**
 * struct vm_migrate - pages that are to move.
 * @start: first address, page-aligned
 * @end: end
 * @from: nodes that they are to leave, bit n for node n
 * @to: by node of @from: where they go
 * @touched: as in struct vm_bind
 */
struct vm_migrate {
	vaddr_t start;
	vaddr_t end;
	u64 from;
	u8 to[IHK_MAX_NODES];
	bool touched;
};

/**
 * vm_migrate() - move pages between nodes.
 * @vm: address space
 * @migrate: what is wanted
 *
 * Pages of the LWK's that are the space's alone and kept by nobody move, large ones as such.
 *
 * Context: as vm_bind().
 * Return: how many 4 KiB pages of the range stay that should not.
 */
u64 vm_migrate(struct vm *vm, const struct vm_migrate *migrate);

#endif
