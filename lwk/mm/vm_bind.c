// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies of ranges, and moving pages between nodes: mbind(2), move_pages(2), migrate_pages(2).
 *
 * A page moves only if its leaf has the one reference on its block. While it moves, its entry is
 * empty: the caller is the writer of the vm's lock, so faults wait, and Linux has let go.
 */
#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/mm/vm_policy.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/* Small pages that move at once. A large one moves alone, as there are two of each meanwhile. */
#define MOVE_BATCH 32

/* A page on its way: its entry, which was @old, and where it goes. */
struct moving {
	pte_t *entry;
	pte_t old;
	vaddr_t va;
	u32 level;
	struct page *to;
};

/*
 * Pages on the move.
 * migrate: what goes where; NULL: by the policies of the ranges
 * keep: without @migrate, nodes that are right already
 * touched: those that Linux has mapped, too
 * failed: 4 KiB pages that stay
 * count, pages: those that are next
 */
struct move {
	struct vm *vm;
	const struct vm_migrate *migrate;
	u64 keep;
	bool touched;
	u64 failed;
	u32 count;
	struct moving pages[MOVE_BATCH];
};

static bool is_wrong(const struct move *move, u32 node)
{
	if (!move->migrate)
		return !(move->keep >> node & 1);
	return move->migrate->from >> node & 1 && move->migrate->to[node] != node;
}

/* Without nodes of its own a policy takes what it is given. */
static bool is_right(const struct move *move, u32 node)
{
	return !is_wrong(move, node) || (!move->migrate && !move->keep);
}

static struct page *alloc_target(const struct move *move, vaddr_t va, u32 node, u32 level)
{
	if (!move->migrate)
		return vm_page_alloc(move->vm, va, 9 * level, 0);
	return page_alloc(move->migrate->to[node], 9 * level, PAGE_ALLOC_STRICT);
}

static bool may_move(const struct move *move, pte_t pte, const struct page *block, u32 level)
{
	if ((pte & PTE_TOUCHED) && !move->touched)
		return false;
	/* Acquire: pairs with the release of a former owner in page_put(). */
	return block->order == 9 * level &&
	       __atomic_load_n(&block->refcount, __ATOMIC_ACQUIRE) == 1;
}

static void fail(struct move *move, u32 level, struct page *to)
{
	move->failed += level_len(level) >> PAGE_SHIFT;
	if (to)
		page_free(to, 9 * level);
}

static void copy_block(struct move *move, const struct moving *page)
{
	struct page *block = page_of_paddr(pte_paddr(page->old));

	/* Linux may use it: that it says as it lets go. */
	if (!may_move(move, page->old, block, page->level)) {
		WRITE_ONCE(*page->entry, page->old & ~PTE_TOUCHED);
		fail(move, page->level, page->to);
		return;
	}
	monitor_touch();
	/* The ledger has the copy instead. */
	page->to->booked = block->booked;
	block->booked = 0;
	memcpy(page_virt(page->to), page_virt(block), level_len(page->level));
	/* Release: the copy is complete before anyone can see it. */
	__atomic_store_n(page->entry,
			 (page->old & ~(PTE_PADDR_MASK | PTE_TOUCHED)) | page_paddr(page->to),
			 __ATOMIC_RELEASE);
	page_put(block);
}

/* Many at a time: that takes one flush of the CPUs, and one message to Linux. */
static void move_batch(struct move *move)
{
	vaddr_t start = VM_TASK_END, touched_start = VM_TASK_END;
	vaddr_t end = 0, touched_end = 0;
	struct vm *vm = move->vm;

	for (u32 i = 0; i < move->count; i++) {
		const struct moving *page = &move->pages[i];
		vaddr_t page_end = page->va + level_len(page->level);

		WRITE_ONCE(*page->entry, 0);
		start = MIN(start, page->va);
		end = MAX(end, page_end);
		if (page->old & PTE_TOUCHED) {
			touched_start = MIN(touched_start, page->va);
			touched_end = MAX(touched_end, page_end);
		}
	}
	if (start < end)
		arch_tlb_flush_user(&vm->cpus, vm->pt.root, start, end - start);
	if (touched_start < touched_end && vm->revoke)
		vm->revoke(vm, touched_start, touched_end);
	for (u32 i = 0; i < move->count; i++)
		copy_block(move, &move->pages[i]);
	move->count = 0;
}

