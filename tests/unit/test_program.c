// SPDX-License-Identifier: GPL-2.0-only
/* Load descriptors: what is refused, and where programs go. */
#include "lwk/include/proc/program.h"

#include <errno.h>

#include "lwk/include/mm/vm.h"
#include "tests/unit/program_sample.h"
#include "tests/unit/unit.h"

#define NCPUS 4
#define DYN_BASE 0x555555554000ULL

static int check(const struct program_load_desc *desc)
{
	return program_check(desc, sizeof(*desc), NCPUS);
}

static void sound_ones(void)
{
	struct program_load_desc desc = sample_dynamic();

	CHECK_EQ(check(&desc), 0);
	desc = sample_static();
	CHECK_EQ(check(&desc), 0);
	desc.cpu = NCPUS - 1;
	desc.phdr = 0;
	desc.vvar_start = desc.vvar_end = desc.vdso_start = desc.vdso_end = 0;
	CHECK_EQ(check(&desc), 0);
	CHECK_EQ(program_check(&desc, sizeof(desc) - 1, NCPUS), -EINVAL);
	CHECK_EQ(program_check(&desc, sizeof(desc) + 1, NCPUS), -EINVAL);
}

/* SPOIL() - a statement about a sound descriptor @d, and what it must be refused with. */
#define SPOIL(error, ...)                                                        \
	do {                                                                     \
		struct program_load_desc desc_ = sample_dynamic(), *d = &desc_;  \
		__VA_ARGS__;                                                     \
		CHECK_EQ(check(d), error);                                       \
	} while (0)

static void spoilt_headers(void)
{
	SPOIL(-EINVAL, d->magic++);
	SPOIL(-EPROTO, d->version++);
	SPOIL(-EINVAL, d->len--);
	SPOIL(-EINVAL, d->flags |= 1U << 31);
	SPOIL(-EINVAL, d->cpu = NCPUS);
	SPOIL(-EINVAL, d->cpu = -2);
	SPOIL(-EINVAL, d->cpus[0] = 1ULL << NCPUS);
	SPOIL(-EINVAL, d->cpus[ARRAY_SIZE(d->cpus) - 1] = 1ULL << 63);
	SPOIL(-EINVAL, (d->cpus[0] = 1, d->cpu = NCPUS - 1));
	SPOIL(-EINVAL, d->pid = 0);
	SPOIL(-EINVAL, d->vpid = 0);
	SPOIL(-EINVAL, d->secure = 2);
	SPOIL(-EINVAL, memset(d->comm, 'x', sizeof(d->comm)));
	SPOIL(-EINVAL, memset(d->platform, 'x', sizeof(d->platform)));
	SPOIL(-EINVAL, d->rlimits[5].max = 1);
	SPOIL(-EINVAL, d->entry = LWK_TASK_END);
	SPOIL(-EINVAL, d->interp_entry = ~0ULL);
}

static void spoilt_alignments(void)
{
	SPOIL(-EINVAL, d->align = 0);
	SPOIL(-EINVAL, d->align = 0x3000);
	SPOIL(-EINVAL, d->align = 1ULL << 63);
	SPOIL(-EINVAL, d->interp_align = 0);
	SPOIL(-EINVAL, d->interp_align = 0x1001);
	SPOIL(0, d->align = 1);
	SPOIL(0, d->align = 1 << 21);
}

static void spoilt_sections(void)
{
	SPOIL(-EINVAL, d->nsections = 0);
	SPOIL(-EINVAL, d->nsections = PROGRAM_MAX_SECTIONS + 1);
	SPOIL(-EINVAL, d->nsections = ~0U);
	SPOIL(-EINVAL, d->sections[1].memsz = 0);
	SPOIL(-EINVAL, d->sections[1].filesz = d->sections[1].memsz + 1);
	SPOIL(-EINVAL, d->sections[1].memsz = ~0ULL);
	SPOIL(-EINVAL, d->sections[1].memsz = LWK_TASK_END);
	SPOIL(-EINVAL, d->sections[1].vaddr = ~0ULL - 0xfff);
	SPOIL(-EINVAL, d->sections[1].vaddr = LWK_TASK_END);
	SPOIL(-EINVAL, d->sections[1].offset += 8);
	SPOIL(-EINVAL, d->sections[1].offset = ~0ULL - 0xfff, d->sections[1].filesz = 0x1000);
	SPOIL(-EINVAL, d->sections[1].prot |= 8);
	SPOIL(-EINVAL, d->sections[1].image = 2);
}

