// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a load descriptor sound? Every number that mcexec wrote is checked here, once, on a
 * private copy; what follows may rely on it.
 */
#include "lwk/include/proc/program.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/sched/policy.h"
#include "lwk/lib/bitmap.h"
#include "lwk/lib/string.h"

#define ALIGN_MAX (1ULL << 40)
#define VDSO_MAX_LEN (1ULL << 20)
#define PHNUM_MAX 65535U

static bool power_of_two(u64 x)
{
	return x && !(x & (x - 1));
}

static bool terminated(const char *s, u64 len)
{
	return strnlen(s, len) < len;
}

static bool all_zero(const u64 *words, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		if (words[i])
			return false;
	}
	return true;
}

static bool header_sound(const struct program_load_desc *desc, u64 len)
{
	return len == sizeof(*desc) && desc->len == sizeof(*desc) &&
	       desc->magic == PROGRAM_MAGIC;
}

static bool mapped_sound(const struct program_section *section)
{
	if (!section->mapped)
		return true;
	return section->mapped == 1 && !(section->prot & PROT_WRITE) &&
	       section->filesz == section->memsz;
}

static bool section_sound(const struct program_section *section)
{
	return section->memsz && section->filesz <= section->memsz &&
	       section->vaddr < LWK_TASK_END && section->memsz < LWK_TASK_END - section->vaddr &&
	       section->offset <= ~0ULL - section->filesz &&
	       (section->vaddr - section->offset) % LWK_PAGE_SIZE == 0 &&
	       !(section->prot & ~(u32)(PROT_READ | PROT_WRITE | PROT_EXEC)) &&
	       section->image <= PROGRAM_IMAGE_INTERP && mapped_sound(section);
}

/* Those of the program first; each image ascending, without overlap. */
static bool sections_sound(const struct program_load_desc *desc)
{
	const struct program_section *previous = NULL;
	u32 images = 0;

	if (!desc->nsections || desc->nsections > PROGRAM_MAX_SECTIONS)
		return false;
	for (u32 i = 0; i < desc->nsections; i++) {
		const struct program_section *section = &desc->sections[i];

		if (!section_sound(section))
			return false;
		if (previous && (section->image < previous->image ||
				 (section->image == previous->image &&
				  section->vaddr < previous->vaddr + previous->memsz)))
			return false;
		images |= 1U << section->image;
		previous = section;
	}
	return images == (desc->flags & PROGRAM_INTERP ? 3U : 1U);
}

/* Program headers that are loaded lie in one section of the program. */
static bool phdr_sound(const struct program_load_desc *desc)
{
	u64 len = (u64)desc->phent * desc->phnum;

	if (desc->phnum > PHNUM_MAX || desc->phent > LWK_PAGE_SIZE)
		return false;
	if (!desc->phdr)
		return true;
	for (u32 i = 0; i < desc->nsections; i++) {
		const struct program_section *section = &desc->sections[i];

		if (section->image == PROGRAM_IMAGE_EXE && desc->phdr >= section->vaddr &&
		    desc->phdr - section->vaddr <= section->memsz &&
		    len <= section->memsz - (desc->phdr - section->vaddr))
			return true;
	}
	return false;
}

static bool vdso_range_sound(u64 start, u64 end)
{
	if (!start && !end)
		return true;
	return IS_ALIGNED(start | end, PAGE_LEN) && start >= LWK_USER_END && start < end &&
	       end <= LWK_TASK_END && end - start <= VDSO_MAX_LEN;
}

static bool vdso_sound(const struct program_load_desc *desc)
{
	return vdso_range_sound(desc->vvar_start, desc->vvar_end) &&
	       vdso_range_sound(desc->vdso_start, desc->vdso_end) &&
	       (desc->vvar_end <= desc->vdso_start || desc->vdso_end <= desc->vvar_start);
}

/* A number of @len bytes in front of the clocks' pairs. */
static bool field_sound(const struct program_clocks *clocks, u32 at, u32 len)
{
	return IS_ALIGNED(at, len) && at + len <= clocks->base;
}

