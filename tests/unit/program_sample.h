/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sound load descriptors, for tests to spoil.
 */
#ifndef UNIT_PROGRAM_SAMPLE_H
#define UNIT_PROGRAM_SAMPLE_H

#include <string.h>

#include "abi/layout.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/program.h"

#define SAMPLE_UNLIMITED (~0ULL)
#define SAMPLE_RLIMIT_STACK 3

/* A dynamic program at any address, with its interpreter, as Debian's are. */
static __maybe_unused struct program_load_desc sample_dynamic(void)
{
	struct program_load_desc desc = {
		.magic = PROGRAM_MAGIC,
		.version = PROGRAM_VERSION,
		.len = sizeof(struct program_load_desc),
		.flags = PROGRAM_PIE | PROGRAM_INTERP,
		.nsections = 5,
		.argc = 2,
		.envc = 3,
		.cpu = -1,
		.args_len = 100,
		.entry = 0x1040,
		.phdr = 0x40,
		.interp_entry = 0x1090,
		.phent = 56,
		.phnum = 11,
		.align = 0x1000,
		.interp_align = 0x1000,
		.clktck = 100,
		.vvar_start = 0x7ffff7fc0000,
		.vvar_end = 0x7ffff7fc4000,
		.vdso_start = 0x7ffff7fc4000,
		.vdso_end = 0x7ffff7fc6000,
		.pid = 1000,
		.vpid = 1000,
		.vppid = 1,
		.sections = {
			{ 0, 0x600, 0x600, 0, PROT_READ, PROGRAM_IMAGE_EXE, 0 },
			{ 0x1000, 0x400, 0x400, 0x1000, PROT_READ | PROT_EXEC,
			  PROGRAM_IMAGE_EXE, 0 },
			{ 0x3db8, 0x2000, 0x258, 0x2db8, PROT_READ | PROT_WRITE,
			  PROGRAM_IMAGE_EXE, 0 },
			{ 0, 0x26000, 0x26000, 0, PROT_READ | PROT_EXEC,
			  PROGRAM_IMAGE_INTERP, 1 },
			{ 0x27600, 0x2a00, 0x2800, 0x26600, PROT_READ | PROT_WRITE,
			  PROGRAM_IMAGE_INTERP, 0 },
		},
	};

	for (u32 i = 0; i < PROGRAM_MAX_RLIMITS; i++)
		desc.rlimits[i] = (struct program_rlimit){ SAMPLE_UNLIMITED, SAMPLE_UNLIMITED };
	desc.rlimits[SAMPLE_RLIMIT_STACK].cur = 8 << 20;
	strcpy(desc.comm, "sample");
	strcpy(desc.platform, "x86_64");
	return desc;
}

/* One that is linked to a fixed address, and needs no interpreter. */
static __maybe_unused struct program_load_desc sample_static(void)
{
	struct program_load_desc desc = sample_dynamic();

	desc.flags = 0;
	desc.nsections = 3;
	desc.entry = 0x401000;
	desc.phdr = 0x400040;
	desc.interp_entry = 0;
	desc.interp_align = 0;
	for (u32 i = 0; i < 3; i++)
		desc.sections[i].vaddr += 0x400000;
	return desc;
}

#endif
