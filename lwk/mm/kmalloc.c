// SPDX-License-Identifier: GPL-2.0-only
/*
 * The small-object allocator's front: magazines, large objects, statistics. See
 * kmalloc.h; the slabs below are in slab.c.
 *
 * Each CPU has a magazine of free objects per class, all from slabs that serve
 * its own node, under one lock per CPU that is almost always taken by that CPU
 * alone. Objects of other nodes bypass it. A lock is never held while pages are
 * allocated.
 */
#include "lwk/include/mm/kmalloc.h"

#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/lib/string.h"
#include "lwk/mm/internal.h"
#include "lwk/mm/slab.h"

#define LARGE KMALLOC_CLASS_COUNT
#define MAGAZINE_MAX 16
#define MAGAZINE_BATCH 8

struct magazine {
	u32 count;
	void *slots[MAGAZINE_MAX];
};

/*
 * @lock protects all the rest. @live counts allocations minus frees by this CPU,
 * so only the sum over all CPUs means anything.
 */
struct kmalloc_cpu {
	struct spinlock lock;
	struct magazine magazines[KMALLOC_CLASS_COUNT];
	s64 live[KMALLOC_CLASS_COUNT + 1];
	s64 large_pages;
};

_Static_assert(sizeof(struct kmalloc_cpu) <= LWK_PAGE_SIZE, "one page per CPU");

/* Set by kmalloc_init(). */
static struct kmalloc_cpu *cpus[IHK_MAX_CPUS];

int kmalloc_init(void)
{
	struct page *page;
	u32 cpu;

	slab_init();
	for (cpu = 0; cpu < page_topology.ncpus; cpu++) {
		page = page_alloc(mm_cpu_node(cpu), PAGE_ORDER_4K,
				  PAGE_ALLOC_ZERO);
		if (!page)
			goto free_cpus;
		cpus[cpu] = page_virt(page);
		spin_lock_init(&cpus[cpu]->lock, LOCK_RANK_KMALLOC_CPU,
			       "kmalloc_cpu");
	}
	return 0;

free_cpus:
	while (cpu-- > 0) {
		page_free(page_of_paddr(virt_to_phys(cpus[cpu])),
			  PAGE_ORDER_4K);
		cpus[cpu] = NULL;
	}
	return -ENOMEM;
}

static struct kmalloc_cpu *lock_this_cpu(u64 *irq)
{
	struct kmalloc_cpu *kc;

	*irq = arch_irq_save();
	kc = cpus[arch_cpu_id()];
	spin_lock(&kc->lock);
	return kc;
}

static void unlock_cpu(struct kmalloc_cpu *kc, u64 irq)
{
	spin_unlock(&kc->lock);
	arch_irq_restore(irq);
}

static void count_live(u32 cls, s64 delta, s64 pages)
{
	struct kmalloc_cpu *kc;
	u64 irq;

	kc = lock_this_cpu(&irq);
	kc->live[cls] += delta;
	kc->large_pages += pages;
	unlock_cpu(kc, irq);
}

/* Order of the smallest block that holds @size bytes. */
static u32 large_order(u64 size)
{
	u32 order = 0;

	while (PAGE_LEN << order < size)
		order++;
	return order;
}

static void *large_alloc(u64 size, u32 node)
{
	u32 order = large_order(size);
	struct page *page;

	page = page_alloc(node, order, 0);
	if (!page)
		return NULL;
	WRITE_ONCE(page->state, PAGE_LARGE);
	count_live(LARGE, 1, 1LL << order);
	return page_virt(page);
}

static void large_free(struct page *page, const void *ptr)
{
	if (ptr != page_virt(page))
		panic("kmalloc: %p is not the start of an object", ptr);
	count_live(LARGE, -1, -(1LL << page->order));
	WRITE_ONCE(page->state, PAGE_USED);
	page_free(page, page->order);
}

/* Take a slot from this CPU's magazine if @node is the CPU's own. */
static void *magazine_take(u32 cls, u32 node)
{
	struct kmalloc_cpu *kc;
	struct magazine *mag;
	void *slot = NULL;
	u64 irq;

	kc = lock_this_cpu(&irq);
	mag = &kc->magazines[cls];
	if (node == mm_cpu_node(arch_cpu_id())) {
		if (!mag->count)
			mag->count = slab_take(cls, node, mag->slots,
					       MAGAZINE_BATCH);
		if (mag->count)
			slot = mag->slots[--mag->count];
	} else {
		slab_take(cls, node, &slot, 1);
	}
	if (slot)
		kc->live[cls]++;
	unlock_cpu(kc, irq);
	return slot;
}

