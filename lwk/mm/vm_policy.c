// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing the node of a page that is faulted in, by policy. See vm_policy.h.
 *
 * Interleaved memory takes turns by address, as Linux does for memory without a file: each page,
 * of whatever size, counts.
 */
#include "lwk/include/mm/vm_policy.h"

#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_internal.h"

static vm_policy_fn thread_policy;

void vm_policy_set_hook(vm_policy_fn fn)
{
	WRITE_ONCE(thread_policy, fn);
}

struct vm_policy *vm_policy_create(const struct vm_policy *like)
{
	struct vm_policy *policy = kzalloc(sizeof(*policy));

	if (!policy)
		return NULL;
	*policy = *like;
	policy->refs = 1;
	return policy;
}

struct vm_policy *vm_policy_get(struct vm_policy *policy)
{
	/* Relaxed: the caller's own reference orders everything. */
	if (policy)
		__atomic_fetch_add(&policy->refs, 1, __ATOMIC_RELAXED);
	return policy;
}

void vm_policy_put(struct vm_policy *policy)
{
	/* Each owner's accesses come before the last owner frees it. */
	if (policy && __atomic_fetch_sub(&policy->refs, 1, __ATOMIC_ACQ_REL) == 1)
		kfree(policy);
}

bool vm_policy_equal(const struct vm_policy *a, const struct vm_policy *b)
{
	if (a == b)
		return true;
	return a && b && a->mode == b->mode && a->flags == b->flags && a->home == b->home &&
	       a->nodes == b->nodes && !memcmp(&a->shown, &b->shown, sizeof(a->shown));
}

struct vm_policy *vm_policy_current(const struct vm *vm)
{
	vm_policy_fn fn = READ_ONCE(thread_policy);
	struct vm_policy *policy = NULL;

	return fn && fn(&policy) ? policy : vm->policy;
}

void vm_set_policy(struct vm *vm, struct vm_policy *policy)
{
	struct vm_policy *old;

	vm_lock_write(&vm->lock);
	old = vm->policy;
	vm->policy = vm_policy_get(policy);
	vm_unlock_write(&vm->lock);
	vm_policy_put(old);
}

/* The turn of @n among the nodes of a set. */
static u32 nth_node(u64 nodes, u64 n)
{
	for (n %= bitmap_weight(&nodes, 64); n; n--)
		nodes &= nodes - 1;
	return (u32)__builtin_ctzll(nodes);
}

/* From this node; a small page from any if there is none. */
static struct page *alloc_from(u32 node, u32 order, u32 flags)
{
	return page_alloc(node, order, order ? flags | PAGE_ALLOC_STRICT : flags);
}

static struct page *alloc_by(const struct vm_policy *policy, vaddr_t va, u32 order, u32 flags)
{
	u32 from = policy->home < 0 ? PAGE_THIS_NODE : (u32)policy->home;
	struct page *page;

	switch (policy->mode) {
	case MPOL_BIND:
		return page_alloc_among(from, policy->nodes, order, flags);
	case MPOL_PREFERRED_MANY:
		page = page_alloc_among(from, policy->nodes, order, flags);
		return page || order ? page : page_alloc(PAGE_THIS_NODE, order, flags);
	case MPOL_PREFERRED:
		return alloc_from(nth_node(policy->nodes, 0), order, flags);
	case MPOL_INTERLEAVE:
		return alloc_from(nth_node(policy->nodes, va >> (PAGE_SHIFT + order)), order,
				  flags);
	default:
		return page_alloc(PAGE_THIS_NODE, order, flags);
	}
}

struct page *vm_page_alloc(const struct vm *vm, vaddr_t va, u32 order, u32 flags)
{
	const struct vm_range *range = vm_range_find(vm, va);
	const struct vm_policy *policy = NULL;

	if (range && range->node.start <= va)
		policy = range->policy;
	if (!policy)
		policy = vm_policy_current(vm);
	return policy ? alloc_by(policy, va, order, flags) :
			page_alloc(PAGE_THIS_NODE, order, flags);
}

struct page *vm_block_alloc(const struct vm *vm, vaddr_t va, u32 level, u32 range_flags, u32 flags)
{
	u64 npages = level_len(level) >> PAGE_SHIFT;
	bool book = !(range_flags & VM_ACCOUNT);
	struct page *block;

	if (book && vm_ledger_charge(npages))
		return NULL;
	block = vm_page_alloc(vm, va, 9 * level, flags);
	if (block && book)
		page_book(block);
	else if (book)
		vm_ledger_uncharge(npages);
	return block;
}
