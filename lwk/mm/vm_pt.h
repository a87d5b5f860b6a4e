/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of user address spaces, and the pages that go out of them.
 *
 * One leaf entry holds one reference on the block that it maps, which is at least
 * as large as the leaf: larger if the entry was split while somebody else kept
 * the block. Beyond the hardware's kinds of entry there are two that the
 * processor takes for absent: a leaf that allows no access keeps its page, and a
 * busy entry belongs to a CPU that is preparing a page for it.
 *
 * Readers of the vm's lock add entries, by compare-and-exchange, and replace those of pages
 * shared copy-on-write (vm_cow.h); a writer, alone, changes and removes them.
 */
#ifndef LWK_MM_VM_PT_H
#define LWK_MM_VM_PT_H

#include "lwk/include/mm/vm.h"
#include "lwk/mm/pte.h"

/* Bits of entries without PTE_PRESENT. */
#define PTE_NO_ACCESS (1ULL << 9) /* leaf of a range without access */
#define PTE_BUSY (1ULL << 10)

/* A leaf that Linux maps, too: it must let go before the page is anybody else's. */
#define PTE_TOUCHED (1ULL << 11)

/* Pages that a gather frees at once, after one flush: a page of pointers. */
#define VM_GATHER_MAX 512
/* As many without memory for that page. */
#define VM_GATHER_FEW 8

/**
 * struct vm_gather - what is to be flushed and freed.
 * @vm: address space
 * @start: first address to flush; above @end if none
 * @end: end of what is to flush
 * @touched_start: first address that Linux has to let go; above @touched_end if none
 * @touched_end: end of that
 * @count: blocks in @blocks
 * @max: room in @blocks
 * @blocks: references to be dropped
 * @few: where @blocks point to without memory
 * @page: where they point to otherwise
 * @tables: tables taken out, linked by their descriptors
 */
struct vm_gather {
	struct vm *vm;
	vaddr_t start;
	vaddr_t end;
	vaddr_t touched_start;
	vaddr_t touched_end;
	u32 count;
	u32 max;
	struct page **blocks;
	struct page *few[VM_GATHER_FEW];
	struct page *page;
	struct list_node tables;
};

/**
 * vm_gather_begin() - start with nothing.
 * @gather: its memory
 * @vm: address space
 *
 * Context: writer of the vm's lock, at least up to vm_gather_end().
 */
void vm_gather_begin(struct vm_gather *gather, struct vm *vm);

/**
 * vm_gather_range() - have addresses flushed.
 * @gather: begun
 * @va: first address
 * @len: bytes
 *
 * Context: writer of the vm's lock.
 */
static inline void vm_gather_range(struct vm_gather *gather, vaddr_t va, u64 len)
{
	gather->start = MIN(gather->start, va);
	gather->end = MAX(gather->end, va + len);
}

/**
 * vm_gather_touched() - have Linux let go of what a leaf mapped, if it maps it.
 * @gather: begun
 * @pte: the leaf, as it was
 * @va: its address
 * @len: bytes that it mapped
 *
 * Context: writer of the vm's lock.
 */
static inline void vm_gather_touched(struct vm_gather *gather, pte_t pte, vaddr_t va, u64 len)
{
	if (!(pte & PTE_TOUCHED))
		return;
	gather->touched_start = MIN(gather->touched_start, va);
	gather->touched_end = MAX(gather->touched_end, va + len);
}

/**
 * vm_gather_withdraw() - have Linux let go of all that it maps of a range.
 * @gather: being filled
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Context: writer of the vm's lock.
 */
void vm_gather_withdraw(struct vm_gather *gather, vaddr_t start, vaddr_t end);

/**
 * vm_gather_room() - have room for one more block; may flush and free.
 * @gather: begun
 *
 * Context: writer of the vm's lock.
 */
void vm_gather_room(struct vm_gather *gather);

/**
 * vm_gather_block() - drop a reference after the flush.
 * @gather: begun
 * @block: head of the block; its former address was given to vm_gather_range()
 *
 * Context: writer of the vm's lock.
 */
static inline void vm_gather_block(struct vm_gather *gather, struct page *block)
{
	if (unlikely(gather->count == gather->max))
		vm_gather_room(gather);
	gather->blocks[gather->count++] = block;
}

/**
 * vm_gather_table() - free a table after the flush.
 * @gather: begun
 * @table: taken out; an address that it served was given to vm_gather_range()
 *
 * Context: writer of the vm's lock.
 */
void vm_gather_table(struct vm_gather *gather, paddr_t table);

