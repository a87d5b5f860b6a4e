/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of address spaces that are forked from each other: arrays with one entry per page,
 * what is mapped, what it allows, what it holds and who shares it. Each space has a TLB made of
 * software, as in test_vm_model.c; so a missing flush shows as a read of what was overwritten
 * elsewhere, or as a write that another space sees. Linux has a mapping of each space likewise,
 * which forgets only what it is told to.
 */
#ifndef UNIT_VM_FORK_MODEL_H
#define UNIT_VM_FORK_MODEL_H

#include <errno.h>

#include "lwk/include/mm/vm_calls.h"
#include "tests/unit/vm_fixture.h"

#define NODE_LEN (512ULL << 20)
#define BASE 0x40000000ULL
#define PAGES 1600U
#define SPACES 4U
#define PINS 6U
#define RW (PROT_READ | PROT_WRITE)

/* What a shared mapping is of: index of a page in @tags; pages never move in there. */
struct object {
	struct object *next;
	u64 npages;
	u64 tags[PAGES];
};

struct model_page {
	bool mapped;
	u32 prot;
	bool dontfork;
	bool wipe;
	u64 tag; /* what was written last; 0: never; private memory only */
	struct object *object; /* of shared memory */
	u64 index;
};

struct translation {
	bool valid;
	bool writable;
	paddr_t pa;
};

struct space {
	struct vm *vm;
	bool known; /* @model is its */
	struct model_page model[PAGES];
	struct translation tlb[PAGES];
	struct translation linux_map[PAGES];
};

/* A kept page, and where it is as long as it is the page there. */
struct pin {
	struct page *page;
	struct space *space;
	u64 index;
};

static struct fixture fixture;
static struct space spaces[SPACES];
static struct pin pins[PINS];
static struct object *objects;
static u64 next_tag;

static __maybe_unused vaddr_t page_va(u64 page)
{
	return BASE + page * PAGE_LEN;
}

static __maybe_unused void flush_hook(paddr_t root, vaddr_t start, u64 len)
{
	for (u32 s = 0; s < SPACES; s++) {
		if (!spaces[s].vm || spaces[s].vm->pt.root != root)
			continue;
		for (u64 i = 0; i < PAGES; i++) {
			struct translation *t = &spaces[s].tlb[i];

			if (!t->valid || page_va(i) < start || page_va(i) >= start + len)
				continue;
			CHECK(READ_ONCE(vm_page_block(t->pa)->refcount) > 0);
			t->valid = false;
		}
	}
}

static __maybe_unused void revoke_hook(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct space *space = vm->owner;

	for (u64 i = 0; i < PAGES; i++) {
		if (page_va(i) >= start && page_va(i) < end)
			space->linux_map[i].valid = false;
	}
}

static __maybe_unused void adopt(struct space *space)
{
	space->vm->revoke = revoke_hook;
	space->vm->owner = space;
	space->known = true;
}

static __maybe_unused void check_all(void)
{
	struct vm *vms[SPACES];

	for (u32 s = 0; s < SPACES; s++)
		vms[s] = spaces[s].vm;
	fixture_check_all(vms, SPACES);
}

static __maybe_unused void init(void)
{
	fixture = fixture_create(1, NODE_LEN);
	spaces[0].vm = fixture.vm;
	adopt(&spaces[0]);
	shim_tlb_user_hook = flush_hook;
}

static __maybe_unused u64 *tag_of(struct model_page *m)
{
	return m->object ? &m->object->tags[m->index] : &m->tag;
}

/* What a fault on a page must say. */
static __maybe_unused int expected(const struct model_page *m, bool write)
{
	if (!m->mapped)
		return -EFAULT;
	if (!(write ? m->prot & PROT_WRITE : m->prot))
		return -EACCES;
	return m->object && m->index >= m->object->npages ? -ENXIO : 0;
}

/* As the processor: translate, faulting if need be. Returns the page or NULL. */
static __maybe_unused u64 *access_page(struct space *space, u64 page, bool write)
{
	struct translation *t = &space->tlb[page];
	u32 level;
	pte_t pte;
	int err;

	if (!t->valid || (write && !t->writable)) {
		err = vm_fault(space->vm, page_va(page), write ? VM_WRITE : VM_READ);
		if (err == -ENOMEM)
			return NULL;
		CHECK_EQ(err, expected(&space->model[page], write));
		if (err)
			return NULL;
		pte = vm_pt_lookup(space->vm, page_va(page), &level);
		CHECK(vm_pte_is_leaf(pte, level) &&
		      vm_pte_allows(pte, write ? VM_WRITE : VM_READ));
		t->valid = true;
		t->writable = pte & PTE_WRITE;
		t->pa = pte_paddr(pte) + (page_va(page) & (level_len(level) - 1));
	}
	CHECK(READ_ONCE(vm_page_block(t->pa)->refcount) > 0);
	return phys_to_virt(t->pa);
}

