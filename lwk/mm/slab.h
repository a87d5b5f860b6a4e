/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slabs: blocks of pages cut into objects of one size class. Below kmalloc.c,
 * which adds magazines and the choice of class; nobody else includes this.
 *
 * An object stands in a slot. While it is free, the slot's head links it to the
 * slab's next free slot and carries a tag made from its address; whoever frees
 * it twice or writes to it meanwhile is found out. In a debug build the head is
 * in front of the object and stays as red zone, and another follows the object.
 */
#ifndef LWK_MM_SLAB_H
#define LWK_MM_SLAB_H

#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/spinlock.h"

/**
 * struct slab_node - the slabs of one class that serve one node.
 * @lock: guards the rest and the slab part of these slabs' descriptors
 * @partial: slabs with a free object
 * @pages: pages of all slabs, full ones too
 */
struct slab_node {
	struct spinlock lock;
	struct list_node partial;
	u64 pages;
};

/**
 * slab_init() - set up all classes; call before anything else here.
 *
 * Context: boot CPU.
 */
void slab_init(void);

/**
 * slab_class_of() - the class for a size.
 * @size: 1 .. KMALLOC_MAX_SMALL
 *
 * Context: any.
 * Return: the class.
 */
u32 slab_class_of(u64 size);

/**
 * slab_class_size() - object size of a class.
 * @cls: the class
 *
 * Context: any.
 * Return: bytes.
 */
u64 slab_class_size(u32 cls);

/**
 * slab_take() - take free objects out of existing slabs.
 * @cls: the class
 * @node: the node that the slabs serve
 * @slots: result: slots
 * @max: how many at most
 *
 * Context: any but NMI; the caller may hold a lock of lower rank.
 * Return: how many there were.
 */
u32 slab_take(u32 cls, u32 node, void **slots, u32 max);

/**
 * slab_grow() - allocate a slab and take its first object.
 * @cls: the class
 * @node: the node that the slab will serve, and come from if it has memory
 *
 * Context: any but NMI; no spinlock held.
 * Return: a slot, or NULL.
 */
void *slab_grow(u32 cls, u32 node);

/**
 * slab_put() - put a free object back into its slab.
 * @slot: the slot
 * @empty: list for a slab that became empty and is not kept; pass it to
 *	slab_release() when no lock is held
 *
 * Context: any but NMI; the caller may hold a lock of lower rank.
 */
void slab_put(void *slot, struct list_node *empty);

/**
 * slab_release() - give empty slabs back to the page allocator.
 * @empty: list that slab_put() or slab_reap() filled
 *
 * Context: any but NMI.
 */
void slab_release(struct list_node *empty);

/**
 * slab_reap() - take out the empty slabs that were kept for later.
 * @cls: the class
 * @node: the node
 * @empty: where they go
 *
 * Context: any but NMI.
 */
void slab_reap(u32 cls, u32 node, struct list_node *empty);

/**
 * slab_pages() - count the pages of a class's slabs.
 * @cls: the class
 * @node: the node
 *
 * Context: any but NMI.
 * Return: pages.
 */
u64 slab_pages(u32 cls, u32 node);

/**
 * slab_page_of() - the slab that an object is in.
 * @ptr: any pointer
 *
 * Context: any.
 * Return: the head's descriptor (state PAGE_SLAB or not), NULL if @ptr is not in
 * granted memory.
 */
struct page *slab_page_of(const void *ptr);

/**
 * slot_to_live() - hand out a free slot.
 * @slot: the slot
 * @size: bytes that the user asked for
 *
 * Panics if it was written while it was free.
 *
 * Context: any.
 * Return: the object.
 */
void *slot_to_live(void *slot, u64 size);

/**
 * slot_to_free() - take an object back.
 * @page: its slab
 * @ptr: the object
 *
 * Panics if it is none, is free already, or its red zones were written.
 *
 * Context: any.
 * Return: the slot.
 */
void *slot_to_free(const struct page *page, void *ptr);

#endif