static void *small_alloc(u64 size, u32 node)
{
	u32 cls = slab_class_of(size);
	void *slot;

	slot = magazine_take(cls, node);
	if (!slot) {
		slot = slab_grow(cls, node);
		if (!slot)
			return NULL;
		count_live(cls, 1, 0);
	}
	return slot_to_live(slot, size);
}

static void small_free(const struct page *page, void *ptr)
{
	void *slot = slot_to_free(page, ptr);
	struct kmalloc_cpu *kc;
	struct magazine *mag;
	struct list_node empty;
	u64 irq;

	list_init(&empty);
	kc = lock_this_cpu(&irq);
	kc->live[page->slab.cls]--;
	mag = &kc->magazines[page->slab.cls];
	if (page->slab.node != mm_cpu_node(arch_cpu_id())) {
		slab_put(slot, &empty);
	} else {
		if (mag->count == MAGAZINE_MAX) {
			while (mag->count > MAGAZINE_MAX - MAGAZINE_BATCH)
				slab_put(mag->slots[--mag->count], &empty);
		}
		mag->slots[mag->count++] = slot;
	}
	unlock_cpu(kc, irq);
	slab_release(&empty);
}

void *kmalloc_node(u64 size, u32 node)
{
	DEBUG_ASSERT(!lock_rank_depth());
	if (!size || size > KMALLOC_MAX || node >= page_topology.nnodes ||
	    mm_should_fail())
		return NULL;
	return size > KMALLOC_MAX_SMALL ? large_alloc(size, node) :
					  small_alloc(size, node);
}

void *kmalloc(u64 size)
{
	return kmalloc_node(size, mm_cpu_node(arch_cpu_id()));
}

void *kzalloc(u64 size)
{
	void *ptr = kmalloc(size);

	if (ptr)
		memset(ptr, 0, size);
	return ptr;
}

void *kcalloc(u64 n, u64 size)
{
	u64 len;

	if (__builtin_mul_overflow(n, size, &len))
		return NULL;
	return kzalloc(len);
}

void kfree(const void *ptr)
{
	struct page *page;

	if (!ptr)
		return;
	page = slab_page_of(ptr);
	if (page && READ_ONCE(page->state) == PAGE_SLAB)
		small_free(page, (void *)ptr);
	else if (page && READ_ONCE(page->state) == PAGE_LARGE)
		large_free(page, ptr);
	else
		panic("kmalloc: %p was not allocated here", ptr);
}

void kmalloc_class_stats(u32 cls, struct kmalloc_stats *out)
{
	s64 large_pages = 0;
	s64 live = 0;
	u32 i;
	u64 irq;

	ASSERT(cls <= LARGE);
	for (i = 0; i < page_topology.ncpus; i++) {
		irq = spin_lock_irqsave(&cpus[i]->lock);
		live += cpus[i]->live[cls];
		large_pages += cpus[i]->large_pages;
		spin_unlock_irqrestore(&cpus[i]->lock, irq);
	}
	*out = (struct kmalloc_stats){ .live = (u64)live };
	if (cls == LARGE) {
		out->pages = (u64)large_pages;
		return;
	}
	out->size = slab_class_size(cls);
	for (i = 0; i < page_topology.nnodes; i++)
		out->pages += slab_pages(cls, i);
}

u64 kmalloc_live(void)
{
	struct kmalloc_stats stats;
	u64 live = 0;
	u32 cls;

	for (cls = 0; cls <= LARGE; cls++) {
		kmalloc_class_stats(cls, &stats);
		live += stats.live;
	}
	return live;
}

static void drain_cpu(struct kmalloc_cpu *kc)
{
	struct list_node empty;
	struct magazine *mag;
	u32 cls;
	u64 irq;

	list_init(&empty);
	irq = spin_lock_irqsave(&kc->lock);
	for (cls = 0; cls < KMALLOC_CLASS_COUNT; cls++) {
		mag = &kc->magazines[cls];
		while (mag->count)
			slab_put(mag->slots[--mag->count], &empty);
	}
	spin_unlock_irqrestore(&kc->lock, irq);
	slab_release(&empty);
}

void kmalloc_drain(void)
{
	struct list_node empty;
	u32 i, cls;

	for (i = 0; i < page_topology.ncpus; i++)
		drain_cpu(cpus[i]);
	list_init(&empty);
	for (cls = 0; cls < KMALLOC_CLASS_COUNT; cls++) {
		for (i = 0; i < page_topology.nnodes; i++)
			slab_reap(cls, i, &empty);
	}
	slab_release(&empty);
}
