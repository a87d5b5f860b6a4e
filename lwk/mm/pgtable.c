// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86-64 four-level page tables; see pgtable.h, and pte.h for the entries.
 */
#include "lwk/include/mm/pgtable.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/lib/string.h"
#include "lwk/mm/pte.h"

#define PROT_KNOWN \
	(PGT_WRITE | PGT_EXEC | PGT_USER | PGT_GLOBAL | PGT_UNCACHED)

static bool range_valid(vaddr_t va, u64 len)
{
	vaddr_t last = va + len - 1;

	return len && IS_ALIGNED(va | len, PAGE_LEN) && last >= va &&
	       pgtable_is_canonical(va) && pgtable_is_canonical(last) &&
	       va >> 63 == last >> 63;
}

static bool prot_valid(u32 prot)
{
	if (prot & ~(u32)PROT_KNOWN)
		return false;
	return (prot & PGT_USER) || !(prot & PGT_WRITE) || !(prot & PGT_EXEC);
}

static pte_t prot_to_pte(u32 prot)
{
	pte_t pte = PTE_PRESENT;

	if (prot & PGT_WRITE)
		pte |= PTE_WRITE;
	if (!(prot & PGT_EXEC))
		pte |= PTE_NO_EXEC;
	if (prot & PGT_GLOBAL)
		pte |= PTE_GLOBAL;
	if (prot & PGT_UNCACHED)
		pte |= PTE_UNCACHED | PTE_WRITE_THROUGH;
	if (prot & PGT_USER)
		pte |= PTE_USER;
	else
		/* Nobody asks: spares the processor setting them. */
		pte |= PTE_ACCESSED | PTE_DIRTY;
	return pte;
}

static u32 pte_to_prot(pte_t pte)
{
	u32 prot = 0;

	if (pte & PTE_WRITE)
		prot |= PGT_WRITE;
	if (!(pte & PTE_NO_EXEC))
		prot |= PGT_EXEC;
	if (pte & PTE_USER)
		prot |= PGT_USER;
	if (pte & PTE_GLOBAL)
		prot |= PGT_GLOBAL;
	if (pte & PTE_UNCACHED)
		prot |= PGT_UNCACHED;
	return prot;
}

static paddr_t alloc_table(struct pgtable *pt)
{
	return pt->ops->table_alloc(pt->ctx);
}

static void free_table(struct pgtable *pt, paddr_t table)
{
	pt->ops->table_free(pt->ctx, table);
}

/*
 * The entry for @va at *@level, or the leaf or empty entry above it that ends
 * the walk; *@level becomes the entry's.
 */
static pte_t *walk(const struct pgtable *pt, vaddr_t va, u32 *level)
{
	paddr_t table = pt->root;
	u32 at = TOP_LEVEL;
	pte_t *entry;

	for (;; at--) {
		entry = table_entry(table, va, at);
		if (at == *level || !pte_is_table(READ_ONCE(*entry), at))
			break;
		table = pte_paddr(READ_ONCE(*entry));
	}
	*level = at;
	return entry;
}

/* As walk(), but makes the tables that are missing; NULL without memory. */
static pte_t *walk_create(struct pgtable *pt, vaddr_t va, u32 level)
{
	u32 at = level;
	pte_t *entry = walk(pt, va, &at);
	paddr_t table;

	while (at > level) {
		ASSERT(!READ_ONCE(*entry));
		table = alloc_table(pt);
		if (table == PADDR_NONE)
			return NULL;
		/* Release: the table is zeroed before anyone walks into it. */
		__atomic_store_n(entry, table_pte(table, va), __ATOMIC_RELEASE);
		at--;
		entry = table_entry(table, va, at);
	}
	return entry;
}

int pgtable_create(struct pgtable *pt)
{
	pt->root = alloc_table(pt);
	return pt->root == PADDR_NONE ? -ENOMEM : 0;
}

/* Free the tables below entries [first, end) of a table. */
static void free_below(struct pgtable *pt, paddr_t table, u32 level, u32 first,
		       u32 end)
{
	const pte_t *entries = phys_to_virt(table);
	u32 i;

	for (i = first; i < end; i++) {
		if (!pte_is_table(entries[i], level))
			continue;
		free_below(pt, pte_paddr(entries[i]), level - 1, 0, ENTRIES);
		free_table(pt, pte_paddr(entries[i]));
	}
}

void pgtable_destroy(struct pgtable *pt, bool whole)
{
	free_below(pt, pt->root, TOP_LEVEL, 0, whole ? ENTRIES : USER_ENTRIES);
	free_table(pt, pt->root);
	pt->root = PADDR_NONE;
}

