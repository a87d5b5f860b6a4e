/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks an LWK image, an ELF64 executable, before anything of it is loaded.
 *
 * Compiled into the LWK, into the Linux module and into unit tests: includes
 * nothing but abi/ and calls nothing but memcmp(), memcpy(), memset() and strlen(),
 * which all three have. The image is never believed: every number is checked
 * against the length of the file and the rules of the caller, without overflow,
 * and what was checked is kept in struct elf_image. The caller keeps the image
 * from changing meanwhile.
 */
#ifndef LWK_LIB_ELF_H
#define LWK_LIB_ELF_H

#include "abi/types.h"

#define ELF_IMAGE_MAX_SEGMENTS 8

/* elf_segment.prot */
#define ELF_PROT_EXEC 0x1
#define ELF_PROT_WRITE 0x2
#define ELF_PROT_READ 0x4

/**
 * struct elf_image_rules - what the caller accepts.
 * @va_start: segments lie in [va_start, va_end), both page-aligned
 * @va_end: see @va_start
 * @max_len: bound of the file's length and of the loaded length, in bytes
 * @note_owner: owner of the note that must be there exactly once
 * @note_type: its type
 * @note_len: exact length of its descriptor in bytes
 */
struct elf_image_rules {
	u64 va_start;
	u64 va_end;
	u64 max_len;
	const char *note_owner;
	u32 note_type;
	u32 note_len;
};

/**
 * struct elf_segment - one part of the image to load.
 * @offset: in the file
 * @va: virtual address, page-aligned
 * @file_len: bytes to copy
 * @mem_len: bytes in memory, not 0; those behind @file_len are cleared
 * @prot: ELF_PROT_*; never writable and executable at once
 * @reserved: zero
 */
struct elf_segment {
	u64 offset;
	u64 va;
	u64 file_len;
	u64 mem_len;
	u32 prot;
	u32 reserved;
};

/**
 * struct elf_image - what elf_image_check() found.
 * @entry: first instruction, inside an executable segment's file part
 * @va_start: start of the first segment
 * @va_end: end of the last segment, rounded up to a page
 * @nsegments: how many segments, at least 1
 * @reserved: zero
 * @segments: in ascending order; no two share a page
 * @note: descriptor of the note, inside the image; may be unaligned
 */
struct elf_image {
	u64 entry;
	u64 va_start;
	u64 va_end;
	u32 nsegments;
	u32 reserved;
	struct elf_segment segments[ELF_IMAGE_MAX_SEGMENTS];
	const void *note;
};

/**
 * elf_image_check() - is this an image that the caller can load?
 * @image: the whole file
 * @len: its length in bytes
 * @rules: what is accepted
 * @out: result; defined only on success
 * @why: set on failure to a sentence that tells the user what is wrong
 *
 * Context: any.
 * Return: 0, -ENOEXEC if it is not a valid image, -EFBIG if it is too large.
 */
int elf_image_check(const void *image, u64 len,
		    const struct elf_image_rules *rules, struct elf_image *out,
		    const char **why);

#endif
