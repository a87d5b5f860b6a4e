// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faulting pages in, as a reader of the vm's lock.
 *
 * The largest page that fits the range is tried first. For a large page the CPU
 * first claims the empty entry (PTE_BUSY), so that no two CPUs clear 2 MiB for
 * the same place; a 4 KiB page is prepared first and dropped if another CPU was
 * quicker. Whoever finds a busy entry waits for its CPU, which waits for nothing but
 * the interrupts of others.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/sched/thread.h"
#include "lwk/mm/vm_cow.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

/* Access for fault_at(): whatever the range allows. */
#define ANY_ACCESS 0U

/*
 * What came of a fault.
 * next: where to go on: behind the page, or on failure behind the range
 * pin, page: take a reference for the caller
 * stays: no stack grows for it
 * hole: there is no range
 */
struct outcome {
	vaddr_t next;
	bool pin;
	bool stays;
	bool hole;
	struct page *page;
};

static bool allows(const struct vm_range *range, u32 access)
{
	if (access & (VM_WRITE | VM_EXEC))
		return range->flags & access;
	/* The processor cannot keep readers from what can be written or executed. */
	return range->flags & VM_ACCESS;
}

/* The upper end of a thread's stack, which is all that most threads ever touch. */
static bool is_stack_top(const struct vm_range *range, vaddr_t addr)
{
	return (range->flags & (VM_MAP_STACK | VM_HUGEPAGE)) == VM_MAP_STACK &&
	       entry_end(addr, 1) > range->node.end - LARGE_PAGE_LEN;
}

static u32 largest_level(const struct vm *vm, const struct vm_range *range, vaddr_t addr)
{
	u32 level = (range->flags & VM_HUGETLB_1G) && vm->pt.huge_pages ? 2 : 1;

	if ((range->flags & VM_NOHUGEPAGE) || is_stack_top(range, addr))
		return 0;
	while (level > 0 && (ALIGN_DOWN(addr, level_len(level)) < range->node.start ||
			     entry_end(addr, level) > range->node.end))
		level--;
	return level;
}

