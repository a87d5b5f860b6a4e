// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls on an address space, against an array with one entry per page: what
 * is mapped, what it allows, what it holds. Each access goes through a TLB made of
 * software, which forgets only what arch_tlb_flush_user() names; so a
 * missing flush shows as an access that should have faulted, and a page freed
 * before its flush as a translation to free memory. Another such TLB is Linux's: it gets what
 * vm_share() says, and forgets only what is revoked.
 */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x40000000ULL
#define PAGES 2600U
#define ROUNDS 6000
#define MAX_RANGES 4096

struct model_page {
	bool mapped;
	u32 prot;
	u64 tag; /* what was written last; 0: never */
};

struct translation {
	bool valid;
	bool writable;
	paddr_t pa;
};

static struct fixture fixture;
static struct vm *vm;
static struct model_page model[PAGES];
static struct translation tlb[PAGES];
static struct translation linux_tlb[PAGES];
static u64 next_tag;

static vaddr_t page_va(u64 page)
{
	return BASE + page * PAGE_LEN;
}

/* What the TLB still knows must be memory that nobody else can have. */
static void flush_hook(paddr_t root, vaddr_t start, u64 len)
{
	CHECK(root == vm->pt.root);
	for (u64 i = 0; i < PAGES; i++) {
		if (!tlb[i].valid || page_va(i) < start || page_va(i) >= start + len)
			continue;
		CHECK(READ_ONCE(vm_page_block(tlb[i].pa)->refcount) > 0);
		tlb[i].valid = false;
	}
}

static void revoke_hook(struct vm *revoked, vaddr_t start, vaddr_t end)
{
	CHECK(revoked == vm && start < end);
	for (u64 i = 0; i < PAGES; i++) {
		if (!linux_tlb[i].valid || page_va(i) < start || page_va(i) >= end)
			continue;
		CHECK(READ_ONCE(vm_page_block(linux_tlb[i].pa)->refcount) > 0);
		linux_tlb[i].valid = false;
	}
}

static void init(void)
{
	fixture = fixture_create(1, NODE_LEN);
	vm = fixture.vm;
	vm->revoke = revoke_hook;
	shim_tlb_user_hook = flush_hook;
}

/* As the processor: translate, faulting if need be. Returns the page or NULL. */
static u64 *access_page(u64 page, bool write)
{
	struct translation *t = &tlb[page];
	u32 level;
	pte_t pte;
	int err;

	if (!t->valid || (write && !t->writable)) {
		err = vm_fault(vm, page_va(page), write ? VM_WRITE : VM_READ);
		if (err) {
			CHECK_EQ(err, model[page].mapped ? -EACCES : -EFAULT);
			return NULL;
		}
		pte = vm_pt_lookup(vm, page_va(page), &level);
		CHECK(vm_pte_is_leaf(pte, level) && vm_pte_allows(pte, VM_READ));
		t->valid = true;
		t->writable = pte & PTE_WRITE;
		t->pa = pte_paddr(pte) + (page_va(page) & (level_len(level) - 1));
	}
	CHECK(READ_ONCE(vm_page_block(t->pa)->refcount) > 0);
	return phys_to_virt(t->pa);
}

static void use(struct unit_random *rng)
{
	u64 page = unit_random(rng, PAGES);
	bool write = unit_random(rng, 2);
	u64 *words = access_page(page, write);
	struct model_page *m = &model[page];

	if (!words) {
		CHECK(!m->mapped || !(write ? m->prot & PROT_WRITE : m->prot));
		return;
	}
	CHECK(m->mapped && (write ? m->prot & PROT_WRITE : m->prot));
	CHECK_EQ(words[3], m->tag);
	if (write) {
		m->tag = ++next_tag;
		words[3] = m->tag;
	}
}