/* Only what nobody writes to, and comes whole from the file. */
static void spoilt_mapped_sections(void)
{
	SPOIL(0, d->sections[1].mapped = 1);
	SPOIL(-EINVAL, d->sections[1].mapped = 2);
	SPOIL(-EINVAL, d->sections[2].mapped = 1, d->sections[2].filesz = d->sections[2].memsz);
	SPOIL(-EINVAL, d->sections[1].mapped = 1, d->sections[1].filesz--);
}

static void spoilt_orders(void)
{
	/* Overlapping, descending, images mixed, too few, too many. */
	SPOIL(-EINVAL, d->sections[0].memsz = 0x1001);
	SPOIL(-EINVAL, d->sections[1].vaddr = 0x5000, d->sections[1].offset = 0x5000);
	SPOIL(-EINVAL, d->sections[1].image = PROGRAM_IMAGE_INTERP);
	SPOIL(-EINVAL, d->sections[4].image = PROGRAM_IMAGE_EXE);
	SPOIL(-EINVAL, d->flags &= ~PROGRAM_INTERP);
	SPOIL(-EINVAL, d->nsections = 3);
	SPOIL(0, d->nsections = 4);
	SPOIL(0, d->sections[0].memsz = 0x1000);
}

static void spoilt_program_headers(void)
{
	SPOIL(-EINVAL, d->phdr = 0x800);
	SPOIL(-EINVAL, d->phnum = 65536);
	SPOIL(-EINVAL, d->phnum = 1000);
	SPOIL(-EINVAL, d->phent = ~0U);
	SPOIL(-EINVAL, d->phdr = 0x26000);
}

static void spoilt_arguments(void)
{
	SPOIL(-EINVAL, d->argc = 0);
	SPOIL(-E2BIG, d->argc = PROGRAM_MAX_STRINGS + 1);
	SPOIL(-E2BIG, d->argc = ~0U);
	SPOIL(-E2BIG, d->envc = ~0U);
	SPOIL(-E2BIG, d->args_len = PROGRAM_MAX_ARGS_LEN + 1);
	SPOIL(-E2BIG, d->args_len = ~0ULL);
	SPOIL(-EINVAL, d->args_len = 5);
	SPOIL(0, d->args_len = 6);
}

static void spoilt_vdso(void)
{
	SPOIL(-EINVAL, d->vvar_end = d->vvar_start);
	SPOIL(-EINVAL, d->vvar_end = d->vvar_start - 0x1000);
	SPOIL(-EINVAL, d->vvar_start += 8);
	SPOIL(-EINVAL, d->vvar_end += 0x1000);
	SPOIL(-EINVAL, d->vdso_start = 0x10000);
	SPOIL(-EINVAL, d->vdso_end = 0);
	SPOIL(-EINVAL, d->vdso_end = LWK_TASK_END + 0x1000);
	SPOIL(-EINVAL, d->vdso_start = LWK_USER_END - 0x1000);
}

static void spoilt_clocks(void)
{
	const struct program_clocks good = {
		.data = 128, .len = 240, .seq = 0, .mode = 4, .cycle_last = 8, .mult = 24,
		.shift = 28, .base = 32, .res = 232, .tsc_mode = 1, .coarse_ns = 4000000,
	};

	SPOIL(0, d->clocks = good);
	SPOIL(-EINVAL, d->clocks = good, d->vvar_start = d->vvar_end = 0);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.len = 0);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.len = 216);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.len = 244);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.len = PROGRAM_CLOCKS_MAX + 8);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.data = 0x4000 - 472);
	SPOIL(0, d->clocks = good, d->clocks.data = 0x4000 - 480);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.data = ~0U - 7);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.data = 132);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.seq = 32);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.mode = 65535);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.cycle_last = 28);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.mult = 26);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.shift = 32);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.base = PROGRAM_CLOCKS_HEAD_MAX + 8);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.base = 36);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.base = 56);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.res = 240);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.res = 233);
	SPOIL(-EINVAL, d->clocks = good, d->clocks.reserved = 1);
}

static void plan(const struct program_load_desc *desc, struct program_plan *out)
{
	CHECK_EQ(check(desc), 0);
	CHECK_EQ(program_plan(desc, out), 0);
}

/* What must hold for each plan. */
static void check_plan(const struct program_load_desc *desc, const struct program_plan *p)
{
	CHECK(IS_ALIGNED(p->bias | p->interp_bias | p->mmap_base | p->stack_top | p->stack_low,
			 PAGE_LEN));
	CHECK(p->stack_top <= LWK_USER_END && p->stack_low < p->args_start);
	CHECK_EQ(p->args_start + desc->args_len + 8, p->stack_top);
	CHECK_EQ(p->nregions, desc->nsections);
	for (u32 i = 0; i < p->nregions; i++) {
		const struct program_region *r = &p->regions[i];

		CHECK(r->start >= LWK_USER_START && r->start < r->end && r->end <= LWK_USER_END);
		CHECK(r->start <= r->file_start && r->file_start <= r->file_end);
		CHECK(r->file_end <= r->end);
		CHECK(r->end + VM_GUARD_LEN <= p->stack_low || r->start >= p->stack_top);
		CHECK_EQ(r->prot, desc->sections[i].prot);
		CHECK_EQ(r->mapped, desc->sections[i].mapped);
		CHECK_EQ(r->offset, ALIGN_DOWN(desc->sections[i].offset, PAGE_LEN));
		for (u32 j = 0; j < i; j++) {
			if (desc->sections[i].image != desc->sections[j].image)
				CHECK(r->end <= p->regions[j].start ||
				      r->start >= p->regions[j].end);
		}
	}
}

