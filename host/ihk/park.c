// SPDX-License-Identifier: GPL-2.0-only
/*
 * The park page and its page tables; starting CPUs into it (abi/park.h).
 *
 * The park tables map three things: the park code, one slot for each reserved CPU
 * and, in xAPIC mode, the local APIC. A CPU comes there by INIT and SIPI through a
 * page below 1 MiB that Linux keeps reserved but leaves idle: it is saved,
 * used and restored with CPU hotplug held off, since Linux's own trampoline would be
 * the only other user of INIT and SIPI.
 *
 * park_lock protects the park tables and the borrowed page; Linux's CPU hotplug
 * lock is taken inside it.
 */
#define pr_fmt(fmt) "ihk: park: " fmt

#include "park.h"

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/iopoll.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <asm/e820/api.h>
#include <asm/pgtable.h>

#include "apic.h"

/* tramp.S and park_code.S */
extern const char ihk_park_blob[];
extern const char ihk_tramp[], ihk_tramp_end[], ihk_tramp_gdtr[], ihk_tramp_jump[];
extern const char ihk_tramp_cr3[], ihk_tramp_slot[];

/* Linux's own trampoline lies above; everything from here downwards is tried. */
#define LOW_PAGE_FIRST 0x8f000
#define LOW_PAGE_LAST 0x2000

#define INIT_DELAY_US 10000
#define SIPI_TIMEOUT_US (5 * USEC_PER_SEC)
#define SIPI_POLL_US 100
#define SIPI_TRIES 2

#define PT_ENTRIES 512
/* Page tables of 2 MiB each for code and slots, and one for the local APIC. */
#define PARK_PTS ((int)((PARK_LAPIC_VA - LWK_PARK_VA) >> PMD_SHIFT) + 1)

#define TABLE_FLAGS (_PAGE_PRESENT | _PAGE_RW)
#define CODE_FLAGS _PAGE_PRESENT
#define SLOT_FLAGS (_PAGE_PRESENT | _PAGE_RW | _PAGE_NX)
#define LAPIC_FLAGS (_PAGE_PRESENT | _PAGE_RW | _PAGE_NX | _PAGE_PCD | _PAGE_PWT)

/**
 * struct park_tables - everything below is a page, allocated below 4 GiB
 * @pml4:	root; the trampoline loads it with a 32-bit move
 * @low_pdpt:	identity map of the borrowed page
 * @low_pd:	likewise
 * @low_pt:	likewise; holds an entry only while a CPU starts
 * @pdpt:	park region
 * @pd:		likewise
 * @pts:	likewise
 * @code:	park code
 */
struct park_tables {
	u64 *pml4;
	u64 *low_pdpt;
	u64 *low_pd;
	u64 *low_pt;
	u64 *pdpt;
	u64 *pd;
	u64 *pts[PARK_PTS];
	void *code;
};

/* A page below 1 MiB while we use it. */
struct low_page {
	phys_addr_t start;
	void *va;
	void *saved;
};

static DEFINE_MUTEX(park_lock);
static struct park_tables park;

static u64 *park_pte(u64 va)
{
	return &park.pts[(va - LWK_PARK_VA) >> PMD_SHIFT][va >> PAGE_SHIFT & (PT_ENTRIES - 1)];
}

static void park_tables_free(void)
{
	int i;

	free_page((unsigned long)park.code);
	for (i = 0; i < PARK_PTS; i++)
		free_page((unsigned long)park.pts[i]);
	free_page((unsigned long)park.pd);
	free_page((unsigned long)park.pdpt);
	free_page((unsigned long)park.low_pt);
	free_page((unsigned long)park.low_pd);
	free_page((unsigned long)park.low_pdpt);
	free_page((unsigned long)park.pml4);
	memset(&park, 0, sizeof(park));
}

static void *park_page_alloc(int *missing)
{
	void *page = (void *)__get_free_page(GFP_KERNEL | GFP_DMA32 | __GFP_ZERO);

	if (!page)
		(*missing)++;
	return page;
}

static int park_tables_alloc(void)
{
	int missing = 0;
	int i;

	park.pml4 = park_page_alloc(&missing);
	park.low_pdpt = park_page_alloc(&missing);
	park.low_pd = park_page_alloc(&missing);
	park.low_pt = park_page_alloc(&missing);
	park.pdpt = park_page_alloc(&missing);
	park.pd = park_page_alloc(&missing);
	for (i = 0; i < PARK_PTS; i++)
		park.pts[i] = park_page_alloc(&missing);
	park.code = park_page_alloc(&missing);
	if (missing) {
		park_tables_free();
		return ihk_report(-ENOMEM, "Cannot allocate %d of the park page tables", missing);
	}
	return 0;
}

