// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of a program's address space: that of Linux on x86-64, with the end of the
 * program's window in the place of the end of user space.
 *
 *   program at its link-time address, or from 2/3 of user space on; heap behind it
 *   mmap_base: interpreter, and what is mapped, downwards
 *   stack, arguments
 *
 * Where Linux draws random numbers so does this, out of the descriptor's random bytes.
 */
#include "lwk/include/proc/program.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/lib/string.h"

#define RLIMIT_STACK 3

/* Linux's ELF_ET_DYN_BASE. */
#define DYN_BASE ALIGN_DOWN(VM_TASK_END / 3 * 2, PAGE_LEN)

/*
 * Bits of randomness, in pages but for the last. Linux draws 28 for mappings; below the proxy two
 * less leave room above 0x7e8000000000, where thread sanitizers want libraries and stack.
 */
#define MMAP_BITS 26
#define EXE_BITS 28
#define BRK_BITS 13
#define STACK_BITS 22
#define ALIGN_BITS 13

/* Distance of mmap_base from the end, as Linux bounds it. */
#define GAP_MIN (128ULL << 20)
#define GAP_MAX ((u64)LWK_USER_END / 6 * 5)

/* What the stack has at first beyond its arguments. */
#define STACK_EXTRA (128ULL << 10)
#define STACK_MIN_ARGS (128ULL << 10)

/* Words below the strings: random bytes, platform, and room to align. */
#define STACK_SMALL 256ULL

struct randomness {
	u64 mmap;
	u64 exe;
	u64 brk;
	u64 stack;
	u64 align;
};

static u64 take_bits(u64 *word, u32 bits)
{
	u64 value = *word & ((1ULL << bits) - 1);

	*word >>= bits;
	return value;
}

/* The first 16 bytes are the program's own, AT_RANDOM. */
static struct randomness draw(const struct program_load_desc *desc)
{
	struct randomness out;
	u64 words[2];

	_Static_assert(MMAP_BITS + EXE_BITS <= 64 && BRK_BITS + STACK_BITS + ALIGN_BITS <= 64,
		       "fit the words");
	_Static_assert(sizeof(words) + 16 <= PROGRAM_RANDOM_LEN, "fit the bytes");
	if (desc->flags & PROGRAM_NO_RANDOMIZE)
		return (struct randomness){ .mmap = 0 };
	memcpy(words, desc->random + 16, sizeof(words));
	out.mmap = take_bits(&words[0], MMAP_BITS) << PAGE_SHIFT;
	out.exe = take_bits(&words[0], EXE_BITS) << PAGE_SHIFT;
	out.brk = take_bits(&words[1], BRK_BITS) << PAGE_SHIFT;
	out.stack = take_bits(&words[1], STACK_BITS) << PAGE_SHIFT;
	out.align = take_bits(&words[1], ALIGN_BITS);
	return out;
}

static u64 stack_limit(const struct program_load_desc *desc)
{
	return desc->rlimits[RLIMIT_STACK].cur;
}

static vaddr_t plan_mmap_base(const struct program_load_desc *desc, u64 random)
{
	u64 pad = VM_GUARD_LEN;
	u64 gap = stack_limit(desc);

	if (!(desc->flags & PROGRAM_NO_RANDOMIZE))
		pad += 1ULL << (STACK_BITS + PAGE_SHIFT);
	if (gap + pad > gap)
		gap += pad;
	gap = MIN(MAX(gap, GAP_MIN), GAP_MAX);
	return ALIGN_UP(LWK_USER_END - gap - random, PAGE_LEN);
}

/* Strings at the top, what points to them below, and room to begin with. */
static int plan_stack(const struct program_load_desc *desc, const struct randomness *random,
		      struct program_plan *plan)
{
	/* argc, both arrays with their NULLs. */
	u64 pointers = 8 * ((u64)desc->argc + desc->envc + 3);
	u64 limit = MAX(MIN(stack_limit(desc) / 4, (u64)PROGRAM_MAX_ARGS_LEN), STACK_MIN_ARGS);
	/* As far as what is mapped below leaves room for it. */
	u64 extra = MAX(MIN(desc->stack_premap, GAP_MAX / 4), STACK_EXTRA);
	u64 len;

	/* Linux counts neither argc nor the NULLs. */
	if (desc->args_len + pointers - 3 * sizeof(u64) > limit)
		return -E2BIG;
	plan->align = random->align;
	plan->stack_top = LWK_PROGRAM_END - random->stack;
	plan->args_start = plan->stack_top - 8 - desc->args_len;
	len = plan->stack_top - plan->args_start + pointers + random->align + STACK_SMALL +
	      sizeof(((struct program_auxv *)NULL)->words);
	len = MAX(len, MIN(len + extra, stack_limit(desc)));
	plan->stack_low = ALIGN_DOWN(plan->stack_top - len, PAGE_LEN);
	return 0;
}

/* What [first, last) of the sections spans, in link-time addresses. */
struct span {
	vaddr_t start;
	vaddr_t end;
};

static struct span image_span(const struct program_load_desc *desc, u32 image)
{
	struct span span = { ~0ULL, 0 };

