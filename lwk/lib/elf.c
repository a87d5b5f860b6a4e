// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks an LWK image; see elf.h. The file's structures are copied out before
 * they are looked at, since nothing promises that they are aligned. Their types
 * are private to this file, so that it can be built beside <linux/elf.h>.
 */
#include "lwk/lib/elf.h"

#include "abi/errno.h"

#define IMAGE_PAGE 4096ULL
#define IMAGE_MAX_PHDRS 64

#define IDENT_CLASS 4
#define IDENT_DATA 5
#define IDENT_VERSION 6
#define CLASS_64 2
#define DATA_LITTLE_ENDIAN 1
#define VERSION_CURRENT 1
#define TYPE_EXECUTABLE 2
#define MACHINE_X86_64 62

#define PHDR_LOAD 1
#define PHDR_DYNAMIC 2
#define PHDR_INTERPRETER 3
#define PHDR_NOTE 4

#define ELF_PROT_ALL (ELF_PROT_EXEC | ELF_PROT_WRITE | ELF_PROT_READ)

/* The file's header. */
struct elf_ehdr64 {
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
};

ABI_ASSERT_SIZE(struct elf_ehdr64, 64);

/* One program header. */
struct elf_phdr64 {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
};

ABI_ASSERT_SIZE(struct elf_phdr64, 56);

/* Head of a note; owner and descriptor follow, each padded. */
struct elf_nhdr64 {
	u32 namesz;
	u32 descsz;
	u32 type;
};

ABI_ASSERT_SIZE(struct elf_nhdr64, 12);

/* One check under way. */
struct elf_check {
	const u8 *image;
	u64 len;
	const struct elf_image_rules *rules;
	struct elf_image *out;
	const char *why;
};

static int refuse(struct elf_check *check, int err, const char *why)
{
	check->why = why;
	return err;
}

/* Is [offset, offset + part) within [0, len)? */
static _Bool range_inside(u64 offset, u64 part, u64 len)
{
	return offset <= len && part <= len - offset;
}

static int check_header(struct elf_check *check, struct elf_ehdr64 *ehdr)
{
	static const u8 magic[4] = { 0x7f, 'E', 'L', 'F' };

	if (check->len > check->rules->max_len)
		return refuse(check, -EFBIG, "the file is too large");
	if (check->len < sizeof(*ehdr))
		return refuse(check, -ENOEXEC,
			      "the file is too short for an ELF header");
	__builtin_memcpy(ehdr, check->image, sizeof(*ehdr));

	if (__builtin_memcmp(ehdr->ident, magic, sizeof(magic)))
		return refuse(check, -ENOEXEC, "the file is not ELF");
	if (ehdr->ident[IDENT_CLASS] != CLASS_64)
		return refuse(check, -ENOEXEC, "the file is not 64-bit ELF");
	if (ehdr->ident[IDENT_DATA] != DATA_LITTLE_ENDIAN)
		return refuse(check, -ENOEXEC, "the file is not little-endian");
	if (ehdr->ident[IDENT_VERSION] != VERSION_CURRENT ||
	    ehdr->version != VERSION_CURRENT)
		return refuse(check, -ENOEXEC, "the ELF version is unknown");
	if (ehdr->machine != MACHINE_X86_64)
		return refuse(check, -ENOEXEC,
			      "the file is for another machine than x86-64");
	if (ehdr->type != TYPE_EXECUTABLE)
		return refuse(check, -ENOEXEC,
			      "the file is not a statically linked executable");
	if (ehdr->ehsize != sizeof(*ehdr) ||
	    ehdr->phentsize != sizeof(struct elf_phdr64))
		return refuse(check, -ENOEXEC,
			      "the ELF headers have the wrong size");
	if (!ehdr->phnum || ehdr->phnum > IMAGE_MAX_PHDRS)
		return refuse(check, -ENOEXEC,
			      "the number of program headers is out of range");
	if (!range_inside(ehdr->phoff,
			  (u64)ehdr->phnum * sizeof(struct elf_phdr64),
			  check->len))
		return refuse(check, -ENOEXEC,
			      "the program headers lie outside the file");
	return 0;
}

/* The numbers of one loadable segment, by themselves. */
static int check_segment_numbers(struct elf_check *check,
				 const struct elf_phdr64 *phdr)
{
	const struct elf_image_rules *rules = check->rules;

	if (!range_inside(phdr->offset, phdr->filesz, check->len))
		return refuse(check, -ENOEXEC,
			      "a segment lies outside the file");
	if (phdr->filesz > phdr->memsz)
		return refuse(check, -ENOEXEC,
			      "a segment is larger in the file than in memory");
	if (phdr->align & (phdr->align - 1))
		return refuse(check, -ENOEXEC,
			      "a segment's alignment is not a power of two");
	if (phdr->vaddr % IMAGE_PAGE)
		return refuse(check, -ENOEXEC,
			      "a segment does not start at a page");
	if (phdr->vaddr < rules->va_start || phdr->vaddr > rules->va_end ||
	    phdr->memsz > rules->va_end - phdr->vaddr)
		return refuse(check, -ENOEXEC,
			      "a segment's addresses are not those of an LWK image");
	if (!(phdr->flags & ELF_PROT_READ) || (phdr->flags & ~ELF_PROT_ALL))
		return refuse(check, -ENOEXEC,
			      "a segment's permissions make no sense");
	if ((phdr->flags & ELF_PROT_WRITE) && (phdr->flags & ELF_PROT_EXEC))
		return refuse(check, -ENOEXEC,
			      "a segment is both writable and executable");
	return 0;
}