/* Returns -EBUSY if there is a table of smaller pages already. */
static int claim(struct vm *vm, vaddr_t addr, u32 level, pte_t **entry)
{
	pte_t expected;
	int err;

	do {
		err = vm_pt_reach(vm, addr, level, entry);
		if (err)
			return err;
		if (pte_is_table(READ_ONCE(**entry), level))
			return -EBUSY;
		expected = 0;
		/* Relaxed: nothing is published yet. */
	} while (!__atomic_compare_exchange_n(*entry, &expected, PTE_BUSY, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return 0;
}

static int install_large(struct vm *vm, const struct vm_range *range, vaddr_t addr, u32 level)
{
	struct page *block;
	pte_t *entry;
	pte_t pte = 0;
	int err;

	err = claim(vm, addr, level, &entry);
	if (err)
		return err;
	block = vm_block_alloc(vm, addr, level, range->flags, PAGE_ALLOC_ZERO);
	if (block)
		pte = vm_pte_make(page_paddr(block), level, range->flags);
	/* Release: the page is cleared before anyone can see it. */
	__atomic_store_n(entry, pte, __ATOMIC_RELEASE);
	if (!block)
		return -ENOMEM;
	vm_pt_count(vm, level, 1);
	return 0;
}

static int install_small(struct vm *vm, const struct vm_range *range, vaddr_t addr)
{
	struct page *block = vm_block_alloc(vm, addr, 0, range->flags, PAGE_ALLOC_ZERO);
	int err;

	if (!block)
		return -ENOMEM;
	err = vm_pt_install(vm, addr, vm_pte_make(page_paddr(block), 0, range->flags));
	if (err)
		page_free(block, PAGE_ORDER_4K);
	return err;
}

static int fault_anonymous(struct vm *vm, const struct vm_range *range, vaddr_t addr)
{
	u32 level = largest_level(vm, range, addr);
	int err;

	for (; level > 0; level--) {
		err = install_large(vm, range, addr, level);
		if (!err || err == -EEXIST)
			return 0;
	}
	err = install_small(vm, range, addr);
	return err == -EEXIST ? 0 : err;
}

int vm_map_foreign(struct vm *vm, const struct vm_range *range, vaddr_t addr, paddr_t pa)
{
	int err = vm_pt_install(vm, addr, vm_pte_make(pa, 0, range->flags));

	return err == -EEXIST ? 0 : err;
}

static int take_reference(const struct vm *vm, vaddr_t addr, struct page **page)
{
	u32 level;
	pte_t pte = vm_pt_lookup(vm, addr, &level);
	paddr_t pa = pte_paddr(pte) + (addr & (level_len(level) - 1));

	/* Foreign memory has no descriptor. */
	*page = page_of_paddr(pa);
	if (!*page)
		return -EFAULT;
	page_get(vm_page_block(pa));
	return 0;
}

static int touch_foreign(struct vm *vm, const struct vm_range *range, vaddr_t addr, u32 access)
{
	u32 level;

	if (vm_pte_allows(vm_pt_lookup(vm, addr, &level), access))
		return 0;
	return range->ops->fault(vm, range, addr, access);
}

int vm_touch_memory(struct vm *vm, const struct vm_range *range, vaddr_t addr, bool own)
{
	u32 level;
	pte_t pte;
	int err;

	for (;;) {
		pte = vm_pt_lookup(vm, addr, &level);
		if (!vm_pte_is_leaf(pte, level))
			err = vm_shmem_of(range) ? vm_shmem_fault(vm, range, addr) :
						   fault_anonymous(vm, range, addr);
		else if (own && (pte & PTE_COW))
			err = vm_cow_break(vm, addr, range->flags);
		else
			return 0;
		if (err)
			return err;
	}
}

/* Make the page of @addr, which lies in @range, accessible. */
static int touch(struct vm *vm, const struct vm_range *range, vaddr_t addr, u32 access, bool pin)
{
	u32 wanted = access == ANY_ACCESS ? range->flags : access;

	if (!allows(range, access))
		return -EACCES;
	if (range->ops)
		return touch_foreign(vm, range, addr, access);
	return vm_touch_memory(vm, range, addr, pin || (wanted & VM_WRITE));
}

static int touch_and_report(struct vm *vm, const struct vm_range *range, vaddr_t addr,
			    u32 access, struct outcome *outcome)
{
	u32 level;
	int err;

	outcome->next = range->node.end;
	if (access == ANY_ACCESS && (range->flags & VM_LOCKONFAULT))
		return 0;
	err = touch(vm, range, addr, access, outcome->pin);
	if (err)
		return err;
	vm_pt_lookup(vm, addr, &level);
	outcome->next = entry_end(addr, level);
	return outcome->pin ? take_reference(vm, addr, &outcome->page) : 0;
}

static int fault_at(struct vm *vm, vaddr_t addr, u32 access, struct outcome *outcome)
{
	const struct vm_range *range;
	bool grown = false;
	bool may_grow;
	u32 token;
	int err;

	for (;;) {
		token = vm_lock_read(&vm->lock);
		range = vm_range_find(vm, addr);
		if (range && range->node.start <= addr) {
			outcome->hole = false;
			err = touch_and_report(vm, range, addr, access, outcome);
			vm_unlock_read(&vm->lock, token);
			return err;
		}
		outcome->next = range ? range->node.start : VM_TASK_END;
		outcome->hole = true;
		may_grow = range && (range->flags & VM_GROWSDOWN);
		vm_unlock_read(&vm->lock, token);

		if (!may_grow || grown || outcome->stays)
			return -EFAULT;
		err = vm_grow_stack(vm, addr);
		if (err)
			return err;
		grown = true;
	}
}

int vm_fault(struct vm *vm, vaddr_t addr, u32 access)
{
	struct outcome outcome = { .pin = false };

	return fault_at(vm, addr, access, &outcome);
}

/*
 * Before each page: all of a partition's memory takes as long as it takes. Others run meanwhile,
 * Linux's requests among them, and a thread that has to end makes nothing more of it.
 */
static int go_on(const struct vm *vm)
{
	thread_cond_resched();
	return vm->in_vain && vm->in_vain() ? -EINTR : 0;
}

int vm_populate(struct vm *vm, vaddr_t start, vaddr_t end, u32 access)
{
	struct outcome outcome = { .stays = true };
	int err;

	for (; start < end; start = outcome.next) {
		err = go_on(vm);
		if (!err)
			err = fault_at(vm, start, access, &outcome);
		if (err)
			return err;
	}
	return 0;
}

int vm_populate_any(struct vm *vm, vaddr_t start, vaddr_t end, bool all)
{
	struct outcome outcome = { .stays = true };
	int err;

	for (; start < end; start = outcome.next) {
		err = go_on(vm);
		if (err)
			return err;
		err = fault_at(vm, start, ANY_ACCESS, &outcome);
		/*
		 * The owner of foreign pages has them in memory at its own discretion. What another
		 * thread has unmapped since the caller looked needs no pages.
		 */
		if (err == -EAGAIN || outcome.hole)
			continue;
		if (err && !all)
			return err == -EACCES || err == -ENXIO ? -EFAULT : err;
	}
	return 0;
}

int vm_get_page(struct vm *vm, vaddr_t addr, bool write, struct page **page)
{
	struct outcome outcome = { .pin = true };
	int err;

	err = fault_at(vm, addr, write ? VM_WRITE : VM_READ, &outcome);
	if (!err)
		*page = outcome.page;
	return err;
}

void vm_put_page(struct page *page)
{
	page_put(vm_page_block(page_paddr(page)));
}