static void without_randomness(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_plan p;

	desc.flags |= PROGRAM_NO_RANDOMIZE;
	desc.sections[1].mapped = 1;
	memset(desc.random, 0xff, sizeof(desc.random));
	plan(&desc, &p);
	check_plan(&desc, &p);
	CHECK(!p.regions[0].mapped && p.regions[1].mapped);
	CHECK_EQ(p.bias, DYN_BASE);
	CHECK_EQ(p.brk, DYN_BASE + 0x6000);
	CHECK_EQ(p.stack_top, LWK_PROGRAM_END);
	CHECK_EQ(p.mmap_base, LWK_USER_END - (128 << 20));
	CHECK_EQ(p.interp_bias, p.mmap_base - 0x2a000);
	CHECK_EQ(p.entry, p.interp_bias + 0x1090);
	CHECK_EQ(p.program_entry, DYN_BASE + 0x1040);
	CHECK_EQ(p.phdr, DYN_BASE + 0x40);
	CHECK_EQ(p.data_len, 0x258);

	desc = sample_static();
	desc.flags |= PROGRAM_NO_RANDOMIZE;
	plan(&desc, &p);
	check_plan(&desc, &p);
	CHECK_EQ(p.bias, 0);
	CHECK_EQ(p.brk, 0x406000);
	CHECK_EQ(p.entry, 0x401000);
}

/* A static program that may go anywhere goes where the interpreter would, its heap does not. */
static void static_anywhere(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_plan p;

	desc.flags = PROGRAM_PIE;
	desc.nsections = 3;
	desc.align = 1 << 21;
	plan(&desc, &p);
	check_plan(&desc, &p);
	CHECK(IS_ALIGNED(p.bias, 1ULL << 21));
	CHECK(p.bias + 0x6000 <= p.mmap_base && p.bias + (4 << 20) > p.mmap_base);
	CHECK_EQ(p.brk, DYN_BASE);
}

static void randomness_counts(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_plan low, high;

	memset(desc.random, 0, sizeof(desc.random));
	plan(&desc, &low);
	/* The program's own bytes say nothing about the layout. */
	memset(desc.random, 0xff, 16);
	plan(&desc, &high);
	CHECK(!memcmp(&low, &high, sizeof(low)));
	memset(desc.random + 16, 0xff, 16);
	plan(&desc, &high);
	check_plan(&desc, &high);
	CHECK_EQ(high.bias - low.bias, ((1ULL << 28) - 1) << 12);
	CHECK_EQ(low.mmap_base - high.mmap_base, ((1ULL << 26) - 1) << 12);
	CHECK_EQ(low.stack_top - high.stack_top, ((1ULL << 22) - 1) << 12);
	CHECK_EQ(high.brk - high.bias - (low.brk - low.bias), ((1ULL << 13) - 1) << 12);
	CHECK_EQ(high.align, (1 << 13) - 1);
}

static void bad_places(void)
{
	struct program_load_desc desc = sample_static();
	struct program_plan p;

	for (u32 i = 0; i < 3; i++)
		desc.sections[i].vaddr -= 0x400000 - 0x1000;
	desc.phdr = 0;
	CHECK_EQ(program_plan(&desc, &p), -EPERM);

	desc = sample_static();
	desc.sections[2].memsz = LWK_USER_END;
	CHECK_EQ(check(&desc), 0);
	CHECK_EQ(program_plan(&desc, &p), -ENOMEM);

	desc = sample_static();
	desc.phdr = 0;
	for (u32 i = 0; i < 3; i++)
		desc.sections[i].vaddr += LWK_USER_END - 0x500000;
	desc.flags |= PROGRAM_NO_RANDOMIZE;
	CHECK_EQ(check(&desc), 0);
	CHECK_EQ(program_plan(&desc, &p), -ENOMEM);

	/* In the way of its own interpreter. */
	desc = sample_dynamic();
	desc.flags = PROGRAM_INTERP | PROGRAM_NO_RANDOMIZE;
	desc.phdr = 0;
	for (u32 i = 0; i < 3; i++)
		desc.sections[i].vaddr += LWK_USER_END - (128 << 20) - 0x10000;
	CHECK_EQ(check(&desc), 0);
	CHECK_EQ(program_plan(&desc, &p), -ENOMEM);
}

