// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared anonymous memory; see vm_shmem.h.
 */
#include "lwk/mm/vm_shmem.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/lib/string.h"
#include "lwk/mm/vm_internal.h"

static int create_pages(const struct vm *vm, u64 len, u32 map_flags, struct vm **out)
{
	const struct vm_config config = {
		.kernel = &vm->pt,
		.start = VM_SHMEM_BASE,
		.end = VM_TASK_END,
		.mmap_base = VM_TASK_END,
		.limits = {
			.as = VM_UNLIMITED,
			.data = VM_UNLIMITED,
			.data_hard = VM_UNLIMITED,
			.stack = VM_UNLIMITED,
			.memlock = VM_UNLIMITED,
			.may_lock = true,
		},
		.huge_pages = vm->pt.huge_pages,
	};
	const u32 huge = MAP_HUGETLB | (u32)MAP_HUGE_MASK << MAP_HUGE_SHIFT;
	const struct vm_map_args args = {
		.addr = VM_SHMEM_BASE,
		.len = len,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE |
			 (map_flags & huge),
	};
	vaddr_t addr;
	int err;

	err = vm_create(&config, out);
	if (err)
		return err;
	err = vm_map(*out, &args, &addr);
	if (err)
		vm_put(*out);
	return err;
}

int vm_shmem_create(const struct vm *vm, u64 len, u32 map_flags, struct vm_shmem **out)
{
	struct vm_shmem *shmem = kzalloc(sizeof(*shmem));
	int err;

	if (!shmem)
		return -ENOMEM;
	err = create_pages(vm, len, map_flags, &shmem->pages);
	if (err) {
		kfree(shmem);
		return err;
	}
	shmem->refs = 1;
	shmem->len = len;
	*out = shmem;
	return 0;
}

void vm_shmem_promise(struct vm_shmem *shmem)
{
	struct vm *pages = shmem->pages;
	struct vm_range *range;

	vm_lock_write(&pages->lock);
	range = vm_range_find(pages, VM_SHMEM_BASE);
	vm_range_set_flags(pages, range, (range->flags & ~VM_NORESERVE) | VM_ACCOUNT);
	vm_unlock_write(&pages->lock);
}

void vm_shmem_get(struct vm_shmem *shmem)
{
	/* Relaxed: the caller's own reference orders everything. */
	u32 refs = __atomic_fetch_add(&shmem->refs, 1, __ATOMIC_RELAXED);

	ASSERT(refs);
}

