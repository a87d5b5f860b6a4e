// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls on several address spaces that are forked from each other, against the model:
 * each call does in both what it should, or fails and leaves everything as it was.
 */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <string.h>

#include "lwk/mm/vm_cow.h"
#include "tests/unit/vm_fork_model.h"

#define ROUNDS 8000

struct request {
	struct space *space;
	u64 first;
	u64 count;
	u32 prot;
	u64 to; /* remap */
	int advice;
	u32 flags;
	bool refused; /* fork: no promise is to be had */
};

/* Do mappings try it first with nothing left to be promised? */
static bool tight;

/* Forks that went on without a promise. */
static u64 unpromised;

/* Of the next fork, by foresee(): pages that it copies at most, and that it is to promise. */
static u64 copied, promised;

static void set_pages(const struct request *r, struct model_page page)
{
	forget_pins(r->space, r->first, r->count);
	for (u64 i = 0; i < r->count; i++, page.index++)
		r->space->model[r->first + i] = page;
}

static int map_private(const struct request *r)
{
	vaddr_t addr;

	return fixture_map(r->space->vm, page_va(r->first), r->count * PAGE_LEN, r->prot,
			   MAP_PRIVATE | MAP_FIXED | r->flags, &addr);
}

static int do_map(const struct request *r)
{
	u64 limit = vm_ledger_limit();
	u64 used = vm_ledger_used();
	int err;

	if (!tight)
		return map_private(r);
	/* There may be room enough in what it replaces. */
	vm_ledger_set_limit(used);
	err = map_private(r);
	vm_ledger_set_limit(limit);
	if (!err) {
		CHECK(vm_ledger_used() <= used);
		return 0;
	}
	CHECK(err == -ENOMEM && vm_ledger_used() == used);
	return map_private(r);
}

static void model_map(const struct request *r)
{
	set_pages(r, (struct model_page){ .mapped = true, .prot = r->prot });
}

static int do_map_shared(const struct request *r)
{
	vaddr_t addr;

	return fixture_map(r->space->vm, page_va(r->first), r->count * PAGE_LEN, r->prot,
			   MAP_SHARED | MAP_FIXED | r->flags, &addr);
}

/* The model's objects are kept to the end: there are not so many. */
static void model_map_shared(const struct request *r)
{
	struct object *object = calloc(1, sizeof(*object));

	object->next = objects;
	objects = object;
	object->npages = r->count;
	set_pages(r, (struct model_page){ .mapped = true, .prot = r->prot, .object = object });
}

static int do_unmap(const struct request *r)
{
	struct vm *vm = r->space->vm;
	int err = vm_unmap_own(vm, page_va(r->first), r->count * PAGE_LEN);

	return err == -EXDEV ? vm_unmap(vm, page_va(r->first), r->count * PAGE_LEN) : err;
}

static void model_unmap(const struct request *r)
{
	forget_pins(r->space, r->first, r->count);
	memset(&r->space->model[r->first], 0, r->count * sizeof(r->space->model[0]));
}

static int do_protect(const struct request *r)
{
	return vm_protect(r->space->vm, page_va(r->first), r->count * PAGE_LEN, r->prot);
}

/* Up to the first hole. */
static void model_protect(const struct request *r)
{
	struct model_page *m = &r->space->model[r->first];

	for (u64 i = 0; i < r->count && m[i].mapped; i++)
		m[i].prot = r->prot;
}

static int do_remap(const struct request *r)
{
	const struct vm_remap_args args = {
		.addr = page_va(r->first),
		.old_len = r->count * PAGE_LEN,
		.new_len = r->count * PAGE_LEN,
		.flags = MREMAP_MAYMOVE | MREMAP_FIXED | r->flags,
		.new_addr = page_va(r->to),
	};
	vaddr_t addr;

	return vm_remap(r->space->vm, &args, &addr);
}

static void model_remap(const struct request *r)
{
	static struct model_page moved[PAGES];
	struct model_page *m = r->space->model;

	forget_pins(r->space, r->to, r->count);
	memcpy(moved, &m[r->first], r->count * sizeof(moved[0]));
	if (r->flags & MREMAP_DONTUNMAP) {
		forget_pins(r->space, r->first, r->count);
		for (u64 i = r->first; i < r->first + r->count; i++)
			m[i].tag = 0;
	} else {
		model_unmap(r);
	}
	memcpy(&m[r->to], moved, r->count * sizeof(moved[0]));
}

/* A second mapping of shared memory, which may reach beyond its end. */
static int do_duplicate(const struct request *r)
{
	const struct vm_remap_args args = {
		.addr = page_va(r->first),
		.new_len = r->count * PAGE_LEN,
		.flags = MREMAP_MAYMOVE | MREMAP_FIXED,
		.new_addr = page_va(r->to),
	};
	const struct model_page *m = &r->space->model[r->first];
	vaddr_t addr;
	int err = vm_remap(r->space->vm, &args, &addr);

	if (err == -ENOMEM)
		return err;
	if (!m->mapped)
		CHECK_EQ(err, -EFAULT);
	else if (!m->object || (r->to < r->first && r->to + r->count > r->first))
		CHECK_EQ(err, -EINVAL);
	else
		CHECK_EQ(err, r->to == r->first ? -EFAULT : 0);
	/* In its own place it has destroyed itself. */
	if (m->object && r->to == r->first)
		model_unmap(r);
	return err;
}

