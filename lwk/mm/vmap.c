// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vmap window; see vmap.h.
 *
 * A bitmap has one bit per page of the window: set for the pages of an area and
 * for the guard page behind it. Page 0 is the guard of the lowest area. One lock
 * guards the bitmap and the page tables under the window; all memory that may be
 * needed under it is collected before.
 */
#include "lwk/include/mm/vmap.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/spinlock.h"
#include "lwk/lib/bitmap.h"

/* Part of LWK_VMAP_LEN that is handed out: bounds the bitmap, 128 KiB. */
#define WINDOW_LEN (4ULL << 30)
#define WINDOW_PAGES (WINDOW_LEN / PAGE_LEN)
#define BITMAP_ORDER 5

_Static_assert(WINDOW_LEN <= LWK_VMAP_LEN, "inside the layout's region");
_Static_assert(WINDOW_PAGES / 8 == PAGE_LEN << BITMAP_ORDER, "one bit per page");

static struct {
	struct spinlock lock;
	/* lock protects: */
	u64 *bitmap;
	u64 hint;
	u64 used_pages;
	struct pgtable tables;
	/* Tables for the operation under way. */
	struct list_node spare_tables;
} vmap = {
	.lock = SPINLOCK_INIT(LOCK_RANK_VMAP, "vmap"),
	.spare_tables = LIST_INIT(vmap.spare_tables),
};

static paddr_t take_spare_table(void *ctx)
{
	struct list_node *node = list_pop(ctx);

	return node ? page_paddr(list_entry(node, struct page, link)) :
		      PADDR_NONE;
}

static void free_table(void *ctx, paddr_t table)
{
	(void)ctx;
	page_free(page_of_paddr(table), PAGE_ORDER_4K);
}

static const struct pgtable_ops vmap_table_ops = {
	.table_alloc = take_spare_table,
	.table_free = free_table,
};

int vmap_init(const struct pgtable *kernel)
{
	struct pgtable pt = *kernel;
	struct page *page;
	int err;

	page = page_alloc(PAGE_THIS_NODE, BITMAP_ORDER, PAGE_ALLOC_ZERO);
	if (!page)
		return -ENOMEM;
	err = pgtable_populate(&pt, LWK_VMAP_VA, WINDOW_LEN);
	if (err)
		goto free_bitmap;
	vmap.bitmap = page_virt(page);
	bitmap_set(vmap.bitmap, 0);
	vmap.hint = 1;
	vmap.used_pages = 0;
	vmap.tables = (struct pgtable){
		.root = kernel->root,
		.ops = &vmap_table_ops,
		.ctx = &vmap.spare_tables,
	};
	return 0;

free_bitmap:
	page_free(page, BITMAP_ORDER);
	return err;
}

static void free_pages(struct list_node *pages)
{
	struct list_node *node;

	while ((node = list_pop(pages)))
		page_free(list_entry(node, struct page, link), PAGE_ORDER_4K);
}

static int alloc_pages(struct list_node *pages, u64 npages, u32 node)
{
	struct page *page;

	for (; npages; npages--) {
		page = page_alloc(node, PAGE_ORDER_4K, PAGE_ALLOC_ZERO);
		if (!page) {
			free_pages(pages);
			return -ENOMEM;
		}
		list_add_tail(&page->link, pages);
	}
	return 0;
}

static vaddr_t index_to_va(u64 index)
{
	return LWK_VMAP_VA + index * PAGE_LEN;
}

/* Find room for an area with its guard; 0 if there is none. */
static u64 reserve_locked(u64 npages)
{
	u64 index;

	ASSERT(spin_lock_held(&vmap.lock));
	index = bitmap_find_zero_run(vmap.bitmap, WINDOW_PAGES, vmap.hint,
				     npages + 1);
	if (index == WINDOW_PAGES)
		index = bitmap_find_zero_run(vmap.bitmap, WINDOW_PAGES, 1,
					     npages + 1);
	if (index == WINDOW_PAGES)
		return 0;
	bitmap_set_range(vmap.bitmap, index, npages + 1);
	vmap.hint = index + npages + 1;
	vmap.used_pages += npages;
	return index;
}

/* Map @pages one by one, or device registers from @pa if @pages is NULL. */
static void map_area(vaddr_t va, u64 npages, const struct list_node *pages,
		     paddr_t pa)
{
	u32 prot = PGT_WRITE | PGT_GLOBAL;
	const struct page *page;
	int err;

	/* Cannot fail: the range is free, the tables are there. */
	if (!pages) {
		err = pgtable_map(&vmap.tables, va, pa, npages * PAGE_LEN,
				  prot | PGT_UNCACHED | PGT_SMALL_ONLY);
		ASSERT(!err);
		return;
	}
	list_for_each(page, pages, link) {
		err = pgtable_map(&vmap.tables, va, page_paddr(page), PAGE_LEN,
				  prot);
		ASSERT(!err);
		va += PAGE_LEN;
	}
}

