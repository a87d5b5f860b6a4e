// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's page tables, and the way from the bootstrap tables to them.
 *
 * Two steps, because the bootstrap tables show only the boot area: image, park page
 * and the chunk around the boot area are mapped out of the early heap; then, on the new
 * tables, that chunk provides the tables for all others.
 */
#include <paging.h>

#include "abi/park.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/early.h"
#include "lwk/include/mm/page_alloc.h"
#include "x86.h"

#define PTE_PRESENT (1ULL << 0)
#define PTE_LARGE (1ULL << 7)
#define PTE_PADDR 0x000ffffffffff000ULL
#define CPUID_HUGE_PAGES (1U << 26) /* leaf 0x80000001, EDX */
#define FLUSH_MAX_PAGES 64 /* beyond this, flushing everything is cheaper */

/* Ends of the image's sections, from mckernel.lds. */
extern u8 image_text_end[], image_sealed_end[], image_end[];

static paddr_t table_alloc(void *ctx)
{
	struct page *page;

	if (!*(bool *)ctx)
		return early_alloc(PAGE_LEN, PAGE_LEN, EARLY_ANY_NODE);
	page = page_alloc(PAGE_THIS_NODE, PAGE_ORDER_4K, PAGE_ALLOC_ZERO);
	return page ? page_paddr(page) : PADDR_NONE;
}

static void table_free(void *ctx, paddr_t table)
{
	/* What the early allocator gave cannot be returned, and never needs to be. */
	if (*(bool *)ctx)
		page_free(page_of_paddr(table), PAGE_ORDER_4K);
}

static const struct pgtable_ops table_ops = { table_alloc, table_free };
static bool pages_up; /* the page allocator has taken over */
static struct pgtable kernel = { .ops = &table_ops, .ctx = &pages_up };

struct pgtable *arch_kernel_tables(void)
{
	/* Whoever wants the tables comes after page_alloc_init(). */
	pages_up = true;
	return &kernel;
}

static void map(vaddr_t va, paddr_t pa, u64 len, u32 prot)
{
	int err = pgtable_map(&kernel, va, pa, len, prot | PGT_GLOBAL);

	if (err)
		panic("paging: mapping %llx at %llx, %llu bytes: error %d", pa, va, len, err);
}

static void map_image_part(const u8 *start, const u8 *end, u32 prot)
{
	u64 offset = (u64)start - LWK_IMAGE_VA;

	if (start < end)
		map((vaddr_t)start, boot_fixed()->image_start + offset, (u64)(end - start), prot);
}

static void map_image(void)
{
	const struct boot_block *boot = boot_fixed();
	u64 len = (u64)image_end - LWK_IMAGE_VA;

	if (boot->image_end - boot->image_start < len)
		panic("paging: image takes %llu bytes, host loaded %llu", len,
		      boot->image_end - boot->image_start);
	map_image_part((const u8 *)LWK_IMAGE_VA, image_text_end, PGT_EXEC);
	map_image_part(image_text_end, image_sealed_end, 0);
	map_image_part(image_sealed_end, image_end, PGT_WRITE);
}

/* What the bootstrap tables map at @va. They all lie in the boot area. */
static paddr_t bootstrap_query(vaddr_t va)
{
	const struct boot_block *boot = boot_fixed();
	paddr_t table = x86_read_cr3() & PTE_PADDR;
	u64 entry;

	for (u32 shift = 39;; shift -= 9) {
		if (table < boot->tables_start || table >= boot->tables_end)
			panic("paging: bootstrap table %llx for %llx is not in [%llx, %llx)",
			      table, va, boot->tables_start, boot->tables_end);
		entry = ((const u64 *)phys_to_virt(table))[va >> shift & 511];
		if (!(entry & PTE_PRESENT))
			panic("paging: bootstrap tables do not map %llx", va);
		table = entry & PTE_PADDR;
		if (shift == PAGE_SHIFT)
			return table;
		if (entry & PTE_LARGE)
			panic("paging: bootstrap tables map %llx by a large page", va);
	}
}

static void map_park(void)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_cpu *cpus = boot_part(boot->cpus_off);

	map(LWK_PARK_VA, bootstrap_query(LWK_PARK_VA), PAGE_LEN, PGT_EXEC);
	for (u32 i = 0; i < boot->ncpus; i++) {
		vaddr_t va = PARK_SLOT_VA((u64)cpus[i].linux_cpu);

		map(va, bootstrap_query(va), PAGE_LEN, PGT_WRITE);
	}
}

static bool holds_boot_area(const struct boot_chunk *chunk)
{
	return chunk->start <= boot_fixed()->area_start && boot_fixed()->area_end <= chunk->end;
}

static void map_chunk(const struct boot_chunk *chunk)
{
	map(LWK_DIRECT_VA + chunk->start, chunk->start, chunk->end - chunk->start, PGT_WRITE);
}

/* The direct map must not be a way around the image's permissions. */
static void seal_image(void)
{
	paddr_t start = boot_fixed()->image_start;
	u64 len = (u64)image_sealed_end - LWK_IMAGE_VA;
	int err = pgtable_protect(&kernel, LWK_DIRECT_VA + start, len, PGT_GLOBAL);

	if (err)
		panic("paging: sealing the image in the direct map: error %d", err);
}

void arch_mm_init(void)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_chunk *chunks = boot_part(boot->chunks_off);

	kernel.huge_pages = x86_cpuid(0x80000001, 0).d & CPUID_HUGE_PAGES;
	if (pgtable_create(&kernel))
		panic("paging: no memory for the top table");
	map_image();
	map_park();
	for (u32 i = 0; i < boot->nchunks; i++) {
		if (holds_boot_area(&chunks[i])) {
			map_chunk(&chunks[i]);
			x86_write_cr3(kernel.root);
			early_set_window(chunks[i].start, chunks[i].end);
		}
	}
	for (u32 i = 0; i < boot->nchunks; i++) {
		if (!holds_boot_area(&chunks[i]))
			map_chunk(&chunks[i]);
	}
	seal_image();
	paging_flush_all();
	early_set_window(0, IHK_PADDR_LIMIT);
}

void paging_flush_all(void)
{
	u64 cr4 = x86_read_cr4();

	/* Clearing PGE drops global entries too; SDM 3A, 4.10.4.1. */
	x86_write_cr4(cr4 & ~X86_CR4_PGE);
	x86_write_cr4(cr4 | X86_CR4_PGE);
}

struct flush {
	vaddr_t start;
	u64 npages;
};

static void flush_here(void *arg)
{
	const struct flush *flush = arg;

	if (flush->npages > FLUSH_MAX_PAGES) {
		paging_flush_all();
		return;
	}
	for (u64 i = 0; i < flush->npages; i++)
		x86_invlpg(flush->start + i * PAGE_LEN);
}

void arch_tlb_flush_kernel(vaddr_t start, u64 len)
{
	struct flush flush = { start, len >> PAGE_SHIFT };
	u64 irq = arch_irq_save();
	bool alone = true;

	for (u32 id = 0; id < percpu_count(); id++)
		alone &= id == arch_cpu_id() || !percpu_online(id);
	flush_here(&flush);
	arch_irq_restore(irq);
	if (!alone)
		call_others(flush_here, &flush);
}
