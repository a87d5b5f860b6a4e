// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading of ELF programs. No number of the file is used before it was checked; sums are
 * written so that they cannot wrap.
 */
#include "elf_read.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/layout.h"

#define PAGE_MASK (~((u64)LWK_PAGE_SIZE - 1))

static int refuse(const char **why, const char *words)
{
	*why = words;
	return -ENOEXEC;
}

int elf_read_header(const void *head, size_t len, struct elf_program *out, const char **why)
{
	Elf64_Ehdr ehdr = { 0 };

	_Static_assert(sizeof(ehdr) == ELF_HEADER_LEN, "ELF header");
	_Static_assert(sizeof(Elf64_Phdr) == ELF_PHDR_LEN, "ELF program header");
	*out = (struct elf_program){ .align = LWK_PAGE_SIZE };
	memcpy(&ehdr, head, len < sizeof(ehdr) ? len : sizeof(ehdr));
	if (memcmp(ehdr.e_ident, ELFMAG, SELFMAG))
		return refuse(why, "not an ELF program");
	if (ehdr.e_ident[EI_CLASS] == ELFCLASS32)
		return refuse(why, "a 32-bit program");
	if (len < sizeof(ehdr) || ehdr.e_machine != EM_X86_64)
		return refuse(why, "not for this processor");
	if (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN)
		return refuse(why, "neither a program nor a shared object");
	if (ehdr.e_phentsize != sizeof(Elf64_Phdr) || !ehdr.e_phnum ||
	    ehdr.e_phnum > ELF_MAX_PHDRS)
		return refuse(why, "its program headers are damaged");
	out->pie = ehdr.e_type == ET_DYN;
	out->entry = ehdr.e_entry;
	out->phoff = ehdr.e_phoff;
	out->phnum = ehdr.e_phnum;
	return 0;
}

static u32 section_prot(u32 flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

/* Range [start, start + len) inside [0, end): without overflow. */
static bool inside(u64 start, u64 len, u64 end)
{
	return start <= end && len <= end - start;
}

static int add_section(const Elf64_Phdr *phdr, u64 file_len, struct elf_program *out,
		       const char **why)
{
	struct program_section *section = &out->sections[out->nsections];
	const struct program_section *last = section - 1;

	if (phdr->p_filesz > phdr->p_memsz)
		return refuse(why, "a segment is shorter than its contents");
	if (!phdr->p_memsz)
		return 0;
	if (!inside(phdr->p_offset, phdr->p_filesz, file_len))
		return refuse(why, "the file is cut short");
	if ((phdr->p_vaddr ^ phdr->p_offset) & ~PAGE_MASK)
		return refuse(why, "a segment cannot be mapped from its place in the file");
	if (!inside(phdr->p_vaddr, phdr->p_memsz, LWK_USER_END) ||
	    (!out->pie && phdr->p_vaddr < LWK_USER_START))
		return refuse(why, "a segment lies outside the address range of programs");
	if (out->nsections == PROGRAM_MAX_SECTIONS)
		return refuse(why, "it has too many segments");
	if (out->nsections &&
	    ((last->vaddr + last->memsz + LWK_PAGE_SIZE - 1) & PAGE_MASK) >
		    (phdr->p_vaddr & PAGE_MASK))
		return refuse(why, "segments overlap, share a page or are not in ascending order");
	*section = (struct program_section){
		.vaddr = phdr->p_vaddr,
		.memsz = phdr->p_memsz,
		.filesz = phdr->p_filesz,
		.offset = phdr->p_offset,
		.prot = section_prot(phdr->p_flags),
		.mapped = !(phdr->p_flags & PF_W) && phdr->p_filesz == phdr->p_memsz,
	};
	out->nsections++;
	/* As Linux: what is no power of two is ignored. */
	if (phdr->p_align > out->align && !(phdr->p_align & (phdr->p_align - 1)))
		out->align = phdr->p_align;
	if (phdr->p_offset <= out->phoff && out->phoff - phdr->p_offset < phdr->p_filesz)
		out->phdr = phdr->p_vaddr + (out->phoff - phdr->p_offset);
	return 0;
}

static int note_interp(const Elf64_Phdr *phdr, u64 file_len, struct elf_program *out,
		       const char **why)
{
	/* As Linux, which takes the first. */
	if (out->interp_len)
		return 0;
	if (phdr->p_filesz < 2 || phdr->p_filesz > PATH_MAX ||
	    !inside(phdr->p_offset, phdr->p_filesz, file_len))
		return refuse(why, "the path of its interpreter is damaged");
	out->interp_offset = phdr->p_offset;
	out->interp_len = phdr->p_filesz;
	return 0;
}

int elf_read_segments(const void *phdrs, u64 file_len, struct elf_program *out, const char **why)
{
	Elf64_Phdr phdr;
	int err = 0;

	for (u32 i = 0; i < out->phnum && !err; i++) {
		memcpy(&phdr, (const char *)phdrs + i * sizeof(phdr), sizeof(phdr));
		if (phdr.p_type == PT_LOAD)
			err = add_section(&phdr, file_len, out, why);
		else if (phdr.p_type == PT_INTERP)
			err = note_interp(&phdr, file_len, out, why);
		else if (phdr.p_type == PT_GNU_STACK)
			out->exec_stack = phdr.p_flags & PF_X;
	}
	if (err)
		return err;
	if (!out->nsections)
		return refuse(why, "there is nothing to load");
	return 0;
}