static void model_duplicate(const struct request *r)
{
	struct model_page page = r->space->model[r->first];
	struct request target = *r;

	page.tag = 0;
	target.first = r->to;
	set_pages(&target, page);
}

static int do_advise(const struct request *r)
{
	return vm_advise(r->space->vm, page_va(r->first), r->count * PAGE_LEN, r->advice);
}

static bool refuses(const struct model_page *m, int advice)
{
	if (advice == MADV_REMOVE)
		return !m->object;
	return (advice == MADV_FREE || advice == MADV_WIPEONFORK) && m->object;
}

/* Up to the first range that refuses; past holes. */
static void model_advise(const struct request *r)
{
	for (u64 i = r->first; i < r->first + r->count; i++) {
		struct model_page *m = &r->space->model[i];

		if (!m->mapped)
			continue;
		if (refuses(m, r->advice))
			return;
		if (r->advice == MADV_DONTNEED || r->advice == MADV_FREE) {
			m->tag = 0;
			forget_pins(r->space, i, 1);
		} else if (r->advice == MADV_REMOVE && m->index < m->object->npages) {
			m->object->tags[m->index] = 0;
		}
		if (r->advice == MADV_DONTFORK || r->advice == MADV_DOFORK)
			m->dontfork = r->advice == MADV_DONTFORK;
		if (r->advice == MADV_WIPEONFORK || r->advice == MADV_KEEPONFORK)
			m->wipe = r->advice == MADV_WIPEONFORK;
	}
}

static struct space *free_slot(void)
{
	for (u32 s = 0; s < SPACES; s++) {
		if (!spaces[s].vm)
			return &spaces[s];
	}
	return NULL;
}

static void count_kept(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	const struct page *block = vm_page_block(pte_paddr(*entry));
	u64 *npages = ctx;

	(void)va;
	if (!(*entry & PTE_COW) && (block->order != 9 * level || vm_cow_is_shared(block)))
		*npages += 1ULL << 9 * level;
}

/* What is kept is copied, and what is cut. */
static int foresee(const struct vm_range *range, void *ctx)
{
	const struct space *space = ctx;

	if (range->flags & (VM_DONTFORK | VM_WIPEONFORK))
		copied += 2 * 512;
	if ((range->flags & VM_ACCOUNT) && !(range->flags & VM_DONTFORK))
		promised += vm_range_npages(range);
	if (!(range->flags & VM_SHARED))
		vm_pt_for_each(space->vm, range->node.start, range->node.end, count_kept,
			       &copied);
	return 0;
}

static int do_fork(const struct request *r)
{
	struct space *child = free_slot();
	u64 limit = vm_ledger_limit();
	int err;

	if (!child)
		return 0;
	copied = promised = 0;
	CHECK(!vm_for_each(r->space->vm, foresee, r->space));
	if (r->refused && promised > copied)
		vm_ledger_set_limit(vm_ledger_used() + copied);
	err = vm_fork(r->space->vm, false, &child->vm);
	if (!err && vm_ledger_limit() < limit) {
		CHECK(!vm_promised(child->vm, 0, VM_TASK_END));
		unpromised++;
	}
	vm_ledger_set_limit(limit);
	return err;
}

static void model_fork(const struct request *r)
{
	for (u32 s = 0; s < SPACES; s++) {
		struct space *child = &spaces[s];

		if (!child->vm || child->known)
			continue;
		adopt(child);
		memcpy(child->model, r->space->model, sizeof(child->model));
		for (u64 i = 0; i < PAGES; i++) {
			if (child->model[i].wipe)
				child->model[i].tag = 0;
			if (child->model[i].dontfork)
				child->model[i] = (struct model_page){ .mapped = false };
		}
	}
}

static void end(struct space *space)
{
	forget_pins(space, 0, PAGES);
	memset(space->tlb, 0, sizeof(space->tlb));
	memset(space->linux_map, 0, sizeof(space->linux_map));
	memset(space->model, 0, sizeof(space->model));
	vm_put(space->vm);
	space->vm = NULL;
	space->known = false;
}

/* Of several, one ends; the first space, which the fixture checks, stays. */
static int do_end(const struct request *r)
{
	if (r->space != &spaces[0])
		end(r->space);
	return 0;
}

static void model_nothing(const struct request *r)
{
	(void)r;
}

/* partial: goes on beyond holes, or stops there, but reports them */
static const struct operation {
	int (*run)(const struct request *r);
	void (*model)(const struct request *r);
	bool partial;
} operations[] = {
	{ do_map, model_map, false },
	{ do_map_shared, model_map_shared, false },
	{ do_unmap, model_unmap, false },
	{ do_protect, model_protect, true },
	{ do_protect, model_protect, true },
	{ do_remap, model_remap, false },
	{ do_duplicate, model_duplicate, false },
	{ do_advise, model_advise, true },
	{ do_advise, model_advise, true },
	{ do_fork, model_fork, false },
	{ do_fork, model_fork, false },
	{ do_end, model_nothing, false },
};

