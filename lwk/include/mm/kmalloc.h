/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small-object allocator.
 *
 * Sizes up to KMALLOC_MAX_SMALL come from size classes, whose objects are cut
 * from pages; each CPU keeps a magazine of free objects of its own node for each
 * class. Larger sizes are blocks of the page allocator. An object is aligned to
 * 16 bytes, and to its size if that is a power of two up to a page, except in a
 * debug build, where each object stands between red zones.
 */
#ifndef LWK_MM_KMALLOC_H
#define LWK_MM_KMALLOC_H

#include "lwk/include/mm/page_alloc.h"

#define KMALLOC_MAX_SMALL 4096
#define KMALLOC_CLASS_COUNT 14

/** KMALLOC_MAX - the largest size of all; larger is for page_alloc(). */
#define KMALLOC_MAX (4ULL << 20)

/**
 * struct kmalloc_stats - one size class, or the large objects.
 * @size: object size in bytes; 0 for large objects
 * @live: objects allocated and not freed
 * @pages: pages held, free objects included
 */
struct kmalloc_stats {
	u64 size;
	u64 live;
	u64 pages;
};

/**
 * kmalloc_init() - make the allocator ready for all CPUs of the topology.
 *
 * Context: boot CPU, once, after page_alloc_init().
 * Return: 0, or -ENOMEM.
 */
int kmalloc_init(void) __must_check;

/**
 * kmalloc() - allocate memory near the calling CPU.
 * @size: bytes; 0 and more than KMALLOC_MAX fail
 *
 * Context: any but NMI; no spinlock held.
 * Return: uninitialised memory, or NULL.
 */
void *kmalloc(u64 size) __must_check;

/**
 * kzalloc() - allocate cleared memory near the calling CPU.
 * @size: bytes; 0 and more than KMALLOC_MAX fail
 *
 * Context: any but NMI; no spinlock held.
 * Return: cleared memory, or NULL.
 */
void *kzalloc(u64 size) __must_check;

/**
 * kcalloc() - allocate a cleared array near the calling CPU.
 * @n: elements
 * @size: bytes of each; a product that overflows fails
 *
 * Context: any but NMI; no spinlock held.
 * Return: cleared memory, or NULL.
 */
void *kcalloc(u64 n, u64 size) __must_check;

/**
 * kmalloc_node() - allocate memory on a NUMA node if it has some.
 * @size: bytes; 0 and more than KMALLOC_MAX fail
 * @node: NUMA node
 *
 * Context: any but NMI; no spinlock held.
 * Return: uninitialised memory, or NULL.
 */
void *kmalloc_node(u64 size, u32 node) __must_check;

/**
 * kfree() - give memory back.
 * @ptr: what one of the functions above returned, or NULL
 *
 * Panics if @ptr is anything else, was freed already, or (debug build) if
 * memory around it was overwritten.
 *
 * Context: any but NMI.
 */
void kfree(const void *ptr);

/**
 * kmalloc_class_stats() - count the objects of a class exactly.
 * @cls: 0 .. KMALLOC_CLASS_COUNT - 1, or KMALLOC_CLASS_COUNT for large objects
 * @out: result
 *
 * Context: any but NMI. Exact only while no CPU allocates or frees.
 */
void kmalloc_class_stats(u32 cls, struct kmalloc_stats *out);

/**
 * kmalloc_live() - count all objects allocated and not freed, for leak checks.
 *
 * Context: any but NMI. Exact only while no CPU allocates or frees.
 * Return: the count.
 */
u64 kmalloc_live(void);

/**
 * kmalloc_drain() - return free objects in all magazines, and empty slabs.
 *
 * Afterwards the page allocator has all memory that no live object occupies.
 *
 * Context: any but NMI.
 */
void kmalloc_drain(void);

#endif
