// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frames of the LWK a proxy has mapped, by address: when Linux has unmapped them they are
 * looked at (pins.c), and its own page tables can be read by nobody who must not wait for the mmap
 * lock.
 *
 * Tables like the lowest ones of Linux's, one page each, made as those are.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "check.h"
#include "proxy.h"

/* struct map.tables: by address / PMD_SIZE, PTRS_PER_PTE frame numbers each, 0 for none. */

static unsigned long *table_get(struct map *map, u64 addr)
{
	unsigned long index = addr >> PMD_SHIFT;
	unsigned long *table = xa_load(&map->tables, index);

	if (table)
		return table;
	table = (unsigned long *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	if (xa_err(xa_store(&map->tables, index, table, GFP_KERNEL_ACCOUNT))) {
		free_page((unsigned long)table);
		return NULL;
	}
	return table;
}

int frames_note(struct map *map, const struct extent *extent)
{
	unsigned long pfn = PHYS_PFN(extent->paddr);
	unsigned long *table;
	u32 first = pte_index(extent->start);
	u32 i;

	lockdep_assert_held(&map->lock);
	table = table_get(map, extent->start);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < extent->npages; i++)
		if (table[first + i] && table[first + i] != pfn + i)
			return -EPROTO;
	for (i = 0; i < extent->npages; i++) {
		if (table[first + i])
			continue;
		table[first + i] = pfn + i;
		pins_mapped(pfn_to_page(pfn + i));
	}
	return 0;
}

static bool table_forget(struct peer *peer, unsigned long *table, u32 first, u32 end)
{
	bool used = false;

	for (; first < end; first++) {
		if (!table[first])
			continue;
		used |= pins_unmapped(peer, pfn_to_page(table[first]));
		table[first] = 0;
	}
	return used;
}

bool frames_forget(struct map *map, struct peer *peer, u64 start, u64 end)
{
	unsigned long index;
	unsigned long *table;
	bool used = false;
	u64 base;

	lockdep_assert_held(&map->lock);
	xa_for_each_range(&map->tables, index, table, start >> PMD_SHIFT, (end - 1) >> PMD_SHIFT) {
		base = (u64)index << PMD_SHIFT;
		used |= table_forget(peer, table, start > base ? pte_index(start) : 0,
				     end < base + PMD_SIZE ? pte_index(end) : PTRS_PER_PTE);
		if (start > base || end < base + PMD_SIZE)
			continue;
		xa_erase(&map->tables, index);
		free_page((unsigned long)table);
	}
	return used;
}

bool frames_next(struct map *map, u64 *start, u64 *end, u64 limit)
{
	unsigned long index = *end >> PMD_SHIFT;
	unsigned long last = (limit - 1) >> PMD_SHIFT;

	if (*end >= limit || !xa_find(&map->tables, &index, last, XA_PRESENT))
		return false;
	*start = max(*end, (u64)index << PMD_SHIFT);
	do
		index++;
	while (index <= last && xa_load(&map->tables, index));
	*end = min(limit, (u64)index << PMD_SHIFT);
	return true;
}
