// SPDX-License-Identifier: GPL-2.0-only
/*
 * Growing, shrinking and moving mappings: mremap(2).
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/*
 * A move in the making: [from, from + move_len) goes to @to, where it becomes
 * @new_len long; [from + move_len, from + old_len) is unmapped.
 */
struct remap {
	struct vm *vm;
	const struct vm_remap_args *args;
	vaddr_t from;
	vaddr_t to;
	u64 old_len;
	u64 new_len;
	u64 move_len;
	u32 flags;
};

static bool keeps_old(const struct remap *remap)
{
	return remap->flags & MREMAP_DONTUNMAP;
}

static int check_args(const struct vm_remap_args *args)
{
	const u32 flags = args->flags;

	if (!IS_ALIGNED(args->addr, PAGE_LEN) ||
	    (flags & ~(u32)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) ||
	    ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE)) ||
	    ((flags & MREMAP_DONTUNMAP) && args->old_len != args->new_len))
		return -EINVAL;
	/* Also what wraps to 0 when it is rounded up. */
	return ALIGN_UP(args->new_len, PAGE_LEN) ? 0 : -EINVAL;
}

static int check_target(const struct remap *remap)
{
	vaddr_t to = remap->args->new_addr;

	if (!IS_ALIGNED(to, PAGE_LEN) || remap->new_len > VM_TASK_END ||
	    to > VM_TASK_END - remap->new_len)
		return -EINVAL;
	if (remap->from + remap->old_len > to && to + remap->new_len > remap->from)
		return -EINVAL;
	return 0;
}

/* May the mapping have its new length at all? */
static int check_growth(const struct remap *remap, const struct vm_range *range)
{
	u64 more = keeps_old(remap) ? remap->new_len : remap->new_len - remap->move_len;

	/* No length asks for a second mapping, which private memory cannot have. */
	if (!remap->old_len && !vm_shmem_of(range))
		return -EINVAL;
	if (remap->move_len > range->node.end - remap->from)
		return -EFAULT;
	if ((range->flags & VM_HUGETLB) && remap->new_len != remap->old_len)
		return -EINVAL;
	if (!more)
		return 0;
	if (!keeps_old(remap) &&
	    !vm_may_lock_more(remap->vm, range->flags, more >> PAGE_SHIFT))
		return -EAGAIN;
	return vm_may_expand(remap->vm, range->flags, more >> PAGE_SHIFT) ? 0 : -ENOMEM;
}

static int grow_in_place(const struct remap *remap, struct vm_range *range)
{
	u64 npages = (remap->new_len - remap->old_len) >> PAGE_SHIFT;
	vaddr_t end = remap->from + remap->new_len;
	int err;

	if (range->flags & VM_ACCOUNT) {
		err = vm_ledger_charge(npages);
		if (err)
			return err;
	}
	vm_range_resize(remap->vm, range, range->node.start, end);
	vm_range_merge(remap->vm, end, end);
	return 0;
}

static bool can_grow_in_place(const struct remap *remap, const struct vm_range *range)
{
	const struct vm_range *next = vm_range_next(remap->vm, range);
	vaddr_t end = remap->from + remap->new_len;

	return range->node.end == remap->from + remap->old_len && end > range->node.end &&
	       end <= remap->vm->end && (!next || end <= next->node.start);
}

/* The range at the new place. */
static struct vm_range *make_range(const struct remap *remap, const struct vm_range *old)
{
	struct vm_range *range =
		vm_range_new(remap->to, remap->to + remap->new_len, old->flags);

	if (!range)
		return NULL;
	range->ops = old->ops;
	range->object = old->object;
	range->policy = old->policy;
	range->offset = old->offset + (remap->from - old->node.start);
	return range;
}

/* Merge what preparing split; also the last step of a move. */
static void merge(const struct remap *remap)
{
	vm_range_merge(remap->vm, remap->from, remap->from + remap->old_len);
	vm_range_merge(remap->vm, remap->to, remap->to + remap->new_len);
}

/* Split at all edges: of what moves, of what is cut off, of the new place. */
static int split(const struct remap *remap)
{
	struct vm *vm = remap->vm;
	vaddr_t middle = remap->from + remap->move_len;
	int err;

	err = vm_unmap_prepare(vm, remap->to, remap->to + remap->new_len);
	if (err)
		return err;
	/* A range that stays is not split, only emptied in part. */
	err = keeps_old(remap) ? vm_pt_split_edges(vm, remap->from, middle) :
				 vm_unmap_prepare(vm, remap->from, middle);
	if (!err && middle < remap->from + remap->old_len)
		err = vm_unmap_prepare(vm, middle, remap->from + remap->old_len);
	if (err)
		merge(remap);
	return err;
}

static void commit(const struct remap *remap, struct vm_pt_move *move, struct vm_range *range)
{
	struct vm *vm = remap->vm;
	struct vm_range *old;
	struct vm_gather gather;

	vm_unmap_commit(vm, remap->to, remap->to + remap->new_len);
	vm_gather_begin(&gather, vm);
	vm_pt_move_pages(move, &gather);
	vm_gather_end(&gather);
	old = vm_range_find(vm, remap->from);
	vm_range_add(vm, range);
	/* As on Linux all of it is unlocked, even if a part was moved. */
	if (keeps_old(remap))
		vm_range_set_flags(vm, old, old->flags & ~(VM_LOCKED | VM_LOCKONFAULT));
	else
		vm_range_remove(vm, old);
	if (remap->move_len < remap->old_len)
		vm_unmap_commit(vm, remap->from + remap->move_len,
				remap->from + remap->old_len);
	merge(remap);
}

