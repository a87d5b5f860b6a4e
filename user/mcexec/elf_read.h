/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading of ELF programs and interpreters: what Linux would accept, as numbers that
 * are safe to use. Pure functions over bytes that the caller has read.
 */
#ifndef MCEXEC_ELF_READ_H
#define MCEXEC_ELF_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/process.h"

/* Bytes of the file that elf_read_header() wants to see, if there are as many. */
#define ELF_HEADER_LEN 64

/* Bytes of one program header; Linux takes no other size. */
#define ELF_PHDR_LEN 56

/* As Linux: the program headers fit in 64 KiB. */
#define ELF_MAX_PHDRS (65536 / ELF_PHDR_LEN)

/**
 * struct elf_program - a program or an interpreter
 * @pie:	it may be placed anywhere (ET_DYN)
 * @exec_stack:	PT_GNU_STACK wants an executable stack
 * @entry:	link-time entry
 * @phoff:	where its program headers are in the file
 * @phnum:	how many
 * @phdr:	link-time address of its program headers, or 0 if they are not loaded
 * @align:	largest alignment of its sections, a power of two, at least a page
 * @interp_offset: where the interpreter's path is in the file
 * @interp_len:	its length with the NUL, or 0: no interpreter
 * @nsections:	entries of @sections, at least 1
 * @sections:	in ascending order, no two share a page; inside the user range
 */
struct elf_program {
	bool pie;
	bool exec_stack;
	u64 entry;
	u64 phoff;
	u32 phnum;
	u64 phdr;
	u64 align;
	u64 interp_offset;
	u64 interp_len;
	u32 nsections;
	struct program_section sections[PROGRAM_MAX_SECTIONS];
};

/**
 * elf_read_header() - check the file's first bytes
 * @head:	the bytes
 * @len:	how many: the file's length or ELF_HEADER_LEN, whichever is less
 * @out:	zeroed, but for what the header says
 * @why:	what is wrong, a constant; only on failure
 *
 * Context: any thread. Return: 0, or -ENOEXEC.
 */
int elf_read_header(const void *head, size_t len, struct elf_program *out, const char **why);

/**
 * elf_read_segments() - check the program headers
 * @phdrs:	@out->phnum program headers, as they are in the file at @out->phoff
 * @file_len:	length of the file
 * @out:	from elf_read_header(); completed here
 * @why:	what is wrong, a constant; only on failure
 *
 * Context: any thread. Return: 0, or -ENOEXEC.
 */
int elf_read_segments(const void *phdrs, u64 file_len, struct elf_program *out, const char **why);

#endif