/* Linux touches a page: it may map whatever comes along. */
static void share(struct unit_random *rng)
{
	u64 page = unit_random(rng, PAGES);
	bool write = unit_random(rng, 2);
	struct vm_extent extent;
	int err = vm_share(vm, page_va(page) + unit_random(rng, PAGE_LEN), write, &extent);

	if (err) {
		CHECK_EQ(err, model[page].mapped ? -EACCES : -EFAULT);
		CHECK(!model[page].mapped ||
		      !(write ? model[page].prot & PROT_WRITE : model[page].prot));
		return;
	}
	CHECK(extent.npages >= 1 && extent.npages <= VM_EXTENT_MAX && (extent.write || !write));
	CHECK(page_va(page) >= extent.start &&
	      page_va(page) < extent.start + extent.npages * PAGE_LEN);
	for (u64 i = 0; i < extent.npages; i++) {
		u64 shared = (extent.start - BASE) / PAGE_LEN + i;

		CHECK(shared < PAGES);
		linux_tlb[shared] = (struct translation){
			.valid = true,
			.writable = extent.write,
			.pa = extent.paddr + i * PAGE_LEN,
		};
	}
}

/* What Linux maps is what the program has there, and no more than that allows. */
static void check_linux(void)
{
	for (u64 i = 0; i < PAGES; i++) {
		const u64 *words = phys_to_virt(linux_tlb[i].pa);

		if (!linux_tlb[i].valid)
			continue;
		CHECK(READ_ONCE(vm_page_block(linux_tlb[i].pa)->refcount) > 0);
		CHECK(model[i].mapped && model[i].prot);
		CHECK(!linux_tlb[i].writable || (model[i].prot & PROT_WRITE));
		CHECK_EQ(words[3], model[i].tag);
	}
}

struct request {
	u64 first;
	u64 count;
	u32 prot;
	u64 to; /* remap */
	int advice;
	u32 flags;
};

static void model_map(const struct request *r)
{
	for (u64 i = r->first; i < r->first + r->count; i++)
		model[i] = (struct model_page){ true, r->prot, 0 };
}

static int do_map(const struct request *r)
{
	vaddr_t addr;

	return fixture_map(vm, page_va(r->first), r->count * PAGE_LEN, r->prot,
			   MAP_PRIVATE | MAP_FIXED | r->flags, &addr);
}

static int do_unmap(const struct request *r)
{
	int err = vm_unmap_own(vm, page_va(r->first), r->count * PAGE_LEN);

	return err == -EXDEV ? vm_unmap(vm, page_va(r->first), r->count * PAGE_LEN) : err;
}

static void model_unmap(const struct request *r)
{
	memset(&model[r->first], 0, r->count * sizeof(model[0]));
}

static int do_protect(const struct request *r)
{
	return vm_protect_own(vm, page_va(r->first), r->count * PAGE_LEN, r->prot, VM_PKEY_SAME);
}

/* Up to the first hole. */
static void model_protect(const struct request *r)
{
	for (u64 i = r->first; i < r->first + r->count && model[i].mapped; i++)
		model[i].prot = r->prot;
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

	return vm_remap(vm, &args, &addr);
}

static void model_remap(const struct request *r)
{
	static struct model_page moved[PAGES];

	memcpy(moved, &model[r->first], r->count * sizeof(moved[0]));
	if (r->flags & MREMAP_DONTUNMAP) {
		for (u64 i = r->first; i < r->first + r->count; i++)
			model[i].tag = 0;
	} else {
		model_unmap(r);
	}
	memcpy(&model[r->to], moved, r->count * sizeof(moved[0]));
}

static int do_advise(const struct request *r)
{
	return vm_advise(vm, page_va(r->first), r->count * PAGE_LEN, r->advice);
}

static void model_advise(const struct request *r)
{
	if (r->advice != MADV_DONTNEED && r->advice != MADV_FREE)
		return;
	for (u64 i = r->first; i < r->first + r->count; i++)
		model[i].tag = 0;
}

static int do_mlock(const struct request *r)
{
	return vm_mlock(vm, page_va(r->first), r->count * PAGE_LEN, MLOCK_ONFAULT);
}

static int do_munlock(const struct request *r)
{
	return vm_munlock(vm, page_va(r->first), r->count * PAGE_LEN);
}

static void model_nothing(const struct request *r)
{
	(void)r;
}

/*
 * hole: what a hole in the range gives, and then the model is still told
 * locks: the call leaves locks behind, which DONTNEED would refuse
 */
static const struct operation {
	int (*run)(const struct request *r);
	void (*model)(const struct request *r);
	bool partial;
} operations[] = {
	{ do_map, model_map, false },
	{ do_map, model_map, false },
	{ do_unmap, model_unmap, false },
	{ do_protect, model_protect, true },
	{ do_protect, model_protect, true },
	{ do_remap, model_remap, false },
	{ do_advise, model_advise, true },
	{ do_mlock, model_nothing, true },
	{ do_munlock, model_nothing, true },
};