	for (u32 i = 0; i < desc->nsections; i++) {
		const struct program_section *section = &desc->sections[i];

		if (section->image != image)
			continue;
		span.start = MIN(span.start, ALIGN_DOWN(section->vaddr, PAGE_LEN));
		span.end = MAX(span.end, ALIGN_UP(section->vaddr + section->memsz, PAGE_LEN));
	}
	return span;
}

/* The highest place below mmap_base; the space is empty but for what lies above it. */
static int place_below(vaddr_t below, const struct span *span, u64 align, vaddr_t *bias)
{
	u64 len = span->end - span->start;
	vaddr_t start;

	align = MAX(align, PAGE_LEN);
	if (len > below - LWK_USER_START)
		return -ENOMEM;
	start = ALIGN_DOWN(below - len, align);
	if (start < LWK_USER_START)
		return -ENOMEM;
	/* Congruent to the link-time address, as the file's pages are. */
	*bias = start - ALIGN_DOWN(span->start, align);
	if (*bias + span->end > below)
		*bias -= align;
	return *bias + span->start >= LWK_USER_START &&
		       *bias + span->start < LWK_USER_END ? 0 : -ENOMEM;
}

static int plan_images(const struct program_load_desc *desc, const struct randomness *random,
		       struct program_plan *plan)
{
	struct span exe = image_span(desc, PROGRAM_IMAGE_EXE);
	struct span interp = image_span(desc, PROGRAM_IMAGE_INTERP);
	vaddr_t below = plan->mmap_base;
	int err;

	if (desc->flags & PROGRAM_PIE) {
		if (desc->flags & PROGRAM_INTERP) {
			plan->bias = ALIGN_DOWN(DYN_BASE + random->exe,
						MAX(desc->align, PAGE_LEN)) - exe.start;
		} else {
			/* It is an interpreter itself, or static: with the mappings. */
			err = place_below(below, &exe, desc->align, &plan->bias);
			if (err)
				return err;
			below = plan->bias + exe.start;
		}
	}
	if (desc->flags & PROGRAM_INTERP) {
		err = place_below(below, &interp, desc->interp_align, &plan->interp_bias);
		if (err)
			return err;
	}
	return 0;
}

static void fill_regions(const struct program_load_desc *desc, struct program_plan *plan)
{
	for (u32 i = 0; i < desc->nsections; i++) {
		const struct program_section *section = &desc->sections[i];
		vaddr_t bias = section->image ? plan->interp_bias : plan->bias;
		vaddr_t start = section->vaddr + bias;

		plan->regions[i] = (struct program_region){
			.start = ALIGN_DOWN(start, PAGE_LEN),
			.end = ALIGN_UP(start + section->memsz, PAGE_LEN),
			.file_start = start,
			.file_end = start + section->filesz,
			.offset = ALIGN_DOWN(section->offset, PAGE_LEN),
			.prot = section->prot,
			.mapped = section->mapped,
		};
		if (!section->image && (section->prot & PROT_WRITE))
			plan->data_len += section->filesz;
	}
	plan->nregions = desc->nsections;
}

static bool overlap(vaddr_t start, vaddr_t end, vaddr_t low, vaddr_t high)
{
	return start < high && low < end;
}

/* The two images and the stack may not meet, wherever the program wanted to be. */
static int check_regions(const struct program_load_desc *desc, const struct program_plan *plan)
{
	struct span interp = image_span(desc, PROGRAM_IMAGE_INTERP);

	for (u32 i = 0; i < plan->nregions; i++) {
		const struct program_region *region = &plan->regions[i];

		if (region->start < LWK_USER_START)
			return -EPERM;
		if (region->end > LWK_PROGRAM_END ||
		    overlap(region->start, region->end, plan->stack_low - VM_GUARD_LEN,
			    plan->stack_top))
			return -ENOMEM;
		if (desc->sections[i].image == PROGRAM_IMAGE_EXE && interp.start < interp.end &&
		    overlap(region->start, region->end, interp.start + plan->interp_bias,
			    interp.end + plan->interp_bias))
			return -ENOMEM;
	}
	return 0;
}

static void plan_heap(const struct program_load_desc *desc, const struct randomness *random,
		      struct program_plan *plan)
{
	plan->brk = image_span(desc, PROGRAM_IMAGE_EXE).end + plan->bias;
	/* Up there the heap would have no room; Linux moves it only if it draws at random. */
	if ((desc->flags & (PROGRAM_PIE | PROGRAM_INTERP | PROGRAM_NO_RANDOMIZE)) == PROGRAM_PIE)
		plan->brk = DYN_BASE;
	plan->brk += random->brk;
}

int program_plan(const struct program_load_desc *desc, struct program_plan *plan)
{
	struct randomness random = draw(desc);
	int err;

	*plan = (struct program_plan){ .mmap_base = plan_mmap_base(desc, random.mmap) };
	err = plan_stack(desc, &random, plan);
	if (err)
		return err;
	err = plan_images(desc, &random, plan);
	if (err)
		return err;
	fill_regions(desc, plan);
	err = check_regions(desc, plan);
	if (err)
		return err;
	plan_heap(desc, &random, plan);
	plan->program_entry = desc->entry + plan->bias;
	plan->entry = desc->flags & PROGRAM_INTERP ? desc->interp_entry + plan->interp_bias :
						     plan->program_entry;
	plan->phdr = desc->phdr ? desc->phdr + plan->bias : 0;
	return plan->entry < LWK_TASK_END ? 0 : -EINVAL;
}