static void stack_limits(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_plan p;

	desc.args_len = 3 << 20;
	CHECK_EQ(program_plan(&desc, &p), -E2BIG);
	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = 16 << 20;
	CHECK_EQ(program_plan(&desc, &p), 0);
	check_plan(&desc, &p);
	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = SAMPLE_UNLIMITED;
	desc.args_len = PROGRAM_MAX_ARGS_LEN - 100;
	CHECK_EQ(program_plan(&desc, &p), 0);
	check_plan(&desc, &p);
	desc.argc = 100000;
	CHECK_EQ(program_plan(&desc, &p), -E2BIG);
	/* To the byte: strings, and pointers to them but for the NULLs. */
	desc = sample_dynamic();
	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = 1 << 20;
	desc.args_len = (256 << 10) - 8 * (desc.argc + desc.envc);
	CHECK_EQ(program_plan(&desc, &p), 0);
	check_plan(&desc, &p);
	desc.args_len++;
	CHECK_EQ(program_plan(&desc, &p), -E2BIG);
	/* Even without any limit worth its name something must fit. */
	desc = sample_dynamic();
	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = 0;
	CHECK_EQ(program_plan(&desc, &p), 0);
	check_plan(&desc, &p);
}

/* What is to be populated has to be there, as far as the limit lets it. */
static void stack_premap(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_plan p;

	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = 8 << 20;
	desc.stack_premap = 2 << 20;
	plan(&desc, &p);
	check_plan(&desc, &p);
	CHECK(p.stack_top - p.stack_low >= desc.stack_premap);
	desc.stack_premap = ~0ULL;
	plan(&desc, &p);
	check_plan(&desc, &p);
	CHECK(p.stack_top - p.stack_low <= (8 << 20) + PAGE_LEN);
	CHECK(p.mmap_base <= p.stack_low);
	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = SAMPLE_UNLIMITED;
	plan(&desc, &p);
	check_plan(&desc, &p);
	CHECK(p.mmap_base <= p.stack_low);
}

static u64 value_of(const struct program_auxv *auxv, u64 type)
{
	for (u32 i = 0; i < auxv->n; i += 2) {
		if (auxv->words[i] == type)
			return auxv->words[i + 1];
	}
	return ~0ULL;
}

static void auxiliary_vector(void)
{
	const struct program_strings where = { 0x1000, 0x2000, 0x3000 };
	struct program_load_desc desc = sample_dynamic();
	struct program_auxv auxv;
	struct program_plan p;
	u32 n;

	desc.uid[0] = 7;
	desc.uid[1] = 8;
	plan(&desc, &p);
	program_auxv(&desc, &p, &where, &auxv);
	n = auxv.n;
	CHECK(n % 2 == 0 && auxv.words[n - 2] == 0 && auxv.words[n - 1] == 0);
	CHECK_EQ(value_of(&auxv, 33), desc.vdso_start);
	CHECK_EQ(value_of(&auxv, 3), p.phdr);
	CHECK_EQ(value_of(&auxv, 7), p.interp_bias);
	CHECK_EQ(value_of(&auxv, 9), p.program_entry);
	CHECK_EQ(value_of(&auxv, 11), 7);
	CHECK_EQ(value_of(&auxv, 12), 8);
	CHECK_EQ(value_of(&auxv, 25), 0x1000);
	CHECK_EQ(value_of(&auxv, 15), 0x2000);
	CHECK_EQ(value_of(&auxv, 31), 0x3000);
	desc.vdso_start = 0;
	program_auxv(&desc, &p, &where, &auxv);
	CHECK_EQ(auxv.n, n - 2);
}

static const struct unit_test tests[] = {
	UNIT_TEST(sound_ones),
	UNIT_TEST(spoilt_headers),
	UNIT_TEST(spoilt_alignments),
	UNIT_TEST(spoilt_sections),
	UNIT_TEST(spoilt_mapped_sections),
	UNIT_TEST(spoilt_orders),
	UNIT_TEST(spoilt_program_headers),
	UNIT_TEST(spoilt_arguments),
	UNIT_TEST(spoilt_vdso), UNIT_TEST(spoilt_clocks),
	UNIT_TEST(without_randomness),
	UNIT_TEST(static_anywhere),
	UNIT_TEST(randomness_counts),
	UNIT_TEST(bad_places),
	UNIT_TEST(stack_limits),
	UNIT_TEST(stack_premap),
	UNIT_TEST(auxiliary_vector),
};

UNIT_MAIN(tests)