static void move_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	pte_t old = READ_ONCE(*entry);
	struct page *block = vm_page_block(pte_paddr(old));
	struct move *move = ctx;
	struct page *to = NULL;
	u32 node;

	if (!block)
		return;
	node = page_node(block);
	if (!is_wrong(move, node))
		return;
	monitor_touch();
	if (may_move(move, old, block, level))
		to = alloc_target(move, va, node, level);
	if (!to || !is_right(move, page_node(to))) {
		fail(move, level, to);
		return;
	}
	move->pages[move->count++] = (struct moving){ entry, old, va, level, to };
	if (level || move->count == MOVE_BATCH)
		move_batch(move);
}

static void move_pages(struct move *move, vaddr_t start, vaddr_t end)
{
	vm_pt_for_each(move->vm, start, end, move_leaf, move);
	move_batch(move);
}

static void count_wrong(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	const struct page *block = vm_page_block(pte_paddr(READ_ONCE(*entry)));
	struct move *move = ctx;

	(void)va;
	if (block && is_wrong(move, page_node(block)))
		move->failed += level_len(level) >> PAGE_SHIFT;
}

/* Without a policy it is enough that something is mapped. */
static int check_holes(const struct vm *vm, const struct vm_bind *bind)
{
	const struct vm_range *range = vm_range_find(vm, bind->start);

	if (!range || range->node.start >= bind->end)
		return -EFAULT;
	if (bind->policy && vm_range_covered(vm, bind->start, bind->end) < bind->end)
		return -EFAULT;
	return 0;
}

static void range_set_policy(struct vm_range *range, struct vm_policy *policy)
{
	vm_policy_put(range->policy);
	range->policy = vm_policy_get(policy);
}

/* Shared memory has its policies in its object, for all who map it. */
static int bind_shmem(const struct vm_range *range, vaddr_t start, vaddr_t end,
		      struct vm_policy *policy)
{
	struct vm *pages = vm_shmem_of(range)->pages;
	vaddr_t base = VM_SHMEM_BASE + range->offset - range->node.start;
	struct vm_range *part;
	int err;

	start = base + MAX(start, range->node.start);
	end = base + MIN(end, range->node.end);
	vm_lock_write(&pages->lock);
	err = vm_range_isolate(pages, start, end, VM_MAX_RANGES);
	if (!err) {
		vm_range_for_each(part, pages, start, end)
			range_set_policy(part, policy);
		vm_range_merge(pages, start, end);
	}
	vm_unlock_write(&pages->lock);
	return err;
}

static int set_policies(struct vm *vm, const struct vm_bind *bind)
{
	struct vm_range *range;
	int err;

	err = vm_range_isolate(vm, bind->start, bind->end, VM_MAX_RANGES);
	if (err)
		return err;
	vm_range_for_each(range, vm, bind->start, bind->end) {
		if (range->ops)
			continue;
		if (vm_shmem_of(range))
			err = bind_shmem(range, bind->start, bind->end, bind->policy);
		else
			range_set_policy(range, bind->policy);
		if (err)
			break;
	}
	vm_range_merge(vm, bind->start, bind->end);
	return err;
}

static int bind_locked(struct vm *vm, const struct vm_bind *bind)
{
	struct move move = {
		.vm = vm,
		.keep = bind->policy ? bind->policy->nodes : 0,
		.touched = bind->touched,
	};
	int err;

	err = check_holes(vm, bind);
	if (err)
		return err;
	if (bind->strict && !bind->move) {
		vm_pt_for_each(vm, bind->start, bind->end, count_wrong, &move);
		return move.failed ? -EIO : set_policies(vm, bind);
	}
	if (bind->move) {
		err = vm_pt_split_edges(vm, bind->start, bind->end);
		if (err)
			return err;
	}
	err = set_policies(vm, bind);
	if (err || !bind->move)
		return err;
	move_pages(&move, bind->start, bind->end);
	return move.failed && bind->strict ? -EIO : 0;
}