/* The level of the page to map next. */
static u32 map_level(const struct pgtable *pt, vaddr_t va, paddr_t pa, u64 len,
		     u32 prot)
{
	u32 level = pt->huge_pages ? 2 : 1;

	if (prot & PGT_SMALL_ONLY)
		return 0;
	while (level > 0 &&
	       (!IS_ALIGNED(va | pa, level_len(level)) ||
		len < level_len(level)))
		level--;
	return level;
}

static bool any_mapped(const struct pgtable *pt, vaddr_t va, u64 len)
{
	vaddr_t last = va + len - 1;
	const pte_t *entry;
	u32 level;

	for (;;) {
		level = 0;
		entry = walk(pt, va, &level);
		if (pte_is_leaf(READ_ONCE(*entry), level))
			return true;
		va = entry_end(va, level);
		if (!va || va > last)
			return false;
	}
}

/*
 * The entry to map [va, va + len) from, as large as possible; where a table of
 * smaller pages is already there, it is used.
 */
static pte_t *map_entry(struct pgtable *pt, vaddr_t va, u32 *level)
{
	pte_t *entry;

	for (;; (*level)--) {
		entry = walk_create(pt, va, *level);
		if (!entry || !pte_is_table(READ_ONCE(*entry), *level))
			return entry;
	}
}

static int create_tables(struct pgtable *pt, vaddr_t va, paddr_t pa, u64 len,
			 u32 prot)
{
	u32 level;

	while (len) {
		level = map_level(pt, va, pa, len, prot);
		if (!map_entry(pt, va, &level))
			return -ENOMEM;
		va += level_len(level);
		pa += level_len(level);
		len -= level_len(level);
	}
	return 0;
}

int pgtable_map(struct pgtable *pt, vaddr_t va, paddr_t pa, u64 len, u32 prot)
{
	pte_t flags = prot_to_pte(prot);
	pte_t *entry;
	u32 level;
	int err;

	if (!range_valid(va, len) || !prot_valid(prot & ~(u32)PGT_SMALL_ONLY) ||
	    !IS_ALIGNED(pa, PAGE_LEN) || pa >= PGT_PADDR_END ||
	    len > PGT_PADDR_END - pa)
		return -EINVAL;
	if (any_mapped(pt, va, len))
		return -EEXIST;
	err = create_tables(pt, va, pa, len, prot);
	if (err)
		return err;

	while (len) {
		level = map_level(pt, va, pa, len, prot);
		entry = map_entry(pt, va, &level);
		WRITE_ONCE(*entry, pa | flags | (level ? PTE_LARGE : 0));
		va += level_len(level);
		pa += level_len(level);
		len -= level_len(level);
	}
	return 0;
}

/* Replace a large leaf by a table that maps the same. */
static int split_leaf(struct pgtable *pt, pte_t *entry, vaddr_t va, u32 level)
{
	paddr_t table = alloc_table(pt);
	pte_t pte = READ_ONCE(*entry);
	pte_t *entries;
	u32 i;

	if (table == PADDR_NONE)
		return -ENOMEM;
	entries = phys_to_virt(table);
	if (level == 1)
		pte &= ~PTE_LARGE;
	for (i = 0; i < ENTRIES; i++)
		entries[i] = pte + i * level_len(level - 1);
	/* Release: the table is complete before anyone walks into it. */
	__atomic_store_n(entry, table_pte(table, va), __ATOMIC_RELEASE);
	return 0;
}

/* Make sure that no page reaches across @va. */
static int split_at(struct pgtable *pt, vaddr_t va)
{
	pte_t *entry;
	u32 level;
	int err;

	for (;;) {
		level = 0;
		entry = walk(pt, va, &level);
		if (!pte_is_leaf(READ_ONCE(*entry), level) ||
		    IS_ALIGNED(va, level_len(level)))
			return 0;
		err = split_leaf(pt, entry, va, level);
		if (err)
			return err;
	}
}

static int split_edges(struct pgtable *pt, vaddr_t va, u64 len)
{
	vaddr_t end = va + len;
	int err;

	err = split_at(pt, va);
	if (err)
		return err;
	return end && pgtable_is_canonical(end) ? split_at(pt, end) : 0;
}

/*
 * One operation on all leaves of [va, last]. @unlinked is as for
 * pgtable_unmap().
 */
struct leaf_op {
	vaddr_t va;
	vaddr_t last;
	bool clear;
	pte_t flags;
	paddr_t *unlinked;
};

/*
 * Chain a table that was taken out. The link is page-aligned, so a processor
 * that still walks this table sees an entry that is not present.
 */