static struct space *random_space(struct unit_random *rng)
{
	struct space *space;

	do
		space = &spaces[unit_random(rng, SPACES)];
	while (!space->vm);
	return space;
}

static struct request random_request(struct unit_random *rng)
{
	static const int advice[] = { MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK,
				      MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK,
				      MADV_NORMAL, MADV_NOHUGEPAGE, MADV_HUGEPAGE };
	struct request r = { .space = random_space(rng), .prot = (u32)unit_random(rng, 8) };

	/* Sometimes aligned so that large pages fit, sometimes not. */
	if (unit_random(rng, 2)) {
		r.first = unit_random(rng, PAGES);
		r.count = unit_random(rng, MIN(700ULL, PAGES - r.first)) + 1;
		r.to = unit_random(rng, PAGES - r.count + 1);
	} else {
		r.first = unit_random(rng, 3) * 512;
		r.count = 512 * (unit_random(rng, 3 - r.first / 512) + 1);
		r.to = unit_random(rng, (1536 - r.count) / 512 + 1) * 512;
	}
	r.refused = unit_random(rng, 2);
	if (unit_random(rng, 3))
		r.prot = RW;
	if (!unit_random(rng, 4))
		r.flags = MAP_NORESERVE;
	r.advice = advice[unit_random(rng, ARRAY_SIZE(advice))];
	return r;
}

static int sum_up(const struct vm_range *range, void *ctx)
{
	u64 *hash = ctx;

	*hash = (*hash ^ range->node.start) * 0x9e3779b97f4a7c15ULL;
	*hash = (*hash ^ range->node.end) * 0x9e3779b97f4a7c15ULL;
	*hash = (*hash ^ range->flags) * 0x9e3779b97f4a7c15ULL;
	return 0;
}

static u64 layout(void)
{
	u64 hash = vm_ledger_used();

	for (u32 s = 0; s < SPACES; s++) {
		if (spaces[s].vm)
			CHECK(!vm_for_each(spaces[s].vm, sum_up, &hash));
	}
	return hash;
}

/* As in test_vm_model.c: each failure must leave everything as it was. */
static int run_failing(const struct operation *op, const struct request *r)
{
	u64 before = layout();
	bool failed;
	int err;

	for (u64 n = 0;; n++) {
		shim_fail_nth(n);
		err = op->run(r);
		failed = shim_failed();
		if (!failed || err != -ENOMEM || layout() != before)
			return err;
		check_all();
	}
}

static bool is_mapped(const struct request *r)
{
	for (u64 i = r->first; i < r->first + r->count; i++) {
		if (!r->space->model[i].mapped)
			return false;
	}
	return true;
}

static void step(struct unit_random *rng, bool failing)
{
	struct request r = random_request(rng);
	const struct operation *op = &operations[unit_random(rng, ARRAY_SIZE(operations))];
	bool mapped = is_mapped(&r);
	int err;

	if (op->run == do_remap)
		r.flags = unit_random(rng, 4) ? 0 : MREMAP_DONTUNMAP;
	err = failing ? run_failing(op, &r) : op->run(&r);
	if (op->run == do_advise)
		CHECK(err == -EINVAL || err == (mapped ? 0 : -ENOMEM));
	else if (op->run == do_remap || op->run == do_duplicate)
		CHECK(!err || err == -EFAULT || err == -EINVAL);
	else
		CHECK_EQ(err, op->partial && !mapped ? -ENOMEM : 0);
	if (!err || op->partial)
		op->model(&r);
}

static void run(u64 seed, u32 rounds, bool failing)
{
	struct unit_random rng = { seed };

	init();
	tight = !failing;
	for (u32 round = 0; round < rounds; round++) {
		step(&rng, failing);
		for (u32 i = 0; i < 30; i++)
			use(&rng, random_space(&rng), failing && i < 5);
		for (u32 i = 0; i < 3; i++) {
			use_pin(&rng, random_space(&rng));
			use_linux(&rng, random_space(&rng));
		}
		if (round % 8 == 0)
			check_all();
	}
	for (u32 i = 0; i < PINS; i++) {
		if (pins[i].page)
			vm_put_page(pins[i].page);
	}
	for (u32 s = 1; s < SPACES; s++) {
		if (spaces[s].vm)
			end(&spaces[s]);
	}
	CHECK(unpromised >= rounds / 200);
	CHECK(!vm_unmap(fixture.vm, BASE, PAGES * PAGE_LEN));
	fixture_destroy(&fixture);
	while (objects) {
		struct object *object = objects;

		objects = object->next;
		free(object);
	}
}

static void random_use(void)
{
	run(11, ROUNDS, false);
}

static void every_failure(void)
{
	run(12, ROUNDS / 8, true);
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_use),
	UNIT_TEST(every_failure),
};

UNIT_MAIN(tests)