/* Pages that the new place, and those that its predecessors held in the ledger. */
static void measure(const struct remap *remap, const struct vm_range *range, u64 *npages,
		    u64 *released)
{
	vaddr_t middle = remap->from + remap->move_len;
	u64 more = keeps_old(remap) ? remap->new_len : remap->new_len - remap->move_len;

	*npages = range->flags & VM_ACCOUNT ? more >> PAGE_SHIFT : 0;
	*released = vm_promised(remap->vm, remap->to, remap->to + remap->new_len) +
		    vm_promised(remap->vm, middle, remap->from + remap->old_len);
}

/* Move, or change nothing; the new place is chosen. */
static int move_to(const struct remap *remap)
{
	struct vm_pt_move move = {
		.vm = remap->vm,
		.from = remap->from,
		.end = remap->from + remap->move_len,
		.to = remap->to,
	};
	struct vm_range *range = make_range(remap, vm_range_find(remap->vm, remap->from));
	u64 npages, released;
	int err;

	if (!range)
		return -ENOMEM;
	err = split(remap);
	if (err)
		goto free_range;
	err = vm_pt_move_begin(&move);
	if (err)
		goto merge;
	measure(remap, range, &npages, &released);
	err = vm_charge_net(npages, released);
	if (err)
		goto end_move;
	commit(remap, &move, range);
	vm_settle(npages, released);
	vm_pt_move_end(&move);
	return 0;

end_move:
	vm_pt_move_end(&move);
merge:
	merge(remap);
free_range:
	kfree(range);
	return err;
}

/* Map shared memory a second time, or change nothing; the new place is chosen. */
static int duplicate(const struct remap *remap)
{
	struct vm *vm = remap->vm;
	vaddr_t end = remap->to + remap->new_len;
	struct vm_range *range = make_range(remap, vm_range_find(vm, remap->from));
	int err;

	if (!range)
		return -ENOMEM;
	err = vm_unmap_locked(vm, remap->to, end);
	if (err)
		goto free_range;
	/* As on Linux, a mapping that was to replace itself is gone. */
	if (remap->to == remap->from) {
		err = -EFAULT;
		goto free_range;
	}
	vm_range_add(vm, range);
	vm_range_merge(vm, remap->to, end);
	return 0;

free_range:
	kfree(range);
	return err;
}

/* The number of ranges may grow by three, as Linux reckons. */
static int choose_target(struct remap *remap, const struct vm_range *range)
{
	struct vm_place place = {
		.addr = remap->args->new_addr,
		.len = remap->new_len,
		.flags = remap->flags & MREMAP_FIXED ? MAP_FIXED : 0,
		.align = range->flags & VM_HUGETLB_1G ? HUGE_PAGE_LEN :
			 range->flags & VM_HUGETLB_2M ? LARGE_PAGE_LEN : PAGE_LEN,
	};

	if (!(remap->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)))
		place.addr = 0;
	if (remap->vm->ranges.count >= VM_MAX_RANGES - 3)
		return -ENOMEM;
	return vm_find_place(remap->vm, &place, &remap->to);
}

static int remap_locked(struct remap *remap, vaddr_t *addr)
{
	struct vm_range *range = vm_range_find(remap->vm, remap->from);
	bool targeted = remap->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	int err;

	if (!range || range->node.start > remap->from)
		return -EFAULT;
	/* As munmap would say of the part that is cut off. */
	if (remap->old_len > remap->new_len && remap->old_len > VM_TASK_END - remap->from)
		return -EINVAL;
	if (targeted) {
		err = check_target(remap);
		if (err)
			return err;
	} else if (remap->new_len <= remap->old_len) {
		*addr = remap->from;
		return remap->new_len == remap->old_len ? 0 :
			vm_unmap_locked(remap->vm, remap->from + remap->new_len,
					remap->from + remap->old_len);
	}
	err = check_growth(remap, range);
	if (err)
		return err;
	*addr = remap->from;
	if (!targeted && can_grow_in_place(remap, range))
		return grow_in_place(remap, range);
	if (!(remap->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	err = choose_target(remap, range);
	if (err)
		return err;
	*addr = remap->to;
	return remap->old_len ? move_to(remap) : duplicate(remap);
}

/* As mmap does, a locked mapping's new pages are faulted in at once. */
static bool wants_pages(struct vm *vm, vaddr_t addr)
{
	const struct vm_range *range = vm_range_find(vm, addr);

	return range && (range->flags & VM_LOCKED);
}

int vm_remap(struct vm *vm, const struct vm_remap_args *args, vaddr_t *addr)
{
	struct remap remap = {
		.vm = vm,
		.args = args,
		.from = args->addr,
		.old_len = ALIGN_UP(args->old_len, PAGE_LEN),
		.new_len = ALIGN_UP(args->new_len, PAGE_LEN),
		.flags = args->flags,
	};
	bool populate;
	int err;

	err = check_args(args);
	if (err)
		return err;
	remap.move_len = MIN(remap.old_len, remap.new_len);
	vm_lock_write(&vm->lock);
	err = remap_locked(&remap, addr);
	populate = !err && remap.new_len > remap.old_len && wants_pages(vm, *addr);
	vm_unlock_write(&vm->lock);
	if (populate)
		vm_populate_any(vm, *addr + remap.old_len, *addr + remap.new_len, true);
	return err;
}