static int add_segment(struct elf_check *check, const struct elf_phdr64 *phdr)
{
	struct elf_image *out = check->out;
	struct elf_segment *segment = &out->segments[out->nsegments];
	int err;

	err = check_segment_numbers(check, phdr);
	if (err)
		return err;
	if (!phdr->memsz)
		return 0;
	if (out->nsegments == ELF_IMAGE_MAX_SEGMENTS)
		return refuse(check, -ENOEXEC, "there are too many segments");
	if (!out->nsegments)
		out->va_start = phdr->vaddr;
	else if (phdr->vaddr < out->va_end)
		return refuse(check, -ENOEXEC,
			      "segments overlap, share a page or are not in ascending order");

	segment->offset = phdr->offset;
	segment->va = phdr->vaddr;
	segment->file_len = phdr->filesz;
	segment->mem_len = phdr->memsz;
	segment->prot = phdr->flags;
	/* No overflow: vaddr + memsz <= rules->va_end, which is page-aligned. */
	out->va_end = (phdr->vaddr + phdr->memsz + IMAGE_PAGE - 1) &
		      ~(IMAGE_PAGE - 1);
	out->nsegments++;
	if (out->va_end - out->va_start > check->rules->max_len)
		return refuse(check, -EFBIG, "the image is too large in memory");
	return 0;
}

static _Bool note_matches(const struct elf_check *check,
			  const struct elf_nhdr64 *nhdr, const u8 *name)
{
	const struct elf_image_rules *rules = check->rules;
	u64 owner_len = __builtin_strlen(rules->note_owner) + 1;

	return nhdr->type == rules->note_type && nhdr->namesz == owner_len &&
	       !__builtin_memcmp(name, rules->note_owner, owner_len);
}

/* Look through one note segment for the caller's note. */
static int scan_notes(struct elf_check *check, const struct elf_phdr64 *phdr)
{
	u64 pad = phdr->align == 8 ? 7 : 3;
	struct elf_nhdr64 nhdr;
	u64 pos = 0;

	if (!range_inside(phdr->offset, phdr->filesz, check->len))
		return refuse(check, -ENOEXEC, "the notes lie outside the file");

	while (phdr->filesz - pos >= sizeof(nhdr)) {
		const u8 *head = check->image + phdr->offset + pos;
		u64 left = phdr->filesz - pos;
		u64 desc, end;

		__builtin_memcpy(&nhdr, head, sizeof(nhdr));
		/* Sums of 32-bit numbers: no overflow. */
		desc = (sizeof(nhdr) + nhdr.namesz + pad) & ~pad;
		end = desc + nhdr.descsz;
		if (end > left)
			return refuse(check, -ENOEXEC,
				      "a note is longer than its segment");
		if (note_matches(check, &nhdr, head + sizeof(nhdr))) {
			if (check->out->note)
				return refuse(check, -ENOEXEC,
					      "the note that identifies the image is there twice");
			if (nhdr.descsz != check->rules->note_len)
				return refuse(check, -ENOEXEC,
					      "the note that identifies the image has the wrong size");
			check->out->note = head + desc;
		}
		end = (end + pad) & ~pad;
		pos += end < left ? end : left;
	}
	return 0;
}

static int check_phdr(struct elf_check *check, const struct elf_phdr64 *phdr)
{
	switch (phdr->type) {
	case PHDR_LOAD:
		return add_segment(check, phdr);
	case PHDR_NOTE:
		return scan_notes(check, phdr);
	case PHDR_DYNAMIC:
	case PHDR_INTERPRETER:
		return refuse(check, -ENOEXEC,
			      "the file is not a statically linked executable");
	default:
		return 0;
	}
}

/* What can be judged only after all program headers were seen. */
static int check_whole(struct elf_check *check)
{
	const struct elf_image *out = check->out;
	u32 i;

	if (!out->nsegments)
		return refuse(check, -ENOEXEC, "there is nothing to load");
	if (!out->note)
		return refuse(check, -ENOEXEC,
			      "the note that identifies the image is missing");
	for (i = 0; i < out->nsegments; i++) {
		const struct elf_segment *segment = &out->segments[i];

		if ((segment->prot & ELF_PROT_EXEC) &&
		    out->entry >= segment->va &&
		    out->entry - segment->va < segment->file_len)
			return 0;
	}
	return refuse(check, -ENOEXEC,
		      "the entry point is not in an executable segment");
}

int elf_image_check(const void *image, u64 len,
		    const struct elf_image_rules *rules, struct elf_image *out,
		    const char **why)
{
	struct elf_check check = {
		.image = image,
		.len = len,
		.rules = rules,
		.out = out,
	};
	struct elf_ehdr64 ehdr;
	struct elf_phdr64 phdr;
	int err;
	u32 i;

	*out = (struct elf_image){ 0 };
	err = check_header(&check, &ehdr);
	if (err)
		goto out_why;
	out->entry = ehdr.entry;
	for (i = 0; i < ehdr.phnum; i++) {
		__builtin_memcpy(&phdr,
				 check.image + ehdr.phoff + i * sizeof(phdr),
				 sizeof(phdr));
		err = check_phdr(&check, &phdr);
		if (err)
			goto out_why;
	}
	err = check_whole(&check);
out_why:
	if (err)
		*why = check.why;
	return err;
}
