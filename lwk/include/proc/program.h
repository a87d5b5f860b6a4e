/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a load descriptor to a plan of an address space. Nothing here touches anything
 * but its arguments: what can be refused is refused before anything is made.
 */
#ifndef LWK_PROC_PROGRAM_H
#define LWK_PROC_PROGRAM_H

#include "abi/process.h"
#include "lwk/include/compiler.h"

/** PROGRAM_AUXV_MAX - entries of the auxiliary vector, AT_NULL included. */
#define PROGRAM_AUXV_MAX 24

/**
 * struct program_region - pages of one section
 * @start:	first address, page-aligned
 * @end:	end, page-aligned
 * @file_start:	first byte that comes from the file
 * @file_end:	end of these
 * @offset:	of @start in the file
 * @prot:	final protection, PROT_*
 * @mapped:	its pages are Linux's, and protected from the beginning
 */
struct program_region {
	vaddr_t start;
	vaddr_t end;
	vaddr_t file_start;
	vaddr_t file_end;
	u64 offset;
	u32 prot;
	bool mapped;
};

/**
 * struct program_plan - where everything of a new program goes
 * @bias:	to add to link-time addresses of the program
 * @interp_bias: to add to those of the interpreter
 * @entry:	first instruction: of the interpreter, if there is one
 * @program_entry: AT_ENTRY
 * @phdr:	AT_PHDR
 * @mmap_base:	mappings go below
 * @brk:	start of the heap
 * @data_len:	initialised data, which RLIMIT_DATA counts with the heap
 * @stack_top:	end of the stack
 * @stack_low:	where it begins at first
 * @args_start:	the string block
 * @align:	what the stack pointer is lowered by, at random
 * @nregions:	entries of @regions
 * @regions:	in the order of the sections
 */
struct program_plan {
	vaddr_t bias;
	vaddr_t interp_bias;
	vaddr_t entry;
	vaddr_t program_entry;
	vaddr_t phdr;
	vaddr_t mmap_base;
	vaddr_t brk;
	u64 data_len;
	vaddr_t stack_top;
	vaddr_t stack_low;
	vaddr_t args_start;
	u64 align;
	u32 nregions;
	struct program_region regions[PROGRAM_MAX_SECTIONS];
};

/**
 * program_check() - is a descriptor sound?
 * @desc: private copy of what the host sent
 * @len: bytes that the host sent
 * @ncpus: LWK CPUs
 *
 * Context: any.
 * Return: 0; -EPROTO for another version; -EINVAL; -E2BIG for too many arguments.
 */
int program_check(const struct program_load_desc *desc, u64 len, u32 ncpus) __must_check;

/**
 * program_plan() - decide where a program goes.
 * @desc: sound
 * @plan: result
 *
 * Context: any.
 * Return: 0; -ENOMEM if it does not fit the address space; -E2BIG if the arguments do not fit the
 * stack's limit; -EPERM for addresses that Linux lets nobody map.
 */
int program_plan(const struct program_load_desc *desc, struct program_plan *plan) __must_check;

/**
 * struct program_auxv - the auxiliary vector in the making
 * @words:	pairs of type and value
 * @n:		words used
 */
struct program_auxv {
	u64 words[2 * PROGRAM_AUXV_MAX];
	u32 n;
};

/**
 * struct program_strings - what the auxiliary vector points to, on the stack
 * @random:	AT_RANDOM
 * @platform:	AT_PLATFORM
 * @execfn:	AT_EXECFN
 */
struct program_strings {
	vaddr_t random;
	vaddr_t platform;
	vaddr_t execfn;
};

/**
 * program_auxv() - build the auxiliary vector of a program.
 * @desc: sound
 * @plan: its plan
 * @where: addresses of what it points to
 * @auxv: result
 *
 * Context: any.
 */
void program_auxv(const struct program_load_desc *desc, const struct program_plan *plan,
		  const struct program_strings *where, struct program_auxv *auxv);

#endif
