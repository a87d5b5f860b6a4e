// SPDX-License-Identifier: GPL-2.0-only
/* Slabs and the slots in them; see slab.h. */
#include "lwk/mm/slab.h"

#include "abi/limits.h"
#include "lwk/include/assert.h"
#include "lwk/include/config.h"
#include "lwk/lib/string.h"
#include "lwk/mm/internal.h"

#define SLOT_NONE 0xffff
#define FREE_TAG 0x66726565736c6f74ULL
#define LIVE_TAG 0x6c697665736c6f74ULL
#define RED_BYTE 0xbb
#define POISON_BYTE 0x6b

/* Red zones of a debug build: the slot's head in front, RED_BYTEs behind. */
#define FRONT_LEN (CONFIG_DEBUG ? sizeof(struct slot_head) : 0)
#define BACK_LEN (CONFIG_DEBUG ? 16 : 0)

/* Blocks for slabs: large enough for at least this many objects, if they can. */
#define MIN_OBJECTS 8
#define MAX_ORDER 3

/*
 * Head of a slot. Free: the tag is FREE_TAG ^ address, @next links. In a debug
 * build also while live: the tag is LIVE_TAG ^ address, @size is the user's.
 */
struct slot_head {
	u32 next;
	u32 size;
	u64 tag;
};

_Static_assert(sizeof(struct slot_head) == 16, "fits the smallest object");

/* Constant after slab_init(). */
struct slab_class {
	u32 size;
	u32 stride;
	u32 order;
	u32 nslots;
};

static struct slab_class classes[KMALLOC_CLASS_COUNT] = {
	{ .size = 16 },	  { .size = 32 },   { .size = 48 },   { .size = 64 },
	{ .size = 96 },	  { .size = 128 },  { .size = 192 },  { .size = 256 },
	{ .size = 384 },  { .size = 512 },  { .size = 768 },  { .size = 1024 },
	{ .size = 2048 }, { .size = KMALLOC_MAX_SMALL },
};

static struct slab_node slab_nodes[KMALLOC_CLASS_COUNT][IHK_MAX_NODES];

void slab_init(void)
{
	u32 cls, node;

	for (cls = 0; cls < KMALLOC_CLASS_COUNT; cls++) {
		struct slab_class *class = &classes[cls];

		class->stride = class->size + FRONT_LEN + BACK_LEN;
		class->order = 0;
		while (class->order < MAX_ORDER &&
		       (PAGE_LEN << class->order) / class->stride < MIN_OBJECTS)
			class->order++;
		class->nslots = (u32)((PAGE_LEN << class->order) / class->stride);
		for (node = 0; node < IHK_MAX_NODES; node++) {
			struct slab_node *sn = &slab_nodes[cls][node];

			spin_lock_init(&sn->lock, LOCK_RANK_KMALLOC, "slab");
			list_init(&sn->partial);
			sn->pages = 0;
		}
	}
}

u32 slab_class_of(u64 size)
{
	u32 cls = 0;

	while (classes[cls].size < size)
		cls++;
	return cls;
}

u64 slab_class_size(u32 cls)
{
	return classes[cls].size;
}

static struct slot_head *slot_at(const struct page *page, u32 index)
{
	u8 *base = page_virt(page);

	return (struct slot_head *)(base + (u64)index *
					   classes[page->slab.cls].stride);
}

static u64 free_tag(const struct slot_head *slot)
{
	return FREE_TAG ^ (u64)slot;
}

static u64 live_tag(const struct slot_head *slot)
{
	return LIVE_TAG ^ (u64)slot;
}

struct page *slab_page_of(const void *ptr)
{
	struct page *page = page_of_paddr(virt_to_phys(ptr));
	paddr_t pa;

	/* slab_grow() put the order of the block into its tails, too. */
	if (!page || READ_ONCE(page->state) != PAGE_TAIL)
		return page;
	pa = ALIGN_DOWN(page_paddr(page),
			PAGE_LEN << MIN((u32)page->order, (u32)MAX_ORDER));
	return page_of_paddr(pa);
}

/* The first free slot of a slab, taken out; the class's lock is held. */
static void *pop_slot(struct slab_node *sn, struct page *page)
{
	struct slot_head *slot;

	ASSERT(page->slab.free < classes[page->slab.cls].nslots);
	slot = slot_at(page, page->slab.free);
	if (slot->tag != free_tag(slot))
		panic("kmalloc: free object %p was written", (void *)slot);
	page->slab.free = (u16)slot->next;
	page->slab.used++;
	if (page->slab.free == SLOT_NONE) {
		ASSERT(page->slab.used == classes[page->slab.cls].nslots);
		list_del(&page->link);
	}
	ASSERT(spin_lock_held(&sn->lock));
	return slot;
}

u32 slab_take(u32 cls, u32 node, void **slots, u32 max)
{
	struct slab_node *sn = &slab_nodes[cls][node];
	u32 count = 0;
	u64 irq;

	irq = spin_lock_irqsave(&sn->lock);
	while (count < max && !list_empty(&sn->partial))
		slots[count++] = pop_slot(sn, list_first(&sn->partial,
							 struct page, link));
	spin_unlock_irqrestore(&sn->lock, irq);
	return count;
}