static void *create_area(u64 npages, const struct list_node *pages, paddr_t pa)
{
	struct list_node spare;
	vaddr_t va = 0;
	u64 index, irq;

	list_init(&spare);
	if (alloc_pages(&spare, pgtable_tables_needed(npages * PAGE_LEN),
			PAGE_THIS_NODE))
		return NULL;

	irq = spin_lock_irqsave(&vmap.lock);
	list_splice(&spare, &vmap.spare_tables);
	index = reserve_locked(npages);
	if (index) {
		va = index_to_va(index);
		map_area(va, npages, pages, pa);
	}
	list_splice(&vmap.spare_tables, &spare);
	spin_unlock_irqrestore(&vmap.lock, irq);
	free_pages(&spare);
	return (void *)va;
}

void *vmap_alloc(u64 npages, u32 node)
{
	struct list_node pages;
	void *ptr;

	if (!npages || npages > VMAP_MAX_PAGES)
		return NULL;
	list_init(&pages);
	if (alloc_pages(&pages, npages, node))
		return NULL;
	ptr = create_area(npages, &pages, 0);
	if (!ptr)
		goto free_pages;
	/* From here on the page tables alone know the pages. */
	while (list_pop(&pages))
		;
	return ptr;

free_pages:
	free_pages(&pages);
	return NULL;
}

void *vmap_map_device(paddr_t pa, u64 npages)
{
	if (!npages || npages > VMAP_MAX_PAGES || !IS_ALIGNED(pa, PAGE_LEN) ||
	    pa >= PGT_PADDR_END || npages * PAGE_LEN > PGT_PADDR_END - pa)
		return NULL;
	return create_area(npages, NULL, pa);
}

/* Check that this is one whole area; collect its pages. */
static void collect_area_locked(u64 index, u64 npages, struct list_node *pages)
{
	struct pgtable_mapping mapping;
	vaddr_t va = index_to_va(index);
	struct page *page;
	u64 i;

	ASSERT(spin_lock_held(&vmap.lock));
	if (!index || index + npages >= WINDOW_PAGES ||
	    pgtable_query(&vmap.tables, va - PAGE_LEN, &mapping) ||
	    pgtable_query(&vmap.tables, va + npages * PAGE_LEN, &mapping))
		panic("vmap: %#llx with %llu pages is not an area", va, npages);
	for (i = 0; i < npages; i++) {
		if (!pgtable_query(&vmap.tables, va + i * PAGE_LEN, &mapping))
			panic("vmap: %#llx with %llu pages is not an area", va,
			      npages);
		if (!pages)
			continue;
		page = page_of_paddr(mapping.pa);
		ASSERT(page);
		list_add_tail(&page->link, pages);
	}
}

static void destroy_area(void *ptr, u64 npages, struct list_node *pages)
{
	u64 index = ((vaddr_t)ptr - LWK_VMAP_VA) / PAGE_LEN;
	u64 len = npages * PAGE_LEN;
	paddr_t unlinked = PADDR_NONE;
	u64 irq;
	int err;

	ASSERT(npages && npages <= VMAP_MAX_PAGES &&
	       IS_ALIGNED((vaddr_t)ptr, PAGE_LEN));
	irq = spin_lock_irqsave(&vmap.lock);
	collect_area_locked(index, npages, pages);
	/* Cannot fail: there are no large pages to split. */
	err = pgtable_unmap(&vmap.tables, (vaddr_t)ptr, len, &unlinked);
	ASSERT(!err);
	spin_unlock_irqrestore(&vmap.lock, irq);

	arch_tlb_flush_kernel((vaddr_t)ptr, len);
	pgtable_free_unlinked(&vmap.tables, &unlinked);

	irq = spin_lock_irqsave(&vmap.lock);
	bitmap_clear_range(vmap.bitmap, index, npages + 1);
	vmap.used_pages -= npages;
	spin_unlock_irqrestore(&vmap.lock, irq);
}

void vmap_free(void *ptr, u64 npages)
{
	struct list_node pages;

	list_init(&pages);
	destroy_area(ptr, npages, &pages);
	free_pages(&pages);
}

void vmap_unmap_device(void *ptr, u64 npages)
{
	destroy_area(ptr, npages, NULL);
}

u64 vmap_used_pages(void)
{
	u64 irq, pages;

	irq = spin_lock_irqsave(&vmap.lock);
	pages = vmap.used_pages;
	spin_unlock_irqrestore(&vmap.lock, irq);
	return pages;
}
