/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small valid LWK image for tests, and the rules that it satisfies. Shared by
 * the unit test and the fuzzer of the ELF image check.
 */
#ifndef UNIT_ELF_SAMPLE_H
#define UNIT_ELF_SAMPLE_H

#include <stddef.h>
#include <string.h>

#include "abi/boot.h"
#include "abi/layout.h"
#include "lwk/lib/elf.h"

/* Written apart from lwk/lib/elf.c on purpose: two readings of the format. */
struct sample_phdr {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
};

enum sample_index {
	SAMPLE_TEXT,
	SAMPLE_RODATA,
	SAMPLE_DATA,
	SAMPLE_NOTE,
	SAMPLE_STACK, /* a kind that loaders ignore */
	SAMPLE_NPHDRS
};

/**
 * struct sample_elf - the file.
 *
 * The members up to @shstrndx are the ELF header.
 */
struct sample_elf {
	u8 ident[16];
	u16 type;
	u16 machine;
	u32 version;
	u64 entry;
	u64 phoff;
	u64 shoff;
	u32 flags;
	u16 ehsize;
	u16 phentsize;
	u16 phnum;
	u16 shentsize;
	u16 shnum;
	u16 shstrndx;
	struct sample_phdr phdrs[SAMPLE_NPHDRS];
	struct {
		u32 namesz;
		u32 descsz;
		u32 type;
		char name[12];
		struct image_note desc;
	} note;
	u8 text[64];
	u8 rodata[32];
	u8 data[40];
};

#define SAMPLE_FILE_PART(member)                            \
	.offset = offsetof(struct sample_elf, member), \
	.filesz = sizeof(((struct sample_elf *)0)->member)

static const struct elf_image_rules sample_rules = {
	.va_start = LWK_IMAGE_VA,
	.va_end = LWK_IMAGE_VA + IHK_IMAGE_MAX_LEN,
	.max_len = 0x100000,
	.note_owner = IMAGE_NOTE_OWNER,
	.note_type = IMAGE_NOTE_TYPE,
	.note_len = sizeof(struct image_note),
};

/** sample_make() - a fresh valid image. */
static inline struct sample_elf sample_make(void)
{
	struct sample_elf elf = {
		.ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
		.type = 2,
		.machine = 62,
		.version = 1,
		.entry = LWK_IMAGE_VA + 16,
		.phoff = offsetof(struct sample_elf, phdrs),
		.ehsize = 64,
		.phentsize = 56,
		.phnum = SAMPLE_NPHDRS,
		.phdrs = {
			[SAMPLE_TEXT] = {
				.type = 1, .flags = 5, SAMPLE_FILE_PART(text),
				.vaddr = LWK_IMAGE_VA, .memsz = 64,
				.align = 4096,
			},
			[SAMPLE_RODATA] = {
				.type = 1, .flags = 4, SAMPLE_FILE_PART(rodata),
				.vaddr = LWK_IMAGE_VA + 0x1000, .memsz = 32,
				.align = 4096,
			},
			[SAMPLE_DATA] = {
				.type = 1, .flags = 6, SAMPLE_FILE_PART(data),
				.vaddr = LWK_IMAGE_VA + 0x2000, .memsz = 0x3000,
				.align = 4096,
			},
			[SAMPLE_NOTE] = {
				.type = 4, .flags = 4, SAMPLE_FILE_PART(note),
				.align = 4,
			},
			[SAMPLE_STACK] = { .type = 0x6474e551, .flags = 6 },
		},
		.note = {
			.namesz = sizeof(IMAGE_NOTE_OWNER),
			.descsz = sizeof(struct image_note),
			.type = IMAGE_NOTE_TYPE,
			.name = IMAGE_NOTE_OWNER,
			.desc = { .abi_version = BOOT_VERSION,
				  .build_id = "sample" },
		},
	};

	return elf;
}

/**
 * sample_promises_hold() - is what elf_image_check() accepted really safe?
 * @len: length of the file
 * @image: the file
 * @out: what the check returned
 *
 * Judged by the promises of elf.h alone.
 *
 * Return: true if so.
 */
static inline _Bool sample_promises_hold(const void *image, u64 len,
					 const struct elf_image *out)
{
	const struct elf_segment *s, *entry_segment = NULL;
	u64 note = (u64)out->note - (u64)image;
	u64 page_end = 0;
	u32 i;

	if (!out->nsegments || out->nsegments > ELF_IMAGE_MAX_SEGMENTS ||
	    out->reserved)
		return 0;
	for (i = 0; i < out->nsegments; i++) {
		s = &out->segments[i];
		if ((unsigned __int128)s->offset + s->file_len > len ||
		    s->file_len > s->mem_len || !s->mem_len ||
		    s->va % 4096 || s->va < page_end ||
		    s->va < sample_rules.va_start ||
		    (unsigned __int128)s->va + s->mem_len > sample_rules.va_end ||
		    (s->prot & 3) == 3 || s->prot > 7 || s->reserved)
			return 0;
		page_end = (s->va + s->mem_len + 4095) / 4096 * 4096;
		if ((s->prot & ELF_PROT_EXEC) && out->entry >= s->va &&
		    out->entry < s->va + s->file_len)
			entry_segment = s;
	}
	return entry_segment && out->va_start == out->segments[0].va &&
	       out->va_end == page_end &&
	       out->va_end - out->va_start <= sample_rules.max_len &&
	       note <= len && sizeof(struct image_note) <= len - note;
}

#endif
