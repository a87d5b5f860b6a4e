/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of address spaces share: the allocators, a kernel table, a
 * space, the ledger's invariant, and a balance of what a test must give back.
 */
#ifndef UNIT_VM_FIXTURE_H
#define UNIT_VM_FIXTURE_H

#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define FIXTURE_START 0x100000ULL
#define FIXTURE_MMAP_BASE 0x7ffff0000000ULL

/** struct fixture - what there was before the space was made. */
struct fixture {
	struct vm *vm;
	u64 free_pages;
	u64 live;
};

static const struct pgtable *fixture_kernel(void)
{
	static struct pgtable kernel;

	kernel.root = page_paddr(page_alloc(0, 0, PAGE_ALLOC_ZERO));
	return &kernel;
}

static struct vm_config fixture_config(void)
{
	return (struct vm_config){
		.kernel = fixture_kernel(),
		.start = FIXTURE_START,
		.end = VM_TASK_END,
		.mmap_base = FIXTURE_MMAP_BASE,
		.limits = {
			.as = VM_UNLIMITED,
			.data = VM_UNLIMITED,
			.data_hard = VM_UNLIMITED,
			.stack = VM_UNLIMITED,
			.memlock = VM_UNLIMITED,
		},
		.huge_pages = true,
	};
}

static struct fixture fixture_create_nodes(u32 ncpus, u32 nnodes, u64 node_len)
{
	struct fixture fixture;
	struct vm_config config;

	shim_page_alloc_init(ncpus, nnodes, node_len);
	CHECK(!kmalloc_init());
	vm_ledger_init();
	config = fixture_config();
	kmalloc_drain();
	fixture.free_pages = shim_free_pages();
	fixture.live = kmalloc_live();
	CHECK(!vm_create(&config, &fixture.vm));
	return fixture;
}

static __maybe_unused struct fixture fixture_create(u32 ncpus, u64 node_len)
{
	return fixture_create_nodes(ncpus, 1, node_len);
}

/* What spaces hold in the ledger, objects that they share counted once. */
#define FIXTURE_MAX_OBJECTS 512

struct fixture_sum {
	const struct vm *vm;
	u64 npages;
	u32 nobjects;
	const struct vm_shmem *objects[FIXTURE_MAX_OBJECTS];
};

static bool fixture_is_new(struct fixture_sum *sum, const struct vm_shmem *shmem)
{
	for (u32 i = 0; i < sum->nobjects; i++) {
		if (sum->objects[i] == shmem)
			return false;
	}
	CHECK(sum->nobjects < FIXTURE_MAX_OBJECTS);
	sum->objects[sum->nobjects++] = shmem;
	return true;
}

static int fixture_count_booked(const struct vm_range *range, void *ctx)
{
	struct fixture_sum *sum = ctx;
	const struct vm_node *node = &range->node;
	const struct vm_shmem *shmem = vm_shmem_of(range);
	const struct vm *outer = sum->vm;

	CHECK(!shmem || !(range->flags & VM_ACCOUNT));
	if (!shmem) {
		if (range->flags & VM_ACCOUNT)
			sum->npages += (node->end - node->start) >> PAGE_SHIFT;
	} else if (fixture_is_new(sum, shmem)) {
		sum->vm = shmem->pages;
		vm_check(shmem->pages);
		CHECK(!vm_for_each(shmem->pages, fixture_count_booked, sum));
		sum->vm = outer;
	}
	return 0;
}

/* Pages of all blocks that are booked. */
static u64 fixture_blocks_booked(void)
{
	u64 npages = 0;

	for (u32 c = 0; c < page_chunk_count(); c++) {
		const struct page_chunk *chunk = page_chunk_get(c);
		u64 n = (chunk->end - chunk->start) >> PAGE_SHIFT;

		for (const struct page *page = chunk->pages; page < chunk->pages + n; page++) {
			if (page->state == PAGE_USED && page->booked)
				npages += 1ULL << page->order;
		}
	}
	return npages;
}

/* All that must always be true of the only spaces that there are. */
static void fixture_check_all(struct vm *const *vms, u32 n)
{
	static struct fixture_sum sum;

	sum = (struct fixture_sum){ .npages = 0 };
	for (u32 i = 0; i < n; i++) {
		if (!vms[i])
			continue;
		sum.vm = vms[i];
		vm_check(vms[i]);
		CHECK(!vm_for_each(vms[i], fixture_count_booked, &sum));
	}
	CHECK_EQ(vm_ledger_used(), sum.npages + fixture_blocks_booked());
}

static void fixture_check(struct vm *vm)
{
	fixture_check_all(&vm, 1);
}

static void fixture_destroy(struct fixture *fixture)
{
	fixture_check(fixture->vm);
	vm_put(fixture->vm);
	kmalloc_drain();
	CHECK_EQ(vm_ledger_used(), 0);
	CHECK_EQ(kmalloc_live(), fixture->live);
	CHECK_EQ(shim_free_pages(), fixture->free_pages);
	page_check(0);
}

static __maybe_unused int fixture_map(struct vm *vm, vaddr_t addr, u64 len, u32 prot, u32 flags,
				      vaddr_t *out)
{
	const struct vm_map_args args = {
		.addr = addr, .len = len, .prot = prot, .flags = flags | MAP_ANONYMOUS,
	};

	return vm_map(vm, &args, out);
}

#endif