static struct request random_request(struct unit_random *rng)
{
	static const int advice[] = { MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_DONTFORK,
				      MADV_NOHUGEPAGE, MADV_NORMAL, MADV_COLLAPSE };
	struct request r = { .prot = (u32)unit_random(rng, 8) };

	/* Sometimes aligned so that large pages fit, sometimes not. */
	if (unit_random(rng, 3)) {
		r.first = unit_random(rng, PAGES);
		r.count = unit_random(rng, MIN(900ULL, PAGES - r.first)) + 1;
		r.to = unit_random(rng, PAGES - r.count + 1);
	} else {
		r.first = unit_random(rng, 4) * 512;
		r.count = 512 * (unit_random(rng, 5 - r.first / 512) + 1);
		r.count = MIN(r.count, 2560 - r.first);
		r.to = unit_random(rng, (2560 - r.count) / 512 + 1) * 512;
	}
	if (unit_random(rng, 2))
		r.prot = PROT_READ | PROT_WRITE;
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

	CHECK(!vm_for_each(vm, sum_up, &hash));
	return hash;
}

/*
 * Run an operation with each of its allocations failing in turn, until it does not
 * fail for want of memory. Each failure must leave everything as it was.
 */
static int run_failing(const struct operation *op, const struct request *r)
{
	u64 before = layout();
	bool failed;
	int err;

	for (u64 n = 0;; n++) {
		shim_fail_nth(n);
		err = op->run(r);
		failed = shim_failed();
		if (!failed || err != -ENOMEM)
			return err;
		/* ENOMEM may also be the answer for a hole, which came through. */
		if (layout() != before)
			return err;
		fixture_check(vm);
	}
}

static bool is_mapped(const struct request *r)
{
	for (u64 i = r->first; i < r->first + r->count; i++) {
		if (!model[i].mapped)
			return false;
	}
	return true;
}

static void step(struct unit_random *rng, bool failing)
{
	struct request r = random_request(rng);
	u64 choice = unit_random(rng, ARRAY_SIZE(operations));
	const struct operation *op = &operations[choice];
	bool mapped = is_mapped(&r);
	int err;

	if (op->run == do_remap && !unit_random(rng, 4))
		r.flags = MREMAP_DONTUNMAP;
	if (op->run == do_map && !unit_random(rng, 3))
		r.flags = unit_random(rng, 2) ? MAP_NORESERVE : MAP_POPULATE;
	err = failing ? run_failing(op, &r) : op->run(&r);
	/* A page is in use: nothing came of it. */
	if (op->run == do_advise && r.advice == MADV_COLLAPSE && err == -EAGAIN)
		err = mapped ? 0 : -ENOMEM;
	if (op->partial && !mapped)
		CHECK(err == -ENOMEM || (op->run == do_advise && err == -EINVAL));
	else if (op->run == do_remap)
		CHECK(!err || err == -EFAULT || err == -EINVAL);
	else if (op->run == do_advise)
		CHECK(!err || err == -EINVAL);
	else
		CHECK_EQ(err, 0);
	if (op->run == do_advise && err == -EINVAL) {
		/* A locked range in the middle: how far it came is not modelled. */
		CHECK(!vm_munlockall(vm));
		r.advice = MADV_DONTNEED;
		CHECK_EQ(do_advise(&r), mapped ? 0 : -ENOMEM);
	}
	if (!err || op->partial)
		op->model(&r);
}

static void run(u64 seed, u32 rounds, bool failing)
{
	struct unit_random rng = { seed };

	init();
	for (u32 round = 0; round < rounds; round++) {
		step(&rng, failing);
		for (u32 i = 0; i < 20; i++)
			use(&rng);
		for (u32 i = 0; i < 4; i++)
			share(&rng);
		check_linux();
		if (round % 8 == 0)
			fixture_check(vm);
	}
	CHECK(!vm_unmap(vm, BASE, PAGES * PAGE_LEN));
	fixture_destroy(&fixture);
}

static void random_use(void)
{
	run(11, ROUNDS, false);
}

static void every_failure(void)
{
	run(12, ROUNDS / 4, true);
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_use),
	UNIT_TEST(every_failure),
};

UNIT_MAIN(tests)
