// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bootstrap page tables: what an LWK's first CPU sees until the LWK has tables
 * of its own. They lie in the boot area; abi/boot.h says what they map.
 *
 * Nothing but what was granted is mapped, apart from the park page and the slots of the
 * instance's own CPUs.
 */
#include "boot.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "abi/layout.h"
#include "park.h"

#define PT_ENTRIES 512
#define PT_LEVELS 4

/* Beyond the page tables of the image: see ihk_bootpt_len(). */
#define UPPER_PAGES 4		/* root, image and park PDPT, image PD, park PD */
#define DIRECT_PAGES 5		/* PDPT, and two each of PD and PT where the area straddles */
#define PARK_PAGES 8		/* one for each 2 MiB of slots */
#define IMAGE_PAGES 2		/* a partial page table at either end */

#define TABLE_FLAGS (_PAGE_PRESENT | _PAGE_RW)
#define DATA_FLAGS (_PAGE_PRESENT | _PAGE_RW | _PAGE_NX)
#define CODE_FLAGS _PAGE_PRESENT

/* Page tables under construction; tables are taken from [next, end). */
struct bootpt {
	u64 root;
	u64 next;
	u64 end;
};

u64 ihk_bootpt_len(u64 image_len)
{
	/* The direct map of the area uses 2 MiB pages but for its end. */
	return (UPPER_PAGES + DIRECT_PAGES + PARK_PAGES + IMAGE_PAGES +
		(image_len >> PMD_SHIFT)) * PAGE_SIZE;
}

static int table_new(struct bootpt *pt, u64 *table)
{
	if (pt->next == pt->end)
		return ihk_report(-ENOMEM, "The bootstrap page tables need more room than %s reserved",
				  "ihk_bootpt_len()");
	*table = pt->next;
	pt->next += PAGE_SIZE;
	memset(phys_to_virt(*table), 0, PAGE_SIZE);
	return 0;
}

/* Entry for @va in the tables of @level (1: of 4 KiB pages), making tables above it. */
static int entry_find(struct bootpt *pt, u64 va, int level, u64 **entry)
{
	u64 table = pt->root;
	u64 *e;
	int at;
	int err;

	for (at = PT_LEVELS; ; at--) {
		int shift = PAGE_SHIFT + (at - 1) * (PMD_SHIFT - PAGE_SHIFT);

		e = (u64 *)phys_to_virt(table) + (va >> shift & (PT_ENTRIES - 1));
		if (at == level)
			break;
		if (!*e) {
			err = table_new(pt, &table);
			if (err)
				return err;
			*e = table | TABLE_FLAGS;
		}
		table = *e & PTE_PFN_MASK;
	}
	*entry = e;
	return 0;
}

static int map_range(struct bootpt *pt, u64 va, const struct boot_range *range, u64 flags)
{
	u64 pa = range->start;
	u64 *entry;
	int err;

	while (pa < range->end) {
		bool large = IS_ALIGNED(va | pa, PMD_SIZE) && range->end - pa >= PMD_SIZE;

		err = entry_find(pt, va, large ? 2 : 1, &entry);
		if (err)
			return err;
		*entry = pa | flags | (large ? _PAGE_PSE : 0);
		pa += large ? PMD_SIZE : PAGE_SIZE;
		va += large ? PMD_SIZE : PAGE_SIZE;
	}
	return 0;
}

static int map_page(struct bootpt *pt, u64 va, u64 pa, u64 flags)
{
	struct boot_range page = { .start = pa, .end = pa + PAGE_SIZE };

	return map_range(pt, va, &page, flags);
}

static int map_image(struct bootpt *pt, const struct ihk_boot *boot)
{
	u32 i;
	int err;

	for (i = 0; i < boot->image.nsegments; i++) {
		const struct elf_segment *seg = &boot->image.segments[i];
		struct boot_range pages;
		u64 flags = _PAGE_PRESENT;

		pages.start = boot->layout.image.start + (seg->va - boot->image.va_start);
		pages.end = PAGE_ALIGN(pages.start + seg->mem_len);
		if (seg->prot & ELF_PROT_WRITE)
			flags |= _PAGE_RW;
		if (!(seg->prot & ELF_PROT_EXEC))
			flags |= _PAGE_NX;
		err = map_range(pt, seg->va, &pages, flags);
		if (err)
			return err;
	}
	return 0;
}

static int map_park(struct bootpt *pt, const struct ihk_boot *boot)
{
	u32 i;
	int err;

	err = map_page(pt, LWK_PARK_VA, ihk_park_code(), CODE_FLAGS);
	for (i = 0; !err && i < boot->ncpus; i++) {
		const struct ihk_cpu *cpu = boot->watch[i].cpu;

		err = map_page(pt, PARK_SLOT_VA((u64)cpu->linux_cpu), __pa(cpu->slot), DATA_FLAGS);
	}
	return err;
}

int ihk_bootpt_build(struct ihk_boot *boot)
{
	const struct boot_layout *layout = &boot->layout;
	struct bootpt pt = {
		.next = layout->tables.start,
		.end = layout->tables.end,
	};
	int err;

	err = table_new(&pt, &pt.root);
	if (err)
		return err;
	err = map_image(&pt, boot);
	if (err)
		return err;
	err = map_range(&pt, LWK_DIRECT_VA + layout->area.start, &layout->area, DATA_FLAGS);
	if (err)
		return err;
	err = map_park(&pt, boot);
	if (err)
		return err;
	boot->cr3 = pt.root;
	return 0;
}
