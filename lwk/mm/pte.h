/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of x86-64 four-level page tables: Intel SDM, volume 3, section 4.5.
 *
 * Levels count from the leaves: an entry of level 0 maps 4 KiB, of level 1 2 MiB
 * or a table, of level 2 1 GiB or a table, of level 3 a table. Entries are
 * written in one store each, because the processor may read them at any time.
 */
#ifndef LWK_MM_PTE_H
#define LWK_MM_PTE_H

#include "lwk/include/mm/pgtable.h"

#define ENTRIES 512
#define TOP_LEVEL 3
#define USER_ENTRIES 256 /* of the top table */

#define PTE_PRESENT (1ULL << 0)
#define PTE_WRITE (1ULL << 1)
#define PTE_USER (1ULL << 2)
#define PTE_WRITE_THROUGH (1ULL << 3)
#define PTE_UNCACHED (1ULL << 4)
#define PTE_ACCESSED (1ULL << 5)
#define PTE_DIRTY (1ULL << 6)
#define PTE_LARGE (1ULL << 7) /* levels 1 and 2 */
#define PTE_PAT (1ULL << 7) /* level 0 */
#define PTE_GLOBAL (1ULL << 8)
#define PTE_PKEY_SHIFT 59 /* leaves of programs */
#define PTE_PKEY_MASK (0xfULL << PTE_PKEY_SHIFT)
#define PTE_NO_EXEC (1ULL << 63)

#define PTE_PADDR_MASK (PGT_PADDR_END - PAGE_LEN)

/* Bytes that one entry of a level covers. */
static inline u64 level_len(u32 level)
{
	return PAGE_LEN << (9 * level);
}

static inline pte_t *table_entry(paddr_t table, vaddr_t va, u32 level)
{
	pte_t *entries = phys_to_virt(table);

	return &entries[(va >> (PAGE_SHIFT + 9 * level)) % ENTRIES];
}

static inline paddr_t pte_paddr(pte_t pte)
{
	return pte & PTE_PADDR_MASK;
}

static inline bool pte_is_leaf(pte_t pte, u32 level)
{
	return (pte & PTE_PRESENT) && (level == 0 || (pte & PTE_LARGE));
}

static inline bool pte_is_table(pte_t pte, u32 level)
{
	return (pte & PTE_PRESENT) && level > 0 && !(pte & PTE_LARGE);
}

/* Of a page of level 0. */
#define PTE_TYPE_MASK (PTE_WRITE_THROUGH | PTE_UNCACHED | PTE_PAT)

/* What makes a page of level 0 have the memory type of an entry of the PAT: SDM 3, 12.12.3. */
static inline pte_t pte_type_bits(u32 type)
{
	return (type & 1 ? PTE_WRITE_THROUGH : 0) | (type & 2 ? PTE_UNCACHED : 0) |
	       (type & 4 ? PTE_PAT : 0);
}

/* An entry that points to a table: the leaves decide what is allowed. */
static inline pte_t table_pte(paddr_t table, vaddr_t va)
{
	pte_t pte = table | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED;

	return va >> 63 ? pte : pte | PTE_USER;
}

/* Where the entry of @level that covers @va ends; 0 at the top of the space. */
static inline vaddr_t entry_end(vaddr_t va, u32 level)
{
	return ALIGN_DOWN(va, level_len(level)) + level_len(level);
}

/*
 * The first address from @va on that a table has an entry for; @stop or beyond if none before. Most
 * entries of a program's tables are empty, so four are tested at a time.
 */
static inline vaddr_t skip_empty(paddr_t table, vaddr_t va, vaddr_t stop, u32 level)
{
	const pte_t *first, *entry, *end;

	if (va >= stop)
		return va;
	first = entry = table_entry(table, va, level);
	/* Mostly the neighbour of one that is in use. */
	if (READ_ONCE(*first))
		return va;
	end = first + (entry_end(stop - 1, level) - ALIGN_DOWN(va, level_len(level))) /
		      level_len(level);
	while (end - entry >= 4 && !(READ_ONCE(entry[0]) | READ_ONCE(entry[1]) |
				     READ_ONCE(entry[2]) | READ_ONCE(entry[3])))
		entry += 4;
	while (entry < end && !READ_ONCE(*entry))
		entry++;
	if (entry == first)
		return va;
	return ALIGN_DOWN(va, level_len(level)) + (u64)(entry - first) * level_len(level);
}

static inline bool table_is_empty(paddr_t table)
{
	const pte_t *entries = phys_to_virt(table);
	u32 i;

	/* Few tests for many entries: the whole of an empty table has to be read. */
	for (i = 0; i < ENTRIES; i += 4) {
		if (READ_ONCE(entries[i]) | READ_ONCE(entries[i + 1]) |
		    READ_ONCE(entries[i + 2]) | READ_ONCE(entries[i + 3]))
			return false;
	}
	return true;
}

#endif
