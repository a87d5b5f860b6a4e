// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying an address space: fork(2).
 *
 * First Linux lets go of what it maps of the parent. Then the child gets its ranges and page
 * tables; with each page that both share the parent loses its right to write, and in the end the
 * TLBs of its CPUs are flushed once. If memory runs out on the way, the parent keeps some
 * entries as if the child had come and gone.
 *
 * If the child's memory cannot be promised both may have theirs without a promise: then the ledger
 * has the blocks that they share instead (page_book()). The blocks are no more than the promise
 * of the parent was, so this does not fail for want of one.
 *
 * The child is locked inside the parent. That cannot deadlock: nobody else knows it yet.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/mm/vm_cow.h"
#include "lwk/mm/vm_internal.h"

/*
 * A range's page tables in the making.
 * gather: of the parent's addresses that have to be flushed
 * range: of the child
 * access: a small page's entry in it, without the address
 * start, table: the child's table of small pages that was reached last, and the address it is for
 * shared: entries of the child, by level, that are not counted yet
 * err: the first failure, which ends it
 */
struct copy {
	struct vm_gather gather;
	struct vm *child;
	const struct vm_range *range;
	pte_t access;
	vaddr_t start;
	pte_t *table;
	s64 shared[VM_SIZES];
	int err;
};

static bool is_inherited(const struct vm_range *range)
{
	return !(range->flags & VM_DONTFORK);
}

/* Does the child begin with the pages of such a range, or without? */
static bool shares_pages(const struct vm_range *range)
{
	return !range->ops && !(range->flags & (VM_SHARED | VM_WIPEONFORK));
}

/*
 * Large pages may reach across ranges that are alike to the processor: cut them
 * where only one side is inherited.
 */
static int split_pages(struct vm *parent)
{
	const struct vm_range *range;
	int err;

	vm_range_for_each(range, parent, 0, VM_TASK_END) {
		if (!(range->flags & (VM_DONTFORK | VM_WIPEONFORK)))
			continue;
		err = vm_pt_split_edges(parent, range->node.start, range->node.end);
		if (err)
			return err;
	}
	return 0;
}

static int copy_ranges(const struct vm *parent, struct vm *child)
{
	const struct vm_range *old;
	struct vm_range *new;

	vm_range_for_each(old, parent, 0, VM_TASK_END) {
		if (!is_inherited(old))
			continue;
		new = vm_range_new(old->node.start, old->node.end,
				   old->flags & ~(VM_LOCKED | VM_LOCKONFAULT));
		if (!new)
			return -ENOMEM;
		new->ops = old->ops;
		new->object = old->object;
		new->policy = old->policy;
		new->offset = old->offset;
		vm_range_add(child, new);
	}
	return 0;
}

/*
 * Linux lets go of what it maps, and thereby says what it uses all the same: that is kept by
 * somebody, and the parent's alone.
 */
static void withdraw(struct vm *parent, const struct vm *child)
{
	const struct vm_range *range;
	struct vm_gather gather;

	vm_gather_begin(&gather, parent);
	vm_range_for_each(range, child, 0, VM_TASK_END) {
		if (shares_pages(range))
			vm_gather_withdraw(&gather, range->node.start, range->node.end);
	}
	vm_gather_end(&gather);
}

/* Does somebody who is no address space have the page, or is the block in pieces? */
static bool is_kept(pte_t pte, u32 level, const struct page *block)
{
	return !(pte & PTE_COW) && (block->order != 9 * level || vm_cow_is_shared(block));
}

/* The child's empty entry for a page; mostly in the same table as that of the page before. */
static int reach(struct copy *copy, vaddr_t va, u32 level, pte_t **entry)
{
	u64 index = (va >> PAGE_SHIFT) % ENTRIES;
	int err;

	if (!level && copy->table && ALIGN_DOWN(va, LARGE_PAGE_LEN) == copy->start) {
		*entry = &copy->table[index];
		return 0;
	}
	err = vm_pt_reach(copy->child, va, level, entry);
	if (!err && !level) {
		copy->start = ALIGN_DOWN(va, LARGE_PAGE_LEN);
		copy->table = *entry - index;
	}
	return err;
}

static int copy_page(struct copy *copy, vaddr_t va, pte_t *entry, u32 level)
{
	pte_t old = READ_ONCE(*entry);
	pte_t new = copy->access | pte_paddr(old) | (level ? PTE_LARGE : 0);
	struct page *block = vm_page_block(pte_paddr(old));
	pte_t *theirs;
	int err;

	err = reach(copy, va, level, &theirs);
	if (err)
		return err;
	if (is_kept(old, level, block))
		return vm_cow_copy(&(struct vm_cow_page){ copy->child, va, new, level,
							  copy->range->flags }, theirs);
	page_get(block);
	*theirs = vm_pte_share(new);
	copy->shared[level]++;
	/* The parent is not to write to it any more. */
	WRITE_ONCE(*entry, vm_pte_share(old));
	if ((old & PTE_PRESENT) && (old & PTE_WRITE))
		vm_gather_range(&copy->gather, va, level_len(level));
	return 0;
}

