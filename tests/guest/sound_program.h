/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The descriptor of a program that the LWK takes: one section of code, where it begins.
 */
#ifndef SOUND_PROGRAM_H
#define SOUND_PROGRAM_H

#include <sys/mman.h>

#include "abi/process.h"

#define CODE_VA 0x400000UL

/* To be put at args_start: the one argument, and the name of the file. */
#define SOUND_ARGS "a\0f"

/* Return: a descriptor with the code's section, @code_len bytes; more may be added. */
static inline struct program_load_desc sound_program(uint64_t code_len)
{
	return (struct program_load_desc){
		.magic = PROGRAM_MAGIC,
		.version = PROGRAM_VERSION,
		.len = sizeof(struct program_load_desc),
		.nsections = 1,
		.argc = 1,
		.cpu = -1,
		.args_len = sizeof(SOUND_ARGS),
		.entry = CODE_VA,
		.phent = 56,
		.phnum = 1,
		.align = 4096,
		.clktck = 100,
		.platform = "x86_64",
		.comm = "sound",
		.sections = { {
			.vaddr = CODE_VA,
			.memsz = code_len,
			.filesz = code_len,
			.prot = PROT_READ | PROT_EXEC,
		} },
	};
}

#endif