/**
 * vm_gather_end() - flush and free what is left.
 * @gather: begun
 *
 * Context: writer of the vm's lock, or reader since (vm_lock_downgrade()): then others may have
 *	touched the addresses again, as long as their ranges are there.
 */
void vm_gather_end(struct vm_gather *gather);

/**
 * vm_page_block_find() - the block that a page may belong to.
 * @pa: any address
 *
 * Context: any; for what nobody has a reference to, the answer may be outdated at once.
 * Return: the head of an allocated block of a size that page tables have, or NULL.
 */
struct page *vm_page_block_find(paddr_t pa);

/**
 * vm_page_block_around() - the block that a page inside a large one belongs to.
 * @pa: any physical address in it
 *
 * Context: any; somebody holds a reference on the block.
 * Return: its head.
 */
struct page *vm_page_block_around(paddr_t pa);

/**
 * vm_page_block() - the block that a page belongs to.
 * @pa: any physical address
 *
 * Context: any; somebody holds a reference on the block.
 * Return: its head, or NULL if @pa is not memory of the LWK.
 */
static inline struct page *vm_page_block(paddr_t pa)
{
	struct page *page = page_of_paddr(pa);

	/* Mostly it is a small page, or the first of a large one, or Linux's. */
	if (likely(!page || READ_ONCE(page->state) == PAGE_USED))
		return page;
	return vm_page_block_around(pa);
}

/**
 * vm_pt_init() - make tables with the kernel's half.
 * @vm: address space
 * @kernel: the kernel's tables
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int vm_pt_init(struct vm *vm, const struct pgtable *kernel) __must_check;

/**
 * vm_pte_is_leaf() - does an entry hold a page, accessible or not?
 * @pte: entry
 * @level: its level
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool vm_pte_is_leaf(pte_t pte, u32 level)
{
	return (pte & (PTE_PRESENT | PTE_NO_ACCESS)) && (level == 0 || (pte & PTE_LARGE));
}

/**
 * vm_pte_allows() - does an entry allow an access?
 * @pte: a leaf
 * @access: VM_READ, VM_WRITE or VM_EXEC
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool vm_pte_allows(pte_t pte, u32 access)
{
	if (!(pte & PTE_PRESENT) || ((access & VM_WRITE) && !(pte & PTE_WRITE)))
		return false;
	return !(access & VM_EXEC) || !(pte & PTE_NO_EXEC);
}

/**
 * vm_pte_make() - the leaf entry of a page.
 * @pa: physical address, aligned for @level
 * @level: 0 .. 2
 * @flags: of the range
 *
 * Context: any.
 * Return: the entry.
 */
pte_t vm_pte_make(paddr_t pa, u32 level, u32 flags);

/**
 * vm_pt_lookup() - the entry that decides about an address.
 * @vm: address space
 * @va: user address
 * @level: result: the entry's level
 *
 * Context: reader or writer of the vm's lock.
 * Return: the entry: a leaf, 0, or busy.
 */
pte_t vm_pt_lookup(const struct vm *vm, vaddr_t va, u32 *level);

/**
 * vm_pt_reach() - the entry to install a page in.
 * @vm: address space
 * @va: user address
 * @level: of the page
 * @entry: result
 *
 * Makes the tables that are missing and waits for busy entries on the way.
 *
 * Context: reader of the vm's lock.
 * Return: 0; -EEXIST if a leaf covers @va already; -ENOMEM.
 */
int vm_pt_reach(struct vm *vm, vaddr_t va, u32 level, pte_t **entry) __must_check;

/**
 * vm_pt_install() - map a small page where nothing is mapped.
 * @vm: address space
 * @va: user address, page-aligned
 * @pte: the leaf
 *
 * Context: reader of the vm's lock.
 * Return: 0; -EEXIST if a leaf covers @va already; -ENOMEM.
 */
int vm_pt_install(struct vm *vm, vaddr_t va, pte_t pte) __must_check;

/**
 * vm_pt_count() - count the blocks that an entry adds to, or takes from, the vm.
 * @vm: address space
 * @level: page size
 * @n: entries, may be negative
 *
 * Context: any.
 */
void vm_pt_count(struct vm *vm, u32 level, s64 n);

/**
 * vm_note_peak() - before pages are taken away: keep how many there are, if that is the most.
 * @vm: address space, locked for writing
 * @npages: at most so many go
 */
void vm_note_peak(struct vm *vm, u64 npages);