/* All that is read lies in the time pages. */
static bool clocks_sound(const struct program_load_desc *desc)
{
	const struct program_clocks *clocks = &desc->clocks;
	u64 pairs = clocks->base + PROGRAM_NCLOCKS * 2 * sizeof(u64);

	if (!clocks->len)
		return !clocks->data;
	return clocks->len <= PROGRAM_CLOCKS_MAX && IS_ALIGNED(clocks->len, sizeof(u64)) &&
	       IS_ALIGNED(clocks->data, sizeof(u64)) && !clocks->reserved &&
	       clocks->data + 2ULL * clocks->len <= desc->vvar_end - desc->vvar_start &&
	       clocks->base <= PROGRAM_CLOCKS_HEAD_MAX &&
	       IS_ALIGNED(clocks->base, sizeof(u64)) && pairs <= clocks->len &&
	       field_sound(clocks, clocks->seq, sizeof(u32)) &&
	       field_sound(clocks, clocks->mode, sizeof(u32)) &&
	       field_sound(clocks, clocks->cycle_last, sizeof(u64)) &&
	       field_sound(clocks, clocks->mult, sizeof(u32)) &&
	       field_sound(clocks, clocks->shift, sizeof(u32)) &&
	       IS_ALIGNED(clocks->res, sizeof(u32)) && clocks->res + 4U <= clocks->len;
}

static bool limits_sound(const struct program_load_desc *desc)
{
	for (u32 i = 0; i < PROGRAM_MAX_RLIMITS; i++) {
		if (desc->rlimits[i].cur > desc->rlimits[i].max)
			return false;
	}
	return true;
}

static int arguments_sound(const struct program_load_desc *desc)
{
	if (!desc->argc)
		return -EINVAL;
	if (desc->argc > PROGRAM_MAX_STRINGS || desc->envc > PROGRAM_MAX_STRINGS ||
	    desc->args_len > PROGRAM_MAX_ARGS_LEN)
		return -E2BIG;
	/* A string is a NUL at least; the file name is one more. */
	return desc->args_len > (u64)desc->argc + desc->envc ? 0 : -EINVAL;
}

/* CPUs that exist, and the one to start on among them. */
static bool cpus_sound(const struct program_load_desc *desc, u32 ncpus)
{
	if (desc->cpu < -1 || desc->cpu >= (s32)ncpus ||
	    bitmap_next_set(desc->cpus, IHK_MAX_CPUS, ncpus) < IHK_MAX_CPUS)
		return false;
	return desc->cpu < 0 || all_zero(desc->cpus, ARRAY_SIZE(desc->cpus)) ||
	       bitmap_test(desc->cpus, (u32)desc->cpu);
}

static bool sched_sound(const struct program_load_desc *desc)
{
	const struct thread_sched sched = {
		.policy = desc->policy & ~SCHED_RESET_ON_FORK,
		.nice = desc->nice,
		.priority = desc->priority,
	};

	return policy_is_sound(&sched);
}

int program_check(const struct program_load_desc *desc, u64 len, u32 ncpus)
{
	if (!header_sound(desc, len))
		return -EINVAL;
	if (desc->version != PROGRAM_VERSION)
		return -EPROTO;
	if ((desc->flags & ~PROGRAM_FLAGS_KNOWN) || !desc->pid || !desc->vpid ||
	    !cpus_sound(desc, ncpus) || !sched_sound(desc) || desc->secure > 1)
		return -EINVAL;
	if (!power_of_two(desc->align) || desc->align > ALIGN_MAX ||
	    (desc->flags & PROGRAM_INTERP &&
	     (!power_of_two(desc->interp_align) || desc->interp_align > ALIGN_MAX)))
		return -EINVAL;
	if (!terminated(desc->comm, sizeof(desc->comm)) ||
	    !terminated(desc->platform, sizeof(desc->platform)))
		return -EINVAL;
	if (desc->entry >= LWK_TASK_END || desc->interp_entry >= LWK_TASK_END ||
	    !sections_sound(desc) || !phdr_sound(desc) || !vdso_sound(desc) ||
	    !clocks_sound(desc) || !limits_sound(desc))
		return -EINVAL;
	return arguments_sound(desc);
}
