// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advice about memory: madvise(2); and what is resident: mincore(2).
 *
 * Advice that changes flags is a row of a table. As on Linux, holes are passed
 * over and reported in the end.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/mm/vm_span.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/*
 * refuse: -EINVAL for ranges with any of these flags
 * ignore: nothing for those with any of these
 * drop: take the pages away; those of shared memory too if both
 */
struct advice {
	int number;
	u32 clear;
	u32 set;
	u32 refuse;
	u32 ignore;
	enum { KEEP, DROP_PRIVATE, DROP_ALL } drop;
};

static const struct advice advices[] = {
	{ .number = MADV_NORMAL, .clear = VM_RANDOM | VM_SEQUENTIAL },
	{ .number = MADV_RANDOM, .clear = VM_SEQUENTIAL, .set = VM_RANDOM },
	{ .number = MADV_SEQUENTIAL, .clear = VM_RANDOM, .set = VM_SEQUENTIAL },
	{ .number = MADV_WILLNEED },
	{ .number = MADV_DONTNEED, .refuse = VM_LOCKED, .drop = DROP_PRIVATE },
	{ .number = MADV_DONTNEED_LOCKED, .drop = DROP_PRIVATE },
	{ .number = MADV_FREE, .refuse = VM_LOCKED | VM_SHARED | VM_HUGETLB,
	  .drop = DROP_PRIVATE },
	{ .number = MADV_REMOVE, .refuse = VM_LOCKED, .drop = DROP_ALL },
	{ .number = MADV_DONTFORK, .set = VM_DONTFORK },
	{ .number = MADV_DOFORK, .clear = VM_DONTFORK, .refuse = VM_IO },
	{ .number = MADV_HUGEPAGE, .clear = VM_NOHUGEPAGE, .set = VM_HUGEPAGE,
	  .ignore = VM_HUGETLB },
	{ .number = MADV_NOHUGEPAGE, .clear = VM_HUGEPAGE, .set = VM_NOHUGEPAGE,
	  .ignore = VM_HUGETLB },
	{ .number = MADV_DONTDUMP, .set = VM_DONTDUMP },
	{ .number = MADV_DODUMP, .clear = VM_DONTDUMP },
	{ .number = MADV_WIPEONFORK, .set = VM_WIPEONFORK, .refuse = VM_SHARED | VM_HUGETLB },
	{ .number = MADV_KEEPONFORK, .clear = VM_WIPEONFORK },
	{ .number = MADV_COLD, .refuse = VM_LOCKED | VM_HUGETLB },
	{ .number = MADV_PAGEOUT, .refuse = VM_LOCKED | VM_HUGETLB },
	/* May be merged, not must: no pages are. */
	{ .number = MADV_MERGEABLE },
	{ .number = MADV_UNMERGEABLE },
};

static const struct advice *find_advice(int number)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(advices); i++) {
		if (advices[i].number == number)
			return &advices[i];
	}
	return NULL;
}

/* Memory of Linux's it judges itself, but for what is anonymous memory's alone. */
static int check(const struct advice *advice, const struct vm_range *range)
{
	if (range->flags & advice->refuse)
		return -EINVAL;
	if (range->ops)
		return advice->number == MADV_FREE || advice->number == MADV_WIPEONFORK ?
		       -EINVAL : 0;
	if (advice->number != MADV_REMOVE)
		return 0;
	/* What Linux has in files is refused for other reasons. */
	if (!(range->flags & (VM_SHARED | VM_HUGETLB)))
		return -EINVAL;
	return range->flags & VM_SHARED ? 0 : -EACCES;
}

/* The state of a walk over ranges that are advised. */
struct walk {
	vaddr_t at;
	bool hole;
};

static int visit(struct walk *walk, const struct advice *advice, const struct vm_range *range)
{
	int err = check(advice, range);

	if (err)
		return err;
	walk->hole |= range->node.start > walk->at;
	walk->at = range->node.end;
	return 0;
}

static int finish(const struct walk *walk, vaddr_t end)
{
	return walk->hole || walk->at < end ? -ENOMEM : 0;
}

static void apply(struct vm *vm, const struct advice *advice, struct vm_range *range,
		  vaddr_t start, vaddr_t end)
{
	if (range->flags & advice->ignore)
		return;
	if (advice->drop == DROP_ALL)
		vm_zap_split(vm, MAX(range->node.start, start), MIN(range->node.end, end));
	else if (advice->clear || advice->set)
		vm_range_set_flags(vm, range, (range->flags & ~advice->clear) | advice->set);
}

static int apply_all(struct vm *vm, const struct advice *advice, vaddr_t start, vaddr_t end)
{
	struct walk walk = { start, false };
	struct vm_range *range;
	int err;

	/* All of it that can fail for want of memory. */
	if (advice->drop == DROP_ALL)
		err = vm_pt_split_edges(vm, start, end);
	else
		err = vm_range_isolate(vm, start, end, VM_MAX_RANGES);
	if (err)
		return err;
	vm_range_for_each(range, vm, start, end) {
		err = visit(&walk, advice, range);
		if (err)
			goto merge;
		apply(vm, advice, range, start, end);
	}
	err = finish(&walk, end);
merge:
	vm_range_merge(vm, start, end);
	return err;
}