/**
 * vm_pt_resident() - count the LWK's pages in a range.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Context: reader or writer of the vm's lock.
 * Return: 4 KiB pages, mapped with or without access.
 */
u64 vm_pt_resident(const struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_pt_split_edges() - make sure that no leaf reaches across either end.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Context: writer of the vm's lock.
 * Return: 0, or -ENOMEM with nothing changed that a program could see.
 */
int vm_pt_split_edges(struct vm *vm, vaddr_t start, vaddr_t end) __must_check;

/**
 * vm_pt_clear() - take all pages of a range out.
 * @gather: begun; gets pages and tables
 * @start: first address
 * @end: end; both split
 *
 * Context: writer of the vm's lock.
 */
void vm_pt_clear(struct vm_gather *gather, vaddr_t start, vaddr_t end);

/**
 * vm_pt_clear_range() - take all pages of a range out that is about to go.
 * @gather: begun; gets pages and tables
 * @range: in the tree, as are those above it; edges split
 * @floor: nothing is mapped between here and its start
 *
 * As vm_pt_clear(), but mostly knows which tables are empty without looking.
 *
 * Context: writer of the vm's lock.
 */
void vm_pt_clear_range(struct vm_gather *gather, const struct vm_range *range, vaddr_t floor);

/**
 * vm_pt_protect() - make the entries of a range allow what its flags say.
 * @gather: begun; gets the addresses to flush
 * @start: first address
 * @end: end; both split
 * @flags: of the range
 *
 * Context: writer of the vm's lock.
 */
void vm_pt_protect(struct vm_gather *gather, vaddr_t start, vaddr_t end, u32 flags);

/**
 * struct vm_pt_move - pages on their way to another address.
 * @vm: address space
 * @from: first address
 * @end: end of what moves
 * @to: new first address
 * @tables: enough tables for the new place, linked by their descriptors
 */
struct vm_pt_move {
	struct vm *vm;
	vaddr_t from;
	vaddr_t end;
	vaddr_t to;
	struct list_node tables;
};

/**
 * vm_pt_move_begin() - do all of a move that can fail.
 * @move: all set but @tables; edges of the old place split
 *
 * Context: writer of the vm's lock until vm_pt_move_end().
 * Return: 0, or -ENOMEM with nothing changed that a program could see.
 */
int vm_pt_move_begin(struct vm_pt_move *move) __must_check;

/**
 * vm_pt_move_pages() - move the entries.
 * @move: begun; the new place is empty
 * @gather: begun; gets the old addresses
 *
 * Context: writer of the vm's lock.
 */
void vm_pt_move_pages(struct vm_pt_move *move, struct vm_gather *gather);

/**
 * vm_pt_move_end() - free tables that were not needed.
 * @move: begun
 *
 * Context: writer of the vm's lock.
 */
void vm_pt_move_end(struct vm_pt_move *move);

/** vm_leaf_fn - called for a leaf entry at an address. */
typedef void (*vm_leaf_fn)(pte_t *entry, vaddr_t va, u32 level, void *ctx);

/**
 * vm_pt_for_each() - visit the leaves of a range, ascending.
 * @vm: address space
 * @start: first address
 * @end: end
 * @fn: called for each leaf that overlaps the range
 * @ctx: passed to it
 *
 * Context: reader or writer of the vm's lock.
 */
void vm_pt_for_each(const struct vm *vm, vaddr_t start, vaddr_t end, vm_leaf_fn fn, void *ctx);

/**
 * vm_pt_split_at() - make sure that no leaf reaches across an address.
 * @vm: address space
 * @va: page-aligned
 *
 * Context: writer of the vm's lock.
 * Return: 0 or -ENOMEM.
 */
int vm_pt_split_at(struct vm *vm, vaddr_t va) __must_check;

/**
 * vm_pt_split_leaf() - replace a large leaf by a table that maps the same.
 * @vm: address space
 * @entry: the leaf
 * @va: an address that it covers
 * @level: its level, not 0
 *
 * Context: writer of the vm's lock.
 * Return: 0 or -ENOMEM.
 */
int vm_pt_split_leaf(struct vm *vm, pte_t *entry, vaddr_t va, u32 level) __must_check;

/**
 * vm_pt_walk() - find the entry that decides about an address.
 * @vm: address space
 * @va: user address
 * @level: in: lowest level of interest; out: the entry's level
 *
 * Context: reader or writer of the vm's lock.
 * Return: the entry; a table only at the level asked for.
 */
pte_t *vm_pt_walk(const struct vm *vm, vaddr_t va, u32 *level);

#endif