int vm_bind(struct vm *vm, const struct vm_bind *bind)
{
	int err;

	vm_lock_write(&vm->lock);
	err = bind_locked(vm, bind);
	vm_unlock_write(&vm->lock);
	return err;
}

static bool knows_home(const struct vm_policy *policy)
{
	return policy->mode == MPOL_BIND || policy->mode == MPOL_PREFERRED_MANY;
}

static int set_home_locked(struct vm *vm, vaddr_t start, vaddr_t end, s32 home)
{
	struct vm_range *range;
	int err;

	err = vm_range_isolate(vm, start, end, VM_MAX_RANGES);
	if (err)
		return err;
	err = -ENOENT;
	vm_range_for_each(range, vm, start, end) {
		struct vm_policy *old = range->policy;
		struct vm_policy *new;

		if (!old)
			continue;
		if (!knows_home(old)) {
			err = -EOPNOTSUPP;
			break;
		}
		new = vm_policy_create(old);
		if (!new) {
			err = -ENOMEM;
			break;
		}
		new->home = home;
		range->policy = new;
		vm_policy_put(old);
		err = 0;
	}
	vm_range_merge(vm, start, end);
	return err;
}

int vm_set_home(struct vm *vm, vaddr_t start, vaddr_t end, s32 home)
{
	int err;

	vm_lock_write(&vm->lock);
	err = set_home_locked(vm, start, end, home);
	vm_unlock_write(&vm->lock);
	return err;
}

static struct vm_policy *shmem_policy(const struct vm_range *range, vaddr_t addr)
{
	struct vm *pages = vm_shmem_of(range)->pages;
	vaddr_t va = VM_SHMEM_BASE + range->offset + (addr - range->node.start);
	u32 token = vm_lock_read(&pages->lock);
	const struct vm_range *part = vm_range_find(pages, va);
	struct vm_policy *policy = NULL;

	if (part && part->node.start <= va)
		policy = vm_policy_get(part->policy);
	vm_unlock_read(&pages->lock, token);
	return policy;
}

int vm_get_policy(struct vm *vm, vaddr_t addr, struct vm_policy **policy, bool *foreign)
{
	u32 token = vm_lock_read(&vm->lock);
	const struct vm_range *range = vm_range_find(vm, addr);
	int err = 0;

	*policy = NULL;
	*foreign = false;
	if (!range || range->node.start > addr)
		err = -EFAULT;
	else if (range->ops)
		*foreign = true;
	else if (vm_shmem_of(range))
		*policy = shmem_policy(range, addr);
	else
		*policy = vm_policy_get(range->policy);
	vm_unlock_read(&vm->lock, token);
	return err;
}

static int page_node_locked(const struct vm *vm, vaddr_t addr)
{
	const struct vm_range *range = vm_range_find(vm, addr);
	const struct page *page;
	paddr_t pa = PADDR_NONE;
	u32 level;
	pte_t pte;

	if (!range || range->node.start > addr)
		return -EFAULT;
	if (range->ops)
		return -EXDEV;
	pte = vm_pt_lookup(vm, addr, &level);
	if (vm_pte_is_leaf(pte, level))
		pa = pte_paddr(pte);
	else if (vm_shmem_of(range))
		pa = vm_shmem_lookup(range, addr, &level);
	/* The page may be copied and freed meanwhile; its node stays. */
	page = pa == PADDR_NONE ? NULL : page_of_paddr(pa);
	return page ? (int)page_node(page) : -ENOENT;
}

int vm_page_node(struct vm *vm, vaddr_t addr)
{
	u32 token = vm_lock_read(&vm->lock);
	int node = page_node_locked(vm, addr);

	vm_unlock_read(&vm->lock, token);
	return node;
}

u64 vm_migrate(struct vm *vm, const struct vm_migrate *migrate)
{
	struct move move = { .vm = vm, .migrate = migrate, .touched = migrate->touched };

	vm_lock_write(&vm->lock);
	move_pages(&move, migrate->start, migrate->end);
	vm_unlock_write(&vm->lock);
	return move.failed;
}