static void chain_table(paddr_t table, paddr_t *unlinked)
{
	pte_t *entries = phys_to_virt(table);

	WRITE_ONCE(entries[0], *unlinked == PADDR_NONE ? 0 : *unlinked);
	*unlinked = table;
}

static void change_leaf(pte_t *entry, u32 level, const struct leaf_op *op)
{
	const pte_t keep = PTE_PADDR_MASK | PTE_ACCESSED | PTE_DIRTY;
	pte_t pte = READ_ONCE(*entry);

	/* In a large leaf bit 12 would be PAT; no mapping here sets it. */
	if (op->clear)
		WRITE_ONCE(*entry, 0);
	else
		WRITE_ONCE(*entry, (pte & keep) | op->flags |
					   (level ? PTE_LARGE : 0));
}

static void change_leaves(paddr_t table, u32 level, const struct leaf_op *op)
{
	vaddr_t va = op->va;
	struct leaf_op sub = *op;
	pte_t *entry;
	pte_t pte;

	do {
		entry = table_entry(table, va, level);
		pte = READ_ONCE(*entry);
		sub.va = va;
		sub.last = MIN(op->last, entry_end(va, level) - 1);
		if (pte_is_leaf(pte, level)) {
			change_leaf(entry, level, op);
		} else if (pte_is_table(pte, level)) {
			change_leaves(pte_paddr(pte), level - 1, &sub);
			if (op->unlinked && level < TOP_LEVEL &&
			    table_is_empty(pte_paddr(pte))) {
				WRITE_ONCE(*entry, 0);
				chain_table(pte_paddr(pte), op->unlinked);
			}
		}
		va = entry_end(va, level);
	} while (va && va <= op->last);
}

int pgtable_unmap(struct pgtable *pt, vaddr_t va, u64 len, paddr_t *unlinked)
{
	struct leaf_op op = {
		.va = va,
		.last = va + len - 1,
		.clear = true,
		.unlinked = unlinked,
	};
	int err;

	if (!range_valid(va, len))
		return -EINVAL;
	err = split_edges(pt, va, len);
	if (err)
		return err;
	change_leaves(pt->root, TOP_LEVEL, &op);
	return 0;
}

void pgtable_free_unlinked(struct pgtable *pt, paddr_t *unlinked)
{
	const pte_t *entries;
	paddr_t table;

	while (*unlinked != PADDR_NONE) {
		table = *unlinked;
		entries = phys_to_virt(table);
		*unlinked = entries[0] ? entries[0] : PADDR_NONE;
		free_table(pt, table);
	}
}

int pgtable_protect(struct pgtable *pt, vaddr_t va, u64 len, u32 prot)
{
	struct leaf_op op = {
		.va = va,
		.last = va + len - 1,
		.flags = prot_to_pte(prot),
	};
	int err;

	if (!range_valid(va, len) || !prot_valid(prot))
		return -EINVAL;
	err = split_edges(pt, va, len);
	if (err)
		return err;
	change_leaves(pt->root, TOP_LEVEL, &op);
	return 0;
}

bool pgtable_query(const struct pgtable *pt, vaddr_t va,
		   struct pgtable_mapping *out)
{
	u32 level = 0;
	pte_t pte;

	if (!pgtable_is_canonical(va))
		return false;
	pte = READ_ONCE(*walk(pt, va, &level));
	if (!pte_is_leaf(pte, level))
		return false;
	*out = (struct pgtable_mapping){
		.va = ALIGN_DOWN(va, level_len(level)),
		.pa = pte_paddr(pte),
		.len = level_len(level),
		.prot = pte_to_prot(pte),
		.accessed = pte & PTE_ACCESSED,
		.dirty = pte & PTE_DIRTY,
	};
	return true;
}

int pgtable_populate(struct pgtable *pt, vaddr_t va, u64 len)
{
	vaddr_t last = va + len - 1;

	if (!range_valid(va, len))
		return -EINVAL;
	do {
		if (!walk_create(pt, va, TOP_LEVEL - 1))
			return -ENOMEM;
		va = entry_end(va, TOP_LEVEL);
	} while (va && va <= last);
	return 0;
}

void pgtable_share_kernel(struct pgtable *pt, const struct pgtable *kernel)
{
	pte_t *to = phys_to_virt(pt->root);
	const pte_t *from = phys_to_virt(kernel->root);

	memcpy(to + USER_ENTRIES, from + USER_ENTRIES,
	       (ENTRIES - USER_ENTRIES) * sizeof(*to));
}

u64 pgtable_tables_needed(u64 len)
{
	/* Each kind of table may be cut at both ends of the range. */
	return len / level_len(1) + 2 + len / level_len(2) + 2;
}
