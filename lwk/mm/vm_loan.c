// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that crosses the border of the two kernels: frames that Linux lends to the LWK, and
 * their recall; pages of the LWK that Linux maps.
 *
 * Loans are installed by readers of the vm's lock and recalled by a writer, who notes the
 * number of the recall: a loan made before cannot be installed after it.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/mm/vm_cow.h"
#include "lwk/mm/vm_internal.h"

/* A frame's entry is there already: let it be written if the new loan says so. */
static int upgrade(const struct vm *vm, vaddr_t addr, pte_t pte)
{
	u32 level = 0;
	pte_t *entry = vm_pt_walk(vm, addr, &level);
	pte_t old = READ_ONCE(*entry);

	/* Another thread was quicker with a loan that is as good, or better. */
	if (level || pte_paddr(old) != pte_paddr(pte) || !(pte & PTE_WRITE))
		return 0;
	/* Relaxed: the page itself is as it was. If it fails, the fault is taken again. */
	__atomic_compare_exchange_n(entry, &old, pte, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	return 0;
}

static int install(struct vm *vm, const struct vm_range *range, vaddr_t addr, u64 frame)
{
	u32 flags = range->flags;
	u32 type = (frame & VM_LOAN_TYPE_MASK) >> VM_LOAN_TYPE_SHIFT;
	paddr_t pa = frame & ~(VM_LOAN_WRITE | VM_LOAN_TYPE_MASK);
	pte_t pte;
	int err;

	if (!IS_ALIGNED(pa, PAGE_LEN) || pa >= PGT_PADDR_END || page_of_paddr(pa))
		return -EIO;
	/* What may be written may be read, too. */
	if ((flags & VM_WRITE) && !(frame & VM_LOAN_WRITE))
		flags = (flags & ~VM_WRITE) | VM_READ;
	pte = vm_pte_make(pa, 0, flags) | pte_type_bits(type);
	err = vm_pt_install(vm, addr, pte);
	return err == -EEXIST ? upgrade(vm, addr, pte) : err;
}

static int install_all(struct vm *vm, const struct vm_loan *loan)
{
	const struct vm_range *range = vm_range_find(vm, loan->addr);
	const u64 *frame = loan->frames;
	vaddr_t addr = loan->start;
	int err;

	if (!range || range->node.start > loan->addr || range->ops != loan->ops)
		return -EFAULT;
	err = install(vm, range, loan->addr, frame[(loan->addr - addr) / PAGE_LEN]);
	if (err)
		return err;
	for (u32 i = 0; i < loan->npages; i++, addr += PAGE_LEN)
		if (addr >= range->node.start && addr < range->node.end &&
		    install(vm, range, addr, frame[i]))
			break;
	return 0;
}

int vm_install_loan(struct vm *vm, const struct vm_loan *loan)
{
	u32 token = vm_lock_read(&vm->lock);
	int err = loan->seq < vm->recall_seq ? -EAGAIN : install_all(vm, loan);

	vm_unlock_read(&vm->lock, token);
	return err;
}

void vm_recall(struct vm *vm, vaddr_t start, vaddr_t end, u64 seq)
{
	const struct vm_range *range;
	struct vm_gather gather;

	vm_lock_write(&vm->lock);
	vm->recall_seq = MAX(vm->recall_seq, seq);
	vm_gather_begin(&gather, vm);
	vm_range_for_each(range, vm, start, end) {
		if (range->ops)
			vm_pt_clear(&gather, MAX(range->node.start, start),
				    MIN(range->node.end, end));
	}
	vm_gather_end(&gather);
	vm_unlock_write(&vm->lock);
}

/* Note that Linux maps the page of an entry. Relaxed: the lock orders it for a writer. */
static void mark(pte_t *entry)
{
	__atomic_fetch_or(entry, PTE_TOUCHED, __ATOMIC_RELAXED);
}

/* May the page of @pte go into one extent with that of @first, @distance bytes before it? */
static bool continues(pte_t first, pte_t pte, u64 distance)
{
	return (pte & PTE_PRESENT) && !(pte & PTE_COW) &&
	       pte_paddr(pte) == pte_paddr(first) + distance &&
	       (pte & PTE_WRITE) == (first & PTE_WRITE) && page_of_paddr(pte_paddr(pte));
}

/* Small pages: whatever of the same table fits. */
static void share_small(pte_t *entry, vaddr_t va, struct vm_extent *extent)
{
	u32 index = va / PAGE_LEN % ENTRIES;
	pte_t *table = entry - index;
	pte_t first = READ_ONCE(*entry);
	u32 low = index;
	u32 high = index + 1;

	while (low > 0 && continues(first, READ_ONCE(table[low - 1]),
				    -((index - low + 1) * PAGE_LEN)))
		low--;
	while (high < ENTRIES &&
	       continues(first, READ_ONCE(table[high]), (high - index) * PAGE_LEN))
		high++;
	extent->start = va - (index - low) * PAGE_LEN;
	extent->paddr = pte_paddr(first) - (index - low) * PAGE_LEN;
	extent->npages = high - low;
	for (; low < high; low++)
		mark(&table[low]);
}

/* A large page: as much of it as an extent may be long. */
static void share_large(pte_t *entry, vaddr_t va, u32 level, struct vm_extent *extent)
{
	u64 offset = ALIGN_DOWN(va & (level_len(level) - 1), VM_EXTENT_MAX * PAGE_LEN);

	extent->start = ALIGN_DOWN(va, level_len(level)) + offset;
	extent->paddr = pte_paddr(READ_ONCE(*entry)) + offset;
	extent->npages = VM_EXTENT_MAX;
	mark(entry);
}

static int share_locked(struct vm *vm, vaddr_t va, u32 access, struct vm_extent *extent)
{
	const struct vm_range *range = vm_range_find(vm, va);
	u32 level = 0;
	pte_t *entry;
	pte_t pte;

	if (!range || range->node.start > va || range->ops)
		return -EFAULT;
	entry = vm_pt_walk(vm, va, &level);
	pte = READ_ONCE(*entry);
	if (!vm_pte_is_leaf(pte, level) || !vm_pte_allows(pte, access) || (pte & PTE_COW))
		return -EAGAIN;
	extent->write = pte & PTE_WRITE;
	if (level)
		share_large(entry, va, level, extent);
	else
		share_small(entry, va, extent);
	return 0;
}

int vm_share(struct vm *vm, vaddr_t addr, bool write, struct vm_extent *extent)
{
	u32 access = write ? VM_WRITE : VM_READ;
	struct page *page;
	u32 token;
	int err;

	do {
		/* Kept for the moment, so that it is not shared copy-on-write. */
		err = vm_get_page(vm, addr, write, &page);
		if (err)
			return err == -EAGAIN ? -EFAULT : err;
		token = vm_lock_read(&vm->lock);
		err = share_locked(vm, ALIGN_DOWN(addr, PAGE_LEN), access, extent);
		vm_unlock_read(&vm->lock, token);
		vm_put_page(page);
		/* -EAGAIN: taken away meanwhile; the fault will say. */
	} while (err == -EAGAIN);
	return err;
}

static void withdraw_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	pte_t pte = READ_ONCE(*entry);

	if (!(pte & PTE_TOUCHED))
		return;
	vm_gather_touched(ctx, pte, va, level_len(level));
	WRITE_ONCE(*entry, pte & ~PTE_TOUCHED);
}

void vm_gather_withdraw(struct vm_gather *gather, vaddr_t start, vaddr_t end)
{
	vm_pt_for_each(gather->vm, start, end, withdraw_leaf, gather);
}

void vm_withdraw(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct vm_gather gather;

	vm_lock_write(&vm->lock);
	vm_gather_begin(&gather, vm);
	vm_gather_withdraw(&gather, start, end);
	vm_gather_end(&gather);
	vm_unlock_write(&vm->lock);
}
