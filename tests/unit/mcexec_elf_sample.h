/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program as a linker makes it, for tests of mcexec's ELF reader, and what the reader
 * promises about anything that it accepts.
 */
#ifndef MCEXEC_ELF_SAMPLE_H
#define MCEXEC_ELF_SAMPLE_H

#include <elf.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/layout.h"
#include "user/mcexec/elf_read.h"

#define SAMPLE_FILE_LEN 0x3000

/**
 * struct sample_program - the first bytes of a dynamically linked program
 * @ehdr:	at 0
 * @phdrs:	PT_INTERP, two PT_LOAD, PT_GNU_STACK
 * @interp:	path
 */
struct sample_program {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdrs[4];
	char interp[8];
};

/** sample_program() - a good one. Return: it. */
static inline struct sample_program sample_program(void)
{
	return (struct sample_program){
		.ehdr = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = 0x1040,
			.e_phoff = offsetof(struct sample_program, phdrs),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 4,
		},
		.phdrs = {
			{ .p_type = PT_INTERP, .p_offset = offsetof(struct sample_program, interp),
			  .p_filesz = 8, .p_memsz = 8 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 0x1800,
			  .p_memsz = 0x1800, .p_align = 0x1000 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 0x1e10,
			  .p_vaddr = 0x3e10, .p_filesz = 0x200, .p_memsz = 0x4000,
			  .p_align = 0x200000 },
			{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W },
		},
		.interp = "/ld.so1",
	};
}

/** sample_sections_hold() - do the sections keep what elf_read.h promises? */
static inline _Bool sample_sections_hold(const struct elf_program *elf, u64 file_len)
{
	u64 end = 0;

	for (u32 i = 0; i < elf->nsections; i++) {
		const struct program_section *s = &elf->sections[i];

		if (s->vaddr / LWK_PAGE_SIZE < end || !s->memsz || s->filesz > s->memsz ||
		    s->vaddr > LWK_USER_END || s->memsz > LWK_USER_END - s->vaddr ||
		    s->offset > file_len || s->filesz > file_len - s->offset ||
		    (s->offset ^ s->vaddr) % LWK_PAGE_SIZE || s->prot > 7 || s->image ||
		    (!elf->pie && s->vaddr < LWK_USER_START))
			return 0;
		end = (s->vaddr + s->memsz + LWK_PAGE_SIZE - 1) / LWK_PAGE_SIZE;
	}
	return elf->nsections >= 1 && elf->nsections <= PROGRAM_MAX_SECTIONS;
}

/** sample_program_holds() - all that elf_read.h promises. */
static inline _Bool sample_program_holds(const struct elf_program *elf, u64 file_len)
{
	return sample_sections_hold(elf, file_len) && elf->phnum >= 1 &&
	       elf->phnum <= ELF_MAX_PHDRS && elf->align >= LWK_PAGE_SIZE &&
	       !(elf->align & (elf->align - 1)) && elf->interp_len <= 4096 &&
	       elf->interp_offset <= file_len && elf->interp_len <= file_len - elf->interp_offset;
}

#endif