void vm_shmem_put(struct vm_shmem *shmem)
{
	/* Each owner's accesses come before the last owner frees it. */
	u32 refs = __atomic_fetch_sub(&shmem->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT(refs);
	if (refs > 1)
		return;
	vm_put(shmem->pages);
	kfree(shmem);
}

static u64 offset_of(const struct vm_range *range, vaddr_t addr)
{
	return range->offset + (ALIGN_DOWN(addr, PAGE_LEN) - range->node.start);
}

paddr_t vm_shmem_lookup(const struct vm_range *range, vaddr_t addr, u32 *level)
{
	struct vm *pages = vm_shmem_of(range)->pages;
	vaddr_t va = VM_SHMEM_BASE + offset_of(range, addr);
	u32 token = vm_lock_read(&pages->lock);
	pte_t pte = vm_pt_lookup(pages, va, level);

	vm_unlock_read(&pages->lock, token);
	if (!vm_pte_is_leaf(pte, *level))
		return PADDR_NONE;
	return pte_paddr(pte) + (va & (level_len(*level) - 1));
}

/* Take a reference on the page at @va of @pages, which is to be made if there is none. */
static int take_page(struct vm *pages, vaddr_t va, pte_t *pte, u32 *level)
{
	u32 token;
	bool found;
	int err;

	for (;;) {
		token = vm_lock_read(&pages->lock);
		*pte = vm_pt_lookup(pages, va, level);
		found = vm_pte_is_leaf(*pte, *level);
		if (found)
			page_get(vm_page_block(pte_paddr(*pte)));
		vm_unlock_read(&pages->lock, token);
		if (found)
			return 0;
		err = vm_fault(pages, va, VM_WRITE);
		if (err)
			return err;
	}
}

static bool fits(const struct vm_range *range, vaddr_t addr, u32 level)
{
	u64 distance = addr - offset_of(range, addr);

	return !(range->flags & VM_NOHUGEPAGE) && IS_ALIGNED(distance, level_len(level)) &&
	       ALIGN_DOWN(addr, level_len(level)) >= range->node.start &&
	       entry_end(addr, level) <= range->node.end;
}

/* Returns -EBUSY if there is a table of smaller pages already, -EEXIST if a page is. */
static int install(struct vm *vm, vaddr_t va, u32 level, pte_t pte)
{
	pte_t expected;
	pte_t *entry;
	int err;

	for (;;) {
		err = vm_pt_reach(vm, va, level, &entry);
		if (err)
			return err;
		expected = 0;
		/* Release: the page is cleared before anyone can see it. */
		if (__atomic_compare_exchange_n(entry, &expected, pte, false, __ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			break;
		if (pte_is_table(expected, level))
			return -EBUSY;
	}
	vm_pt_count(vm, level, 1);
	return 0;
}

int vm_shmem_fault(struct vm *vm, const struct vm_range *range, vaddr_t addr)
{
	struct vm_shmem *shmem = vm_shmem_of(range);
	u64 offset = offset_of(range, addr);
	u64 inside;
	u32 level;
	paddr_t pa;
	pte_t pte;
	int err;

	if (offset >= shmem->len)
		return -ENXIO;
	addr = ALIGN_DOWN(addr, PAGE_LEN);
	err = take_page(shmem->pages, VM_SHMEM_BASE + offset, &pte, &level);
	if (err)
		return err;
	pa = pte_paddr(pte) + (offset & (level_len(level) - 1));
	do {
		while (level > 0 && !fits(range, addr, level))
			level--;
		inside = addr & (level_len(level) - 1);
		err = install(vm, addr - inside, level,
			      vm_pte_make(pa - inside, level, range->flags));
	} while (err == -EBUSY && level--);
	if (err)
		page_put(vm_page_block(pa));
	return err == -EEXIST ? 0 : err;
}

struct clearing {
	vaddr_t start;
	vaddr_t end;
};

static void clear_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	const struct clearing *clearing = ctx;
	vaddr_t start = MAX(va, clearing->start);
	vaddr_t end = MIN(va + level_len(level), clearing->end);

	memset((u8 *)phys_to_virt(pte_paddr(READ_ONCE(*entry))) + (start - va), 0, end - start);
}

void vm_shmem_remove(struct vm *vm, const struct vm_range *range, vaddr_t start, vaddr_t end)
{
	struct vm_shmem *shmem = vm_shmem_of(range);
	struct clearing clearing = {
		.start = VM_SHMEM_BASE + offset_of(range, start),
		.end = VM_SHMEM_BASE + offset_of(range, start) + (end - start),
	};
	struct vm_gather gather;

	/* Acquire: what former ranges did comes first. No new one comes but from @range. */
	if (__atomic_load_n(&shmem->refs, __ATOMIC_ACQUIRE) == 1) {
		/* All of it, so that no leaf keeps what is to be cut; faults bring the rest. */
		vm_gather_begin(&gather, vm);
		vm_pt_clear(&gather, range->node.start, range->node.end);
		vm_gather_end(&gather);
		if (!vm_zap(shmem->pages, clearing.start, clearing.end))
			return;
	}
	vm_lock_write(&shmem->pages->lock);
	vm_pt_for_each(shmem->pages, clearing.start, clearing.end, clear_leaf, &clearing);
	vm_unlock_write(&shmem->pages->lock);
}