static void park_tables_fill(void)
{
	u64 first_pd = LWK_PARK_VA >> PMD_SHIFT & (PT_ENTRIES - 1);
	int i;

	park.pml4[0] = __pa(park.low_pdpt) | TABLE_FLAGS;
	park.low_pdpt[0] = __pa(park.low_pd) | TABLE_FLAGS;
	park.low_pd[0] = __pa(park.low_pt) | TABLE_FLAGS;

	park.pml4[pgd_index(LWK_PARK_VA)] = __pa(park.pdpt) | TABLE_FLAGS;
	park.pdpt[LWK_PARK_VA >> PUD_SHIFT & (PT_ENTRIES - 1)] = __pa(park.pd) | TABLE_FLAGS;
	for (i = 0; i < PARK_PTS; i++)
		park.pd[first_pd + i] = __pa(park.pts[i]) | TABLE_FLAGS;

	memcpy(park.code, ihk_park_blob, LWK_PAGE_SIZE);
	*park_pte(LWK_PARK_VA) = __pa(park.code) | CODE_FLAGS;
	if (!ihk_apic_x2apic())
		*park_pte(PARK_LAPIC_VA) = ihk_apic_base() | LAPIC_FLAGS;
}

int ihk_park_init(void)
{
	int err;

	BUILD_BUG_ON(PARK_SLOT_VA(PARK_MAX_LINUX_CPU) > PARK_LAPIC_VA);

	err = park_tables_alloc();
	if (err)
		return err;
	park_tables_fill();
	return 0;
}

void ihk_park_exit(void)
{
	park_tables_free();
}

phys_addr_t ihk_park_code(void)
{
	return __pa(park.code);
}

/*
 * Is this low page ordinary memory that nobody uses? Linux reserves all of the
 * first 1 MiB. Its own trampoline there is read-only or executable.
 */
static bool low_page_usable(phys_addr_t start)
{
	unsigned int level;
	pte_t *pte;
	int type;

	if (!e820__mapped_any(start, start + PAGE_SIZE, E820_TYPE_RAM))
		return false;
	for (type = E820_TYPE_RESERVED; type <= E820_TYPE_PMEM; type++)
		if (e820__mapped_raw_any(start, start + PAGE_SIZE, type))
			return false;
	if (!pfn_valid(PHYS_PFN(start)) || !PageReserved(pfn_to_page(PHYS_PFN(start))))
		return false;
	pte = lookup_address((unsigned long)__va(start), &level);
	return pte && pte_present(*pte) && (pte_flags(*pte) & _PAGE_RW) &&
	       (pte_flags(*pte) & _PAGE_NX);
}

static int low_page_borrow(struct low_page *low)
{
	phys_addr_t start = LOW_PAGE_FIRST;
	struct page *page;

	while (!low_page_usable(start)) {
		start -= PAGE_SIZE;
		if (start < LOW_PAGE_LAST)
			return ihk_report(-ENODEV, "No idle page below 1 MiB to start a CPU through");
	}
	low->start = start;
	low->saved = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!low->saved)
		return ihk_report(-ENOMEM, "Cannot allocate a page to save low memory in");
	/* A mapping of our own does not depend on how the direct map is protected. */
	page = pfn_to_page(PHYS_PFN(start));
	low->va = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!low->va) {
		kfree(low->saved);
		return ihk_report(-ENOMEM, "Cannot map low memory at %pa", &start);
	}
	memcpy(low->saved, low->va, PAGE_SIZE);
	return 0;
}

static void low_page_return(struct low_page *low)
{
	memcpy(low->va, low->saved, PAGE_SIZE);
	vunmap(low->va);
	kfree(low->saved);
}

static void low_page_fill(struct low_page *low, u32 linux_cpu)
{
	u32 start = low->start;

	memcpy(low->va, ihk_tramp, ihk_tramp_end - ihk_tramp);
	*(u64 *)(low->va + (ihk_tramp_slot - ihk_tramp)) = PARK_SLOT_VA((u64)linux_cpu);
	*(u32 *)(low->va + (ihk_tramp_cr3 - ihk_tramp)) = __pa(park.pml4);
	*(u32 *)(low->va + (ihk_tramp_jump - ihk_tramp)) += start;
	*(u32 *)(low->va + (ihk_tramp_gdtr - ihk_tramp) + sizeof(u16)) += start;
}

bool ihk_park_is_parked(const struct ihk_cpu *cpu)
{
	/* Acquire: pairs with the store of PARK_PARKED in park_code.S. */
	return smp_load_acquire(&cpu->slot->state) == PARK_PARKED;
}

/* Puts a CPU into wait-for-SIPI, whatever it does. */
static void cpu_reset(const struct ihk_cpu *cpu)
{
	ihk_apic_send_init(cpu->apic_id);
	usleep_range(INIT_DELAY_US, 2 * INIT_DELAY_US);
}

