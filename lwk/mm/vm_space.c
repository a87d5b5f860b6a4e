// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of an address space, and what can be asked of it.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/mm/vm_cow.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

static bool window_valid(const struct vm_config *config)
{
	return IS_ALIGNED(config->start | config->end | config->mmap_base, PAGE_LEN) &&
	       config->start >= VM_TASK_START && config->end <= VM_TASK_END &&
	       config->start < config->mmap_base && config->mmap_base <= config->end;
}

int vm_create(const struct vm_config *config, struct vm **out)
{
	struct vm *vm;
	int err;

	if (!window_valid(config))
		return -EINVAL;
	vm = kzalloc(sizeof(*vm));
	if (!vm)
		return -ENOMEM;
	vm_lock_init(&vm->lock);
	vm->refs = 1;
	vm->start = config->start;
	vm->end = config->end;
	vm->mmap_base = config->mmap_base;
	vm->limits = config->limits;
	vm->pkeys = 1;
	vm->pt.huge_pages = config->huge_pages;
	vm->brk_start = config->start;
	vm->brk = config->start;
	vm_tree_init(&vm->ranges, config->start);
	err = vm_pt_init(vm, config->kernel);
	if (err)
		goto free_vm;
	*out = vm;
	return 0;

free_vm:
	kfree(vm);
	return err;
}

void vm_get(struct vm *vm)
{
	/* Relaxed: the caller's own reference orders everything. */
	u32 refs = __atomic_fetch_add(&vm->refs, 1, __ATOMIC_RELAXED);

	ASSERT(refs);
}

static void destroy(struct vm *vm)
{
	u64 released;
	u32 i;

	for (i = 0; i < CPUMASK_WORDS; i++)
		ASSERT(!READ_ONCE(vm->cpus.words[i]));
	vm_lock_write(&vm->lock);
	released = vm_promised(vm, vm->start, VM_TASK_END);
	vm_unmap_commit(vm, vm->start, VM_TASK_END);
	vm_ledger_uncharge(released);
	vm_unlock_write(&vm->lock);
	ASSERT(!vm->total && !vm->locked && !vm->data && !vm->stack);
	pgtable_destroy(&vm->pt, false);
	vm_policy_put(vm->policy);
	kfree(vm);
}