static void copy_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	struct copy *copy = ctx;

	/* A page in two ranges came with the lower one. */
	if (!copy->err && va >= copy->range->node.start)
		copy->err = copy_page(copy, va, entry, level);
}

static int copy_pages(struct vm *parent, struct vm *child)
{
	struct copy copy = { .child = child };
	u32 level;

	vm_gather_begin(&copy.gather, parent);
	vm_range_for_each(copy.range, child, 0, VM_TASK_END) {
		if (!shares_pages(copy.range))
			continue;
		copy.access = vm_pte_make(0, 0, copy.range->flags);
		vm_pt_for_each(parent, copy.range->node.start, copy.range->node.end, copy_leaf,
			       &copy);
	}
	for (level = 0; level < VM_SIZES; level++)
		vm_pt_count(child, level, copy.shared[level]);
	/* Also after a failure: what the parent has left must not be in TLBs as it was. */
	vm_gather_end(&copy.gather);
	return copy.err;
}

/* The child has its pages: the rest, which cannot fail. */
static void commit(const struct vm *parent, struct vm *child)
{
	/* Without locks, neighbours may be alike. */
	vm_range_merge(child, 0, VM_TASK_END);
	child->policy = vm_policy_get(vm_policy_current(parent));
	child->limits = parent->limits;
	child->pkeys = parent->pkeys;
	child->exec_pkey = parent->exec_pkey;
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->data_len = parent->data_len;
}

static void renounce(struct vm *vm, struct vm_range *range)
{
	vm_range_set_flags(vm, range, (range->flags & ~VM_ACCOUNT) | VM_NORESERVE);
}

/* All that was promised the child would have to be promised a second time. */
static void renounce_all(struct vm *child)
{
	struct vm_range *range;

	vm_range_for_each(range, child, 0, VM_TASK_END) {
		if (range->flags & VM_ACCOUNT)
			renounce(child, range);
	}
}

static void book_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	struct page *block = vm_page_block(pte_paddr(*entry));
	u64 *npages = ctx;

	(void)va;
	(void)level;
	if (page_book(block))
		*npages += 1ULL << block->order;
}

/*
 * What the child has without a promise the ledger has to have as blocks. There is no room for those
 * beside the parent's promise of the same memory, so they take its place. Both spaces are locked:
 * nobody frees a block before the ledger has it. The rest is given back in one go, for nobody else
 * to be promised what the blocks need.
 */
static void exchange_promises(struct vm *parent)
{
	struct vm_range *range;
	u64 released = 0, booked = 0;

	vm_range_for_each(range, parent, 0, VM_TASK_END) {
		if (!(range->flags & VM_ACCOUNT) || !is_inherited(range) ||
		    (range->flags & VM_WIPEONFORK))
			continue;
		released += vm_range_npages(range);
		if (shares_pages(range))
			vm_pt_for_each(parent, range->node.start, range->node.end, book_leaf,
				       &booked);
		renounce(parent, range);
	}
	/* More than was promised: blocks of which somebody keeps what is unmapped. */
	if (booked > released)
		vm_ledger_force(booked - released);
	else
		vm_ledger_uncharge(released - booked);
	vm_range_merge(parent, 0, VM_TASK_END);
}

/* Empty a child that comes to nothing; the owners of its ranges need not hear of it. */
static void empty(struct vm *child)
{
	struct vm_gather gather;
	struct vm_range *range;

	vm_gather_begin(&gather, child);
	vm_pt_clear(&gather, 0, VM_TASK_END);
	vm_gather_end(&gather);
	while ((range = vm_range_find(child, 0)))
		vm_range_remove(child, range);
}

static int copy_space(struct vm *parent, struct vm *child, bool promised)
{
	bool renounced;
	u64 npages;
	int err;

	err = split_pages(parent);
	if (err)
		return err;
	err = copy_ranges(parent, child);
	if (err)
		goto empty;
	npages = vm_promised(child, 0, VM_TASK_END);
	err = vm_ledger_charge(npages);
	if (err && promised)
		goto empty;
	renounced = err != 0;
	if (renounced) {
		npages = 0;
		renounce_all(child);
	}
	withdraw(parent, child);
	err = copy_pages(parent, child);
	if (err)
		goto uncharge;
	if (renounced)
		exchange_promises(parent);
	commit(parent, child);
	return 0;

uncharge:
	vm_ledger_uncharge(npages);
empty:
	empty(child);
	return err;
}

int vm_fork(struct vm *parent, bool promised, struct vm **child)
{
	const struct vm_config config = {
		.kernel = &parent->pt,
		.start = parent->start,
		.end = parent->end,
		.mmap_base = parent->mmap_base,
		.huge_pages = parent->pt.huge_pages,
	};
	struct vm *vm;
	int err;

	err = vm_create(&config, &vm);
	if (err)
		return err;
	vm_lock_write(&parent->lock);
	vm_lock_write(&vm->lock);
	err = copy_space(parent, vm, promised);
	vm_unlock_write(&vm->lock);
	vm_unlock_write(&parent->lock);
	if (err) {
		vm_put(vm);
		return err;
	}
	*child = vm;
	return 0;
}