static void format_slab(struct page *page, u32 cls, u32 node)
{
	const struct slab_class *class = &classes[cls];
	struct slot_head *slot;
	u32 i;

	for (i = 1; i < 1U << class->order; i++)
		page[i].order = (u8)class->order;
	page->slab.cls = (u8)cls;
	page->slab.node = (u8)node;
	page->slab.used = 0;
	page->slab.free = 0;
	for (i = 0; i < class->nslots; i++) {
		slot = slot_at(page, i);
		slot->next = i + 1 < class->nslots ? i + 1 : SLOT_NONE;
		slot->tag = free_tag(slot);
		if (CONFIG_DEBUG)
			memset(slot + 1, POISON_BYTE,
			       class->stride - sizeof(*slot));
	}
	WRITE_ONCE(page->state, PAGE_SLAB);
}

void *slab_grow(u32 cls, u32 node)
{
	struct slab_node *sn = &slab_nodes[cls][node];
	struct page *page;
	void *slot;
	u64 irq;

	page = page_alloc(node, classes[cls].order, 0);
	if (!page)
		return NULL;
	format_slab(page, cls, node);
	irq = spin_lock_irqsave(&sn->lock);
	list_add(&page->link, &sn->partial);
	sn->pages += 1ULL << page->order;
	slot = pop_slot(sn, page);
	spin_unlock_irqrestore(&sn->lock, irq);
	return slot;
}

void slab_put(void *ptr, struct list_node *empty)
{
	struct page *page = slab_page_of(ptr);
	struct slab_node *sn = &slab_nodes[page->slab.cls][page->slab.node];
	struct slot_head *slot = ptr;
	u64 irq;

	irq = spin_lock_irqsave(&sn->lock);
	slot->next = page->slab.free;
	if (page->slab.free == SLOT_NONE)
		list_add(&page->link, &sn->partial);
	page->slab.free = (u16)((u64)((u8 *)ptr - (u8 *)page_virt(page)) /
				classes[page->slab.cls].stride);
	ASSERT(page->slab.used > 0);
	page->slab.used--;
	/* Keep one slab: the next object may be wanted soon. */
	if (!page->slab.used && sn->partial.next != sn->partial.prev) {
		list_del(&page->link);
		list_add(&page->link, empty);
		sn->pages -= 1ULL << page->order;
	}
	spin_unlock_irqrestore(&sn->lock, irq);
}

void slab_release(struct list_node *empty)
{
	struct list_node *node;
	struct page *page;

	while ((node = list_pop(empty))) {
		page = list_entry(node, struct page, link);
		page->private = 0;
		WRITE_ONCE(page->state, PAGE_USED);
		page_free(page, page->order);
	}
}

void slab_reap(u32 cls, u32 node, struct list_node *empty)
{
	struct slab_node *sn = &slab_nodes[cls][node];
	struct page *page, *tmp;
	u64 irq;

	irq = spin_lock_irqsave(&sn->lock);
	list_for_each_safe(page, tmp, &sn->partial, link) {
		if (page->slab.used)
			continue;
		list_del(&page->link);
		list_add(&page->link, empty);
		sn->pages -= 1ULL << page->order;
	}
	spin_unlock_irqrestore(&sn->lock, irq);
}

u64 slab_pages(u32 cls, u32 node)
{
	struct slab_node *sn = &slab_nodes[cls][node];
	u64 irq, pages;

	irq = spin_lock_irqsave(&sn->lock);
	pages = sn->pages;
	spin_unlock_irqrestore(&sn->lock, irq);
	return pages;
}

static void check_bytes(const void *object, const u8 *bytes, u64 len, u8 want)
{
	u64 i;

	for (i = 0; i < len; i++) {
		if (bytes[i] != want)
			panic("kmalloc: byte %lld of object %p was written: %#x instead of %#x",
			      (s64)((u64)(bytes + i) - (u64)object), object,
			      bytes[i], want);
	}
}

void *slot_to_live(void *ptr, u64 size)
{
	const struct page *page = slab_page_of(ptr);
	u64 object_len = classes[page->slab.cls].size;
	struct slot_head *slot = ptr;
	u8 *object = (u8 *)ptr + FRONT_LEN;

	if (slot->tag != free_tag(slot))
		panic("kmalloc: free object %p was written", ptr);
	slot->tag = 0;
	if (CONFIG_DEBUG) {
		check_bytes(object, object, object_len, POISON_BYTE);
		slot->tag = live_tag(slot);
		slot->size = (u32)size;
		memset(object + size, RED_BYTE, object_len - size + BACK_LEN);
	}
	return object;
}

void *slot_to_free(const struct page *page, void *ptr)
{
	const struct slab_class *class = &classes[page->slab.cls];
	u64 offset = (u64)ptr - FRONT_LEN - (u64)page_virt(page);
	struct slot_head *slot;

	if (offset % class->stride || offset / class->stride >= class->nslots)
		panic("kmalloc: %p is not the start of an object", ptr);
	slot = slot_at(page, (u32)(offset / class->stride));
	if (slot->tag == free_tag(slot))
		panic("kmalloc: object %p freed twice", ptr);
	if (CONFIG_DEBUG) {
		if (slot->tag != live_tag(slot) || slot->size > class->size)
			panic("kmalloc: memory before object %p was written",
			      ptr);
		check_bytes(ptr, (u8 *)ptr + slot->size,
			    class->size - slot->size + BACK_LEN, RED_BYTE);
		memset(ptr, POISON_BYTE, class->size + BACK_LEN);
	}
	slot->tag = free_tag(slot);
	return slot;
}