/* Advice that changes nothing is looked through all the same. */
static int look(const struct vm *vm, const struct advice *advice, vaddr_t start, vaddr_t end)
{
	struct walk walk = { start, false };
	const struct vm_range *range;
	int err;

	vm_range_for_each(range, vm, start, end) {
		err = visit(&walk, advice, range);
		if (err)
			return err;
	}
	return finish(&walk, end);
}

/*
 * Take pages of private memory away. The writer only takes them out of the page tables; then
 * others may fault, which gives them new pages, while CPUs and Linux forget the old ones. Who
 * touches memory beside its being dropped may meet the old page for so long, as on Linux.
 *
 * Called by the writer, who is no longer when it returns.
 */
static int drop_private(struct vm *vm, const struct advice *advice, vaddr_t start, vaddr_t end)
{
	struct walk walk = { start, false };
	const struct vm_range *range;
	struct vm_gather gather;
	u32 token;
	int err;

	err = vm_pt_split_edges(vm, start, end);
	if (err) {
		vm_unlock_write(&vm->lock);
		return err;
	}
	vm_gather_begin(&gather, vm);
	vm_range_for_each(range, vm, start, end) {
		err = visit(&walk, advice, range);
		if (err)
			break;
		if (!vm_shmem_of(range))
			vm_pt_clear(&gather, MAX(range->node.start, start),
				    MIN(range->node.end, end));
	}
	token = vm_lock_downgrade(&vm->lock);
	vm_gather_end(&gather);
	vm_unlock_read(&vm->lock, token);
	return err ? err : finish(&walk, end);
}

static int populate(struct vm *vm, vaddr_t start, vaddr_t end, int advice)
{
	int err = vm_populate(vm, start, end,
			      advice == MADV_POPULATE_WRITE ? VM_WRITE : VM_READ);

	/* Here a hole is ENOMEM, a lack of permission EINVAL, no memory behind it EFAULT. */
	if (err == -EFAULT)
		return -ENOMEM;
	if (err == -ENXIO)
		return -EFAULT;
	return err == -EACCES ? -EINVAL : err;
}

static int populate_own(struct vm *vm, vaddr_t start, vaddr_t end, int advice)
{
	int err = vm_is_foreign(vm, start, end) ? -EXDEV : populate(vm, start, end, advice);

	/* By now there may be what has not been there. */
	return err == -EAGAIN ? -EXDEV : err;
}

static bool populates(int number)
{
	return number == MADV_POPULATE_READ || number == MADV_POPULATE_WRITE;
}

/* Called by the writer, who is no longer when it returns; @advice: NULL to collapse. */
static int advise_and_unlock(struct vm *vm, const struct advice *advice, vaddr_t start,
			     vaddr_t end)
{
	int err;

	if (advice && advice->drop == DROP_PRIVATE)
		return drop_private(vm, advice, start, end);
	if (!advice)
		err = vm_collapse(vm, start, end);
	else if (advice->drop == DROP_ALL || advice->clear || advice->set)
		err = apply_all(vm, advice, start, end);
	else
		err = look(vm, advice, start, end);
	vm_unlock_write(&vm->lock);
	return err;
}

static int advise(struct vm *vm, vaddr_t addr, u64 len, int number, bool own)
{
	const struct advice *advice = find_advice(number);
	vaddr_t end = addr + ALIGN_UP(len, PAGE_LEN);

	if ((!advice && !populates(number) && number != MADV_COLLAPSE) ||
	    !IS_ALIGNED(addr, PAGE_LEN) || (len && !ALIGN_UP(len, PAGE_LEN)) || end < addr)
		return -EINVAL;
	if (end == addr)
		return 0;
	if (populates(number))
		return own ? populate_own(vm, addr, end, number) : populate(vm, addr, end, number);
	vm_lock_write(&vm->lock);
	if (own && vm_has_foreign(vm, addr, end)) {
		vm_unlock_write(&vm->lock);
		return -EXDEV;
	}
	return advise_and_unlock(vm, advice, addr, end);
}

int vm_advise(struct vm *vm, vaddr_t addr, u64 len, int number)
{
	return advise(vm, addr, len, number, false);
}

int vm_advise_own(struct vm *vm, vaddr_t addr, u64 len, int number)
{
	return advise(vm, addr, len, number, true);
}

/* Shared memory is resident if anybody has touched it. A busy entry is about to be. */
static bool is_resident(const struct vm *vm, const struct vm_range *range, vaddr_t addr)
{
	u32 level;

	if (vm_shmem_of(range))
		return vm_shmem_lookup(range, addr, &level) != PADDR_NONE;
	return vm_pt_lookup(vm, addr, &level);
}

int vm_mincore(struct vm *vm, vaddr_t addr, u64 len, u8 *vec)
{
	const struct vm_range *range;
	vaddr_t end;
	u32 token;
	int err;

	if (!IS_ALIGNED(addr, PAGE_LEN))
		return -EINVAL;
	if (addr > VM_TASK_END || len > VM_TASK_END - addr)
		return -ENOMEM;
	end = addr + ALIGN_UP(len, PAGE_LEN);
	token = vm_lock_read(&vm->lock);
	for (; addr < end; addr += PAGE_LEN) {
		range = vm_range_find(vm, addr);
		if (!range || range->node.start > addr) {
			err = -ENOMEM;
			goto unlock;
		}
		*vec++ = is_resident(vm, range, addr);
	}
	err = 0;
unlock:
	vm_unlock_read(&vm->lock, token);
	return err;
}