/* With nothing left in the ledger: what was promised is to be had, if there is a page table. */
static __maybe_unused u64 *access_without_more(struct space *space, u64 page, bool write)
{
	const struct vm_range *range = vm_range_find(space->vm, page_va(page));
	u64 limit = vm_ledger_limit();
	u64 *words;

	vm_ledger_set_limit(vm_ledger_used());
	words = access_page(space, page, write);
	vm_ledger_set_limit(limit);
	if (!words && !expected(&space->model[page], write))
		CHECK(vm_shmem_of(range) || !(range->flags & VM_ACCOUNT));
	return words;
}

static __maybe_unused void use(struct unit_random *rng, struct space *space, bool failing)
{
	u64 page = unit_random(rng, PAGES);
	bool write = unit_random(rng, 2);
	struct model_page *m = &space->model[page];
	u64 *words = NULL;

	if (!failing && !unit_random(rng, 4))
		words = access_without_more(space, page, write);
	for (u64 n = 0; !words; n++) {
		shim_fail_nth(failing ? n : ~0ULL);
		words = access_page(space, page, write);
		/* Not for want of memory, then. */
		if (!shim_failed() && !words) {
			CHECK(expected(m, write));
			return;
		}
	}
	CHECK(!expected(m, write));
	CHECK_EQ(words[3], *tag_of(m));
	if (write) {
		*tag_of(m) = ++next_tag;
		words[3] = *tag_of(m);
	}
}

/* Linux has faulted on a page: it maps that, and what comes with it. */
static __maybe_unused void let_linux_map(struct space *space, u64 page, bool write)
{
	struct vm_extent extent;
	int err = vm_share(space->vm, page_va(page), write, &extent);

	CHECK_EQ(err, expected(&space->model[page], write));
	if (err)
		return;
	CHECK(page_va(page) >= extent.start &&
	      page_va(page) < extent.start + extent.npages * PAGE_LEN);
	for (u64 i = 0; i < extent.npages; i++) {
		u64 at = (extent.start - BASE) / PAGE_LEN + i;

		CHECK(at < PAGES && !expected(&space->model[at], extent.write));
		space->linux_map[at] = (struct translation){
			true, extent.write, extent.paddr + i * PAGE_LEN,
		};
	}
}

static __maybe_unused void use_linux(struct unit_random *rng, struct space *space)
{
	u64 page = unit_random(rng, PAGES);
	bool write = unit_random(rng, 2);
	struct translation *t = &space->linux_map[page];
	struct model_page *m = &space->model[page];
	u64 *words;

	if (!t->valid || (write && !t->writable))
		let_linux_map(space, page, write);
	if (!t->valid || (write && !t->writable))
		return;
	CHECK_EQ(expected(m, write), 0);
	words = phys_to_virt(t->pa);
	CHECK_EQ(words[3], *tag_of(m));
	if (write) {
		*tag_of(m) = ++next_tag;
		words[3] = *tag_of(m);
	}
}

/* Pages of [first, first + count) are not any more what they were. */
static __maybe_unused void forget_pins(const struct space *space, u64 first, u64 count)
{
	for (u32 i = 0; i < PINS; i++) {
		if (pins[i].space == space && pins[i].index >= first &&
		    pins[i].index < first + count)
			pins[i].space = NULL;
	}
}

/* Keep a page, use one that is kept, or let go of it. */
static __maybe_unused void use_pin(struct unit_random *rng, struct space *space)
{
	struct pin *pin = &pins[unit_random(rng, PINS)];
	u64 page = unit_random(rng, PAGES);
	bool write = unit_random(rng, 2);
	struct model_page *m;
	u64 *words;

	if (!pin->page) {
		m = &space->model[page];
		CHECK_EQ(vm_get_page(space->vm, page_va(page), write, &pin->page),
			 expected(m, write));
		pin->space = pin->page && !m->object ? space : NULL;
		pin->index = page;
	} else if (unit_random(rng, 3)) {
		words = page_virt(pin->page);
		if (!pin->space)
			return;
		m = &pin->space->model[pin->index];
		CHECK_EQ(words[3], m->tag);
		if (m->prot & PROT_WRITE) {
			m->tag = ++next_tag;
			words[3] = m->tag;
		}
	} else {
		vm_put_page(pin->page);
		pin->page = NULL;
	}
}

#endif /* UNIT_VM_FORK_MODEL_H */
