// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of user address spaces: what readers of the vm's lock do, and
 * walking. See vm_pt.h; vm_pt_change.c and vm_pt_move.c are the writer's part.
 */
#include "lwk/mm/vm_pt.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/monitor.h"

static paddr_t table_alloc(void *ctx)
{
	struct page *page = page_alloc(PAGE_THIS_NODE, PAGE_ORDER_4K, PAGE_ALLOC_ZERO);

	(void)ctx;
	return page ? page_paddr(page) : PADDR_NONE;
}

static void table_free(void *ctx, paddr_t table)
{
	(void)ctx;
	page_free(page_of_paddr(table), PAGE_ORDER_4K);
}

int vm_pt_init(struct vm *vm, const struct pgtable *kernel)
{
	static const struct pgtable_ops ops = { table_alloc, table_free };
	int err;

	vm->pt.ops = &ops;
	vm->pt.ctx = NULL;
	err = pgtable_create(&vm->pt);
	if (err)
		return err;
	pgtable_share_kernel(&vm->pt, kernel);
	return 0;
}

struct page *vm_page_block_find(paddr_t pa)
{
	static const u32 orders[] = { PAGE_ORDER_2M, PAGE_ORDER_1G };
	struct page *page = page_of_paddr(pa);
	u32 i;

	if (!page || READ_ONCE(page->state) == PAGE_USED)
		return page;
	if (READ_ONCE(page->state) != PAGE_TAIL)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		page = page_of_paddr(ALIGN_DOWN(pa, PAGE_LEN << orders[i]));
		if (page && READ_ONCE(page->state) == PAGE_USED && page->order >= orders[i])
			return page;
	}
	return NULL;
}

struct page *vm_page_block_around(paddr_t pa)
{
	struct page *block = vm_page_block_find(pa);

	if (!block)
		panic("vm: page %#llx is mapped but in no block", pa);
	return block;
}

pte_t vm_pte_make(paddr_t pa, u32 level, u32 flags)
{
	/* Nobody asks for accessed and dirty: spares the processor setting them. */
	pte_t pte = pa | PTE_USER | PTE_ACCESSED | PTE_DIRTY;

	pte |= flags & VM_ACCESS ? PTE_PRESENT : PTE_NO_ACCESS;
	if (flags & VM_WRITE)
		pte |= PTE_WRITE;
	if (!(flags & VM_EXEC))
		pte |= PTE_NO_EXEC;
	pte |= (u64)(flags >> VM_PKEY_SHIFT) << PTE_PKEY_SHIFT;
	return level ? pte | PTE_LARGE : pte;
}

pte_t *vm_pt_walk(const struct vm *vm, vaddr_t va, u32 *level)
{
	paddr_t table = vm->pt.root;
	u32 at = TOP_LEVEL;
	pte_t *entry;
	pte_t pte;

	for (;; at--) {
		entry = table_entry(table, va, at);
		/* Acquire: a table was complete when it was installed. */
		pte = __atomic_load_n(entry, __ATOMIC_ACQUIRE);
		if (at == *level || !pte_is_table(pte, at))
			break;
		table = pte_paddr(pte);
	}
	*level = at;
	return entry;
}

pte_t vm_pt_lookup(const struct vm *vm, vaddr_t va, u32 *level)
{
	*level = 0;
	return READ_ONCE(*vm_pt_walk(vm, va, level));
}

/* Put a new table into an empty entry, unless another CPU is quicker. */
static int add_table(struct vm *vm, pte_t *entry, vaddr_t va)
{
	paddr_t table = table_alloc(vm->pt.ctx);
	pte_t expected = 0;

	if (table == PADDR_NONE)
		return -ENOMEM;
	/* Release: zeroed before anyone walks into it; partner vm_pt_walk(). */
	if (!__atomic_compare_exchange_n(entry, &expected, table_pte(table, va), false,
					 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		table_free(vm->pt.ctx, table);
	return 0;
}

int vm_pt_reach(struct vm *vm, vaddr_t va, u32 level, pte_t **entry)
{
	u32 at;
	pte_t pte;
	int err;

	for (;;) {
		at = level;
		*entry = vm_pt_walk(vm, va, &at);
		pte = READ_ONCE(**entry);
		if (vm_pte_is_leaf(pte, at))
			return -EEXIST;
		if (pte & PTE_PRESENT) {
			if (at == level)
				return 0;
		} else if (pte & PTE_BUSY) {
			arch_cpu_relax();
		} else if (at == level) {
			return 0;
		} else {
			err = add_table(vm, *entry, va);
			if (err)
				return err;
		}
	}
}

int vm_pt_install(struct vm *vm, vaddr_t va, pte_t pte)
{
	pte_t expected = 0;
	pte_t *entry;
	int err;

	err = vm_pt_reach(vm, va, 0, &entry);
	if (err)
		return err;
	/* Release: the page is cleared before anyone can see it. */
	if (!__atomic_compare_exchange_n(entry, &expected, pte, false, __ATOMIC_RELEASE,
					 __ATOMIC_RELAXED))
		return -EEXIST;
	vm_pt_count(vm, 0, 1);
	return 0;
}

void vm_pt_count(struct vm *vm, u32 level, s64 n)
{
	struct vm_counters *counters = &vm->counters[arch_cpu_id() % VM_LOCK_SLOTS];

	/* Relaxed: a number, which orders nothing. */
	__atomic_fetch_add(&counters->resident[level], n, __ATOMIC_RELAXED);
}

/* A walk over the leaves of [va, end). */
struct visit {
	vaddr_t end;
	vm_leaf_fn fn;
	void *ctx;
};

static void visit_table(paddr_t table, u32 level, vaddr_t va, const struct visit *visit)
{
	vaddr_t stop = MIN(visit->end, entry_end(va, level + 1));
	pte_t *entry;
	pte_t pte;

	monitor_touch();
	for (;; va = entry_end(va, level)) {
		va = skip_empty(table, va, stop, level);
		if (va >= stop)
			break;
		entry = table_entry(table, va, level);
		/* Acquire: as in vm_pt_walk(). */
		pte = __atomic_load_n(entry, __ATOMIC_ACQUIRE);
		if (vm_pte_is_leaf(pte, level))
			visit->fn(entry, ALIGN_DOWN(va, level_len(level)), level, visit->ctx);
		else if (pte_is_table(pte, level))
			visit_table(pte_paddr(pte), level - 1, va, visit);
	}
}

void vm_pt_for_each(const struct vm *vm, vaddr_t start, vaddr_t end, vm_leaf_fn fn, void *ctx)
{
	/* The rest of the top table is the kernel's, in every space. */
	const struct visit visit = { MIN(end, VM_TASK_END), fn, ctx };

	if (start < visit.end)
		visit_table(vm->pt.root, TOP_LEVEL, start, &visit);
}

struct resident {
	vaddr_t start;
	vaddr_t end;
	u64 npages;
};

static void count_leaf(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	struct resident *resident = ctx;
	vaddr_t first = MAX(va, resident->start);
	vaddr_t end = MIN(va + level_len(level), resident->end);

	if (page_of_paddr(pte_paddr(READ_ONCE(*entry))))
		resident->npages += (end - first) >> PAGE_SHIFT;
}

u64 vm_pt_resident(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct resident resident = { start, end, 0 };

	vm_pt_for_each(vm, start, end, count_leaf, &resident);
	return resident.npages;
}