void vm_put(struct vm *vm)
{
	/* Each owner's accesses come before the last owner frees it. */
	u32 refs = __atomic_fetch_sub(&vm->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(refs);
	if (refs == 1)
		destroy(vm);
}

void vm_activate(struct vm *vm)
{
	u32 cpu = arch_cpu_id();

	/*
	 * Sequentially consistent: either arch_tlb_flush_user() sees this CPU, or
	 * this CPU sees the page tables as they were before that call.
	 */
	__atomic_fetch_or(&vm->cpus.words[cpu / 64], 1ULL << cpu % 64, __ATOMIC_SEQ_CST);
}

void vm_deactivate(struct vm *vm)
{
	u32 cpu = arch_cpu_id();

	/* Release: this CPU uses nothing of the space any more. */
	__atomic_fetch_and(&vm->cpus.words[cpu / 64], ~(1ULL << cpu % 64), __ATOMIC_RELEASE);
}

void vm_set_limits(struct vm *vm, const struct vm_limits *limits)
{
	vm_lock_write(&vm->lock);
	vm->limits = *limits;
	vm_unlock_write(&vm->lock);
}

void vm_set_brk(struct vm *vm, vaddr_t start, u64 data_len)
{
	vm_lock_write(&vm->lock);
	vm->brk_start = start;
	vm->brk = start;
	vm->data_len = data_len;
	vm_unlock_write(&vm->lock);
}

int vm_for_each_in(struct vm *vm, vaddr_t start, vaddr_t end, vm_visit_fn fn, void *ctx)
{
	u32 token = vm_lock_read(&vm->lock);
	const struct vm_range *range;
	int err;

	vm_range_for_each(range, vm, start, end) {
		err = fn(range, ctx);
		if (err)
			goto unlock;
	}
	err = 0;
unlock:
	vm_unlock_read(&vm->lock, token);
	return err;
}

int vm_for_each(struct vm *vm, vm_visit_fn fn, void *ctx)
{
	return vm_for_each_in(vm, 0, VM_TASK_END, fn, ctx);
}

static u64 resident_blocks(const struct vm *vm, u32 level)
{
	s64 n = 0;
	u32 i;

	for (i = 0; i < VM_LOCK_SLOTS; i++)
		n += READ_ONCE(vm->counters[i].resident[level]);
	return (u64)n;
}

static u64 resident_pages(const struct vm *vm)
{
	u64 n = 0;

	for (u32 level = 0; level < VM_SIZES; level++)
		n += resident_blocks(vm, level) << (9 * level);
	return n;
}

u64 vm_peak_resident(const struct vm *vm)
{
	return MAX(READ_ONCE(vm->peak_resident), resident_pages(vm));
}

void vm_note_peak(struct vm *vm, u64 npages)
{
	vm->unnoted += npages;
	if (vm->unnoted < VM_NOTE_PAGES)
		return;
	vm->unnoted = 0;
	WRITE_ONCE(vm->peak_resident, vm_peak_resident(vm));
}

void vm_get_stats(struct vm *vm, struct vm_stats *out)
{
	u32 token = vm_lock_read(&vm->lock);
	u32 level;

	*out = (struct vm_stats){
		.total = vm->total,
		.peak_total = vm->peak_total,
		.locked = vm->locked,
		.data = vm->data,
		.stack = vm->stack,
		.ranges = vm->ranges.count,
	};
	for (level = 0; level < VM_SIZES; level++)
		out->resident[level] = resident_blocks(vm, level);
	vm_unlock_read(&vm->lock, token);
}

struct found {
	const struct vm *vm;
	u64 blocks[VM_SIZES];
};

static void check_cow(const struct vm_range *range, const struct page *block, u32 level)
{
	ASSERT(!range->ops && !(range->flags & VM_SHARED));
	ASSERT(block && block->order == 9 * level);
}

static void check_shmem(const struct vm_range *range, vaddr_t va, paddr_t pa, u32 level)
{
	u32 whole;

	ASSERT(vm_shmem_lookup(range, va, &whole) == pa && whole >= level);
}

/*
 * Ranges that differ only in what page tables do not know, such as VM_LOCKED, may
 * share a large page. All of it must lie in ranges that agree with the entry. What
 * Linux lends may allow less than the range, and has a memory type.
 */
static void check_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	struct found *found = ctx;
	vaddr_t end = va + level_len(level);
	struct page *block = vm_page_block(pte_paddr(*entry));
	const struct vm_range *range;

	ASSERT(vm_range_covered(found->vm, va, end) == end);
	vm_range_for_each(range, found->vm, va, end) {
		pte_t expected = vm_pte_make(pte_paddr(*entry), level, range->flags);
		pte_t free = range->ops ? PTE_WRITE | PTE_TYPE_MASK : PTE_TOUCHED;

		if (*entry & PTE_COW) {
			expected = vm_pte_share(expected);
			check_cow(range, block, level);
			free = 0;
		}
		ASSERT((*entry | free) == (expected | free));
		ASSERT(range->ops || (block && block->order >= 9 * level));
		ASSERT(range->ops || vm_shmem_of(range) || (range->flags & VM_ACCOUNT) ||
		       READ_ONCE(block->booked));
		if (vm_shmem_of(range) && va >= range->node.start)
			check_shmem(range, va, pte_paddr(*entry), level);
	}
	found->blocks[level]++;
}

void vm_check(struct vm *vm)
{
	struct found found = { .vm = vm };
	const struct vm_range *range;
	u64 total = 0, locked = 0;
	u32 level;

	vm_lock_write(&vm->lock);
	vm_tree_check(&vm->ranges);
	vm_range_for_each(range, vm, 0, VM_TASK_END) {
		total += vm_range_npages(range);
		if (range->flags & VM_LOCKED)
			locked += vm_range_npages(range);
	}
	ASSERT(total == vm->total && locked == vm->locked);
	vm_pt_for_each(vm, 0, VM_TASK_END, check_leaf, &found);
	for (level = 0; level < VM_SIZES; level++)
		ASSERT(found.blocks[level] == resident_blocks(vm, level));
	vm_unlock_write(&vm->lock);
}
