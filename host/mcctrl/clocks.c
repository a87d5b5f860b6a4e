// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where Linux's time pages have its clocks: what the headers say that its own vDSO is built with.
 */
#include "clocks.h"

#include <linux/jiffies.h>
#include <linux/stddef.h>
#include <linux/time.h>
#include <vdso/datapage.h>

#include "abi/layout.h"
#include "abi/process.h"

/* The offsets in asm/vvar.h, as the vDSO's linker script takes them from there. */
#undef _ASM_X86_VVAR_H
#undef _SINGLE_DATA
#undef DECLARE_VVAR
#undef DECLARE_VVAR_SINGLE
#define EMIT_VVAR(name, offset) VVAR_AT##name = (offset),
enum {
#include <asm/vvar.h>
};
#undef EMIT_VVAR

#define FIELD(name) offsetof(struct vdso_data, name)

static_assert(VDSO_BASES == PROGRAM_NCLOCKS);
static_assert(sizeof(struct vdso_timestamp) == 2 * sizeof(u64));
static_assert(offsetof(struct vdso_timestamp, nsec) == sizeof(u64));
static_assert(FIELD(basetime) <= PROGRAM_CLOCKS_HEAD_MAX);
static_assert(sizeof(struct vdso_data) <= PROGRAM_CLOCKS_MAX);
static_assert(VVAR_AT_vdso_data + CS_BASES * sizeof(struct vdso_data) <= PAGE_SIZE);
static_assert(CS_HRES_COARSE == 0 && CS_RAW == 1);

void clocks_describe(struct program_clocks *clocks)
{
	*clocks = (struct program_clocks){
		.data = VVAR_AT_vdso_data,
		.len = sizeof(struct vdso_data),
		.seq = FIELD(seq),
		.mode = FIELD(clock_mode),
		.cycle_last = FIELD(cycle_last),
		.mult = FIELD(mult),
		.shift = FIELD(shift),
		.base = FIELD(basetime),
		.res = FIELD(hrtimer_res),
		.tsc_mode = VDSO_CLOCKMODE_TSC,
		.coarse_ns = TICK_NSEC,
	};
}
