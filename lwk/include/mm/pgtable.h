/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86-64 four-level page tables, for the kernel's space and for user spaces.
 *
 * A struct pgtable names a root and says where table pages come from; tables
 * are reached through the direct map. Ranges are page-aligned and half-open, and
 * do not cross the hole of non-canonical addresses. Every operation first does
 * what can fail (new tables, splits of large pages: neither changes what is
 * mapped), then changes entries: it succeeds or leaves the mappings alone.
 *
 * Locking: the caller serialises operations whose ranges share a table, that is
 * lie in one 512 GiB region, or any two before pgtable_populate().
 * TLB: nothing here flushes; the caller does after unmap and protect.
 */
#ifndef LWK_MM_PGTABLE_H
#define LWK_MM_PGTABLE_H

#include "lwk/include/mm/direct_map.h"

typedef u64 pte_t;

/** PGT_PADDR_END - no mapping reaches beyond this physical address. */
#define PGT_PADDR_END (1ULL << 52)

/*
 * What a mapping allows. Every mapping is readable. Writable and executable at
 * once is refused with -EINVAL unless for users.
 */
#define PGT_WRITE 0x1
#define PGT_EXEC 0x2
#define PGT_USER 0x4 /* for user mode too */
#define PGT_GLOBAL 0x8 /* the same in every address space */
#define PGT_UNCACHED 0x10 /* device registers */

/* For pgtable_map() only: use 4 KiB pages even where larger ones would fit. */
#define PGT_SMALL_ONLY 0x100

/**
 * pgtable_is_canonical() - is it an address of 48 bits, for which the tables are?
 * @va: any number
 *
 * Context: any.
 * Return: true if so; the processor refuses others.
 */
static inline bool pgtable_is_canonical(vaddr_t va)
{
	return va < 1ULL << 47 || va >= ~0ULL << 47;
}

/**
 * struct pgtable_ops - where table pages come from.
 * @table_alloc: returns the physical address of a zeroed page in the direct
 *	map, or PADDR_NONE
 * @table_free: takes one back
 */
struct pgtable_ops {
	paddr_t (*table_alloc)(void *ctx);
	void (*table_free)(void *ctx, paddr_t table);
};

/**
 * struct pgtable - one address space's tables.
 * @root: physical address of the top table; what goes into CR3
 * @ops: source of table pages
 * @ctx: passed to @ops
 * @huge_pages: may map with 1 GiB pages: the CPU supports them
 */
struct pgtable {
	paddr_t root;
	const struct pgtable_ops *ops;
	void *ctx;
	bool huge_pages;
};

/**
 * struct pgtable_mapping - the one page that maps an address.
 * @va: first address of the page
 * @pa: physical address that @va maps to
 * @len: PAGE_LEN, LARGE_PAGE_LEN or HUGE_PAGE_LEN
 * @prot: PGT_*
 * @accessed: the processor's accessed bit
 * @dirty: the processor's dirty bit
 */
struct pgtable_mapping {
	vaddr_t va;
	paddr_t pa;
	u64 len;
	u32 prot;
	bool accessed;
	bool dirty;
};

/**
 * pgtable_create() - make an empty address space.
 * @pt: @ops, @ctx and @huge_pages are set; @root is the result
 *
 * Context: as @ops demands.
 * Return: 0, or -ENOMEM.
 */
int pgtable_create(struct pgtable *pt) __must_check;

/**
 * pgtable_destroy() - free the tables and the root, not what they map.
 * @pt: tables that no CPU uses
 * @whole: the kernel half's tables too, because no other space shares them
 *
 * Context: as @ops demands.
 */
void pgtable_destroy(struct pgtable *pt, bool whole);

/**
 * pgtable_map() - map physically contiguous memory.
 * @pt: tables
 * @va: first address
 * @pa: physical address for @va
 * @len: bytes, not 0
 * @prot: PGT_*
 *
 * Uses the largest pages that alignment, length and @pt allow.
 *
 * Context: as @ops demands; caller serialises.
 * Return: 0, -EINVAL for a bad range or @prot, -EEXIST if any page of the range
 * is mapped, -ENOMEM.
 */
int pgtable_map(struct pgtable *pt, vaddr_t va, paddr_t pa, u64 len,
		u32 prot) __must_check;

/**
 * pgtable_unmap() - unmap whatever is mapped in a range.
 * @pt: tables
 * @va: first address
 * @len: bytes, not 0
 * @unlinked: if not NULL, tables that became empty are taken out of @pt and
 *	put on this chain, PADDR_NONE at first; pass it to
 *	pgtable_free_unlinked() after the TLB flush
 *
 * Large pages at the edges are split.
 *
 * Context: as @ops demands; caller serialises.
 * Return: 0, -EINVAL for a bad range, -ENOMEM if a split needs a table.
 */
int pgtable_unmap(struct pgtable *pt, vaddr_t va, u64 len,
		  paddr_t *unlinked) __must_check;

/**
 * pgtable_free_unlinked() - free the tables that pgtable_unmap() took out.
 * @pt: the same tables
 * @unlinked: the chain, PADDR_NONE afterwards
 *
 * Context: as @ops demands; no CPU has translations of the range any more.
 */
void pgtable_free_unlinked(struct pgtable *pt, paddr_t *unlinked);

/**
 * pgtable_protect() - change what the mappings in a range allow.
 * @pt: tables
 * @va: first address
 * @len: bytes, not 0
 * @prot: PGT_*
 *
 * Pages that are not mapped stay so. Large pages at the edges are split.
 *
 * Context: as @ops demands; caller serialises.
 * Return: 0, -EINVAL for a bad range or @prot, -ENOMEM if a split needs a table.
 */
int pgtable_protect(struct pgtable *pt, vaddr_t va, u64 len,
		    u32 prot) __must_check;

/**
 * pgtable_query() - find the page that maps an address.
 * @pt: tables
 * @va: any address
 * @out: result, if mapped
 *
 * Context: any; the tables of @va's region must not be freed meanwhile.
 * Return: true if mapped.
 */
bool pgtable_query(const struct pgtable *pt, vaddr_t va,
		   struct pgtable_mapping *out);

/**
 * pgtable_populate() - make the top-level entries of a range exist.
 * @pt: tables
 * @va: first address
 * @len: bytes, not 0
 *
 * An address space that copies the kernel half's top-level entries afterwards
 * sees every later change in the range. The tables stay until destroyed:
 * pgtable_unmap() never unlinks what a top-level entry points to.
 *
 * Context: as @ops demands; caller serialises.
 * Return: 0, -EINVAL for a bad range, -ENOMEM.
 */
int pgtable_populate(struct pgtable *pt, vaddr_t va, u64 len) __must_check;

/**
 * pgtable_share_kernel() - copy the kernel half's top-level entries.
 * @pt: a user space's tables, its kernel half empty
 * @kernel: the kernel's tables, populated
 *
 * Context: any; caller serialises against pgtable_populate() of @kernel.
 */
void pgtable_share_kernel(struct pgtable *pt, const struct pgtable *kernel);

/**
 * pgtable_tables_needed() - how many tables mapping a range can take at most.
 * @len: bytes, of a range in one 512 GiB region that is populated
 *
 * For callers that collect the tables before they take a lock.
 *
 * Context: any.
 * Return: the count.
 */
u64 pgtable_tables_needed(u64 len);

#endif