/*
 * A second SIPI only if the first did nothing: a CPU that is awake ignores it. The
 * time-out is long because the CPU may be an emulated one without time to run.
 */
static int cpu_sipi(struct ihk_cpu *cpu, phys_addr_t start)
{
	bool parked;
	int tries;

	for (tries = 0; tries < SIPI_TRIES; tries++) {
		ihk_apic_send_sipi(cpu->apic_id, start);
		if (!read_poll_timeout(ihk_park_is_parked, parked, parked, SIPI_POLL_US,
				       SIPI_TIMEOUT_US, false, cpu))
			return 0;
	}
	/* The page goes back to its owner: the CPU must have left it. */
	cpu_reset(cpu);
	return ihk_report(-ETIMEDOUT, "CPU %u (APIC id %u) did not start within %lu s (park fault %#llx)",
			  cpu->linux_cpu, cpu->apic_id,
			  SIPI_TRIES * (SIPI_TIMEOUT_US / USEC_PER_SEC), cpu->slot->fault);
}

static int cpu_start(struct ihk_cpu *cpu)
{
	struct low_page low;
	int err;

	lockdep_assert_held(&park_lock);

	cpus_read_lock();
	/* First of all: also when what follows fails it no longer runs an LWK. */
	cpu_reset(cpu);
	cpu->slot->fault = 0;
	WRITE_ONCE(cpu->slot->state, PARK_ABSENT);
	err = low_page_borrow(&low);
	if (err)
		goto unlock;
	low_page_fill(&low, cpu->linux_cpu);
	park.low_pt[low.start >> PAGE_SHIFT] = low.start | CODE_FLAGS;

	err = cpu_sipi(cpu, low.start);

	park.low_pt[low.start >> PAGE_SHIFT] = 0;
	low_page_return(&low);
unlock:
	cpus_read_unlock();
	return err;
}

static int slot_create(struct ihk_cpu *cpu)
{
	struct page *page;

	page = alloc_pages_node(cpu->node, GFP_KERNEL | __GFP_ZERO, 0);
	if (!page)
		return ihk_report(-ENOMEM, "Cannot allocate the park slot of CPU %u", cpu->linux_cpu);
	cpu->slot = page_address(page);
	cpu->slot->apic_id = cpu->apic_id;
	cpu->slot->park_cr3 = __pa(park.pml4);
	*park_pte(PARK_SLOT_VA((u64)cpu->linux_cpu)) = page_to_phys(page) | SLOT_FLAGS;
	return 0;
}

static void slot_destroy(struct ihk_cpu *cpu)
{
	*park_pte(PARK_SLOT_VA((u64)cpu->linux_cpu)) = 0;
	free_page((unsigned long)cpu->slot);
	cpu->slot = NULL;
}

int ihk_park_start(struct ihk_cpu *cpu)
{
	int err;

	if (cpu->linux_cpu >= PARK_MAX_LINUX_CPU)
		return ihk_report(-EINVAL, "CPU %u cannot be parked: only CPUs below %u have a slot",
				  cpu->linux_cpu, PARK_MAX_LINUX_CPU);
	mutex_lock(&park_lock);
	err = slot_create(cpu);
	if (err)
		goto unlock;
	err = cpu_start(cpu);
	if (err)
		slot_destroy(cpu);
unlock:
	mutex_unlock(&park_lock);
	return err;
}

int ihk_park_recover(struct ihk_cpu *cpu)
{
	int err;

	mutex_lock(&park_lock);
	err = cpu_start(cpu);
	mutex_unlock(&park_lock);
	return err;
}

void ihk_park_stop(struct ihk_cpu *cpu)
{
	mutex_lock(&park_lock);
	cpu_reset(cpu);
	slot_destroy(cpu);
	mutex_unlock(&park_lock);
}

int ihk_park_order(struct ihk_cpu *cpu, const struct park_order *order)
{
	struct park_slot *slot = cpu->slot;

	if (!ihk_park_is_parked(cpu))
		return ihk_report(-EBUSY, "CPU %u is not in the park page (slot state %u, fault %#llx)",
				  cpu->linux_cpu, READ_ONCE(slot->state), READ_ONCE(slot->fault));
	slot->cr3 = order->cr3;
	slot->entry = order->entry;
	slot->stack = order->stack;
	slot->arg = order->arg;
	/* Release: pairs with the locked exchange in park_nmi, which reads the order. */
	smp_store_release(&slot->state, PARK_GO);
	ihk_apic_send_nmi(cpu->apic_id);
	return 0;
}

void ihk_park_withdraw(struct ihk_cpu *cpu)
{
	cmpxchg(&cpu->slot->state, PARK_GO, PARK_PARKED);
}
