// SPDX-License-Identifier: GPL-2.0-only
/* The ELF image check: a good image, and every way to spoil it. */
#include "lwk/lib/elf.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/elf_sample.h"
#include "tests/unit/unit.h"

/* Check a copy that ends where its memory ends, so that overruns are seen. */
static int check_copy(const void *image, u64 len, const char **why)
{
	u8 *copy = malloc(len ? len : 1);
	struct elf_image out;
	int err;

	CHECK(copy);
	memcpy(copy, image, len);
	*why = NULL;
	err = elf_image_check(copy, len, &sample_rules, &out, why);
	CHECK(!err == !*why);
	CHECK(err || sample_promises_hold(copy, len, &out));
	free(copy);
	return err;
}

static void refused(const struct sample_elf *elf, int want, const char *words)
{
	const char *why;
	int err = check_copy(elf, sizeof(*elf), &why);

	if (err != want || !strstr(why ? why : "", words))
		printf("# %d, \"%s\", not %d, \"%s\"\n", err, why, want, words);
	CHECK_EQ(err, want);
	CHECK(strstr(why, words));
}

static void good(void)
{
	struct sample_elf elf = sample_make();
	struct elf_image out;
	const char *why = NULL;
	const struct image_note *note;

	CHECK_EQ(elf_image_check(&elf, sizeof(elf), &sample_rules, &out, &why),
		 0);
	CHECK(!why);
	CHECK(sample_promises_hold(&elf, sizeof(elf), &out));
	CHECK_EQ(out.nsegments, 3);
	CHECK(out.entry == LWK_IMAGE_VA + 16);
	CHECK(out.va_start == LWK_IMAGE_VA);
	CHECK(out.va_end == LWK_IMAGE_VA + 0x5000);
	CHECK_EQ(out.segments[0].prot, ELF_PROT_READ | ELF_PROT_EXEC);
	CHECK_EQ(out.segments[2].prot, ELF_PROT_READ | ELF_PROT_WRITE);
	CHECK_EQ(out.segments[2].offset, offsetof(struct sample_elf, data));
	CHECK_EQ(out.segments[2].file_len, 40);
	CHECK_EQ(out.segments[2].mem_len, 0x3000);
	note = out.note;
	CHECK(note == &elf.note.desc);
	CHECK(!strcmp(note->build_id, "sample"));
}

static void truncated(void)
{
	struct sample_elf elf = sample_make();
	const char *why;
	u64 len;

	for (len = 0; len < sizeof(elf); len++)
		CHECK_EQ(check_copy(&elf, len, &why), -ENOEXEC);
}

/* Spoil one field of a fresh image and see it refused for the right reason. */
#define SPOIL(field, value, err, words)                 \
	do {                                            \
		struct sample_elf elf = sample_make();  \
		elf.field = (value);                    \
		refused(&elf, err, words);              \
	} while (0)

static void header_fields(void)
{
	SPOIL(ident[0], 0, -ENOEXEC, "not ELF");
	SPOIL(ident[3], 'G', -ENOEXEC, "not ELF");
	SPOIL(ident[4], 1, -ENOEXEC, "not 64-bit");
	SPOIL(ident[5], 2, -ENOEXEC, "not little-endian");
	SPOIL(ident[6], 0, -ENOEXEC, "version");
	SPOIL(version, 2, -ENOEXEC, "version");
	SPOIL(type, 1, -ENOEXEC, "executable");
	SPOIL(type, 3, -ENOEXEC, "executable");
	SPOIL(machine, 183, -ENOEXEC, "another machine");
	SPOIL(ehsize, 63, -ENOEXEC, "wrong size");
	SPOIL(phentsize, 32, -ENOEXEC, "wrong size");
	SPOIL(phnum, 0, -ENOEXEC, "number of program headers");
	SPOIL(phnum, 65, -ENOEXEC, "number of program headers");
	SPOIL(phnum, 0xffff, -ENOEXEC, "number of program headers");
	SPOIL(phoff, sizeof(elf) - 1, -ENOEXEC, "outside the file");
	SPOIL(phoff, ~0ULL, -ENOEXEC, "outside the file");
	SPOIL(phoff, ~0ULL - 100, -ENOEXEC, "outside the file");
	SPOIL(entry, 0, -ENOEXEC, "entry point");
	SPOIL(entry, LWK_IMAGE_VA + 64, -ENOEXEC, "entry point");
	SPOIL(entry, LWK_IMAGE_VA + 0x1000, -ENOEXEC, "entry point");
	SPOIL(entry, LWK_IMAGE_VA - 1, -ENOEXEC, "entry point");
}

#define SPOIL_TEXT(field, value, words) \
	SPOIL(phdrs[SAMPLE_TEXT].field, value, -ENOEXEC, words)

static void segment_fields(void)
{
	SPOIL_TEXT(type, 2, "statically linked");
	SPOIL_TEXT(type, 3, "statically linked");
	SPOIL_TEXT(type, 0, "entry point");
	SPOIL_TEXT(offset, sizeof(struct sample_elf) - 63, "outside the file");
	SPOIL_TEXT(offset, ~0ULL - 10, "outside the file");
	SPOIL_TEXT(filesz, ~0ULL, "outside the file");
	SPOIL_TEXT(filesz, 65, "larger in the file");
	SPOIL_TEXT(filesz, 16, "entry point");
	SPOIL_TEXT(memsz, 63, "larger in the file");
	SPOIL_TEXT(memsz, ~0ULL, "addresses");
	SPOIL_TEXT(memsz, IHK_IMAGE_MAX_LEN + 1, "addresses");
	SPOIL_TEXT(memsz, 0x1001, "overlap");
	SPOIL_TEXT(vaddr, LWK_IMAGE_VA + 8, "start at a page");
	SPOIL_TEXT(vaddr, LWK_IMAGE_VA - 0x1000, "addresses");
	SPOIL_TEXT(vaddr, LWK_IMAGE_VA + IHK_IMAGE_MAX_LEN, "addresses");
	SPOIL_TEXT(vaddr, ~0ULL - 0xfff, "addresses");
	SPOIL_TEXT(vaddr, 0, "addresses");
	SPOIL_TEXT(vaddr, LWK_IMAGE_VA + 0x1000, "overlap");
	SPOIL_TEXT(vaddr, LWK_IMAGE_VA + 0x8000, "ascending");
	SPOIL_TEXT(flags, 7, "writable and executable");
	SPOIL_TEXT(flags, 3, "permissions");
	SPOIL_TEXT(flags, 1, "permissions");
	SPOIL_TEXT(flags, 0, "permissions");
	SPOIL_TEXT(flags, 13, "permissions");
	SPOIL_TEXT(flags, 4, "entry point");
	SPOIL_TEXT(align, 3, "power of two");
	SPOIL(phdrs[SAMPLE_RODATA].vaddr, LWK_IMAGE_VA, -ENOEXEC, "overlap");
}

static void too_large(void)
{
	struct sample_elf elf = sample_make();
	u8 *file = calloc(1, sample_rules.max_len + 1);
	const char *why;

	/* In memory: exactly the limit is accepted. */
	elf.phdrs[SAMPLE_DATA].memsz = sample_rules.max_len - 0x2000;
	CHECK_EQ(check_copy(&elf, sizeof(elf), &why), 0);
	elf.phdrs[SAMPLE_DATA].memsz++;
	refused(&elf, -EFBIG, "too large in memory");

	/* As a file: likewise. */
	elf = sample_make();
	CHECK(file);
	memcpy(file, &elf, sizeof(elf));
	CHECK_EQ(check_copy(file, sample_rules.max_len, &why), 0);
	CHECK_EQ(check_copy(file, sample_rules.max_len + 1, &why), -EFBIG);
	free(file);
}

/* Eight segments are accepted, nine are not; empty ones do not count. */
static void segment_count(void)
{
	struct {
		struct sample_elf elf;
		struct sample_phdr phdrs[12];
	} file = { .elf = sample_make() };
	const char *why;
	u32 i;

	file.elf.phoff = offsetof(__typeof__(file), phdrs);
	file.elf.phnum = 10;
	for (i = 0; i < 9; i++) {
		file.phdrs[i] = file.elf.phdrs[i ? SAMPLE_RODATA : SAMPLE_TEXT];
		file.phdrs[i].vaddr = LWK_IMAGE_VA + i * 0x1000;
	}
	file.phdrs[9] = file.elf.phdrs[SAMPLE_NOTE];
	CHECK_EQ(check_copy(&file, sizeof(file), &why), -ENOEXEC);
	CHECK(strstr(why, "too many segments"));
	file.phdrs[4].memsz = 0;
	file.phdrs[4].filesz = 0;
	CHECK_EQ(check_copy(&file, sizeof(file), &why), 0);
}

static void notes(void)
{
	struct sample_elf twice = sample_make();

	SPOIL(phdrs[SAMPLE_NOTE].type, 0, -ENOEXEC, "missing");
	SPOIL(note.type, 2, -ENOEXEC, "missing");
	SPOIL(note.name[0], 'm', -ENOEXEC, "missing");
	SPOIL(note.name[8], 'x', -ENOEXEC, "missing");
	SPOIL(note.namesz, 8, -ENOEXEC, "missing");
	SPOIL(note.namesz, ~0U, -ENOEXEC, "longer than its segment");
	SPOIL(note.descsz, ~0U, -ENOEXEC, "longer than its segment");
	SPOIL(note.descsz, sizeof(struct image_note) + 1, -ENOEXEC,
	      "longer than its segment");
	SPOIL(note.descsz, sizeof(struct image_note) - 4, -ENOEXEC,
	      "wrong size");
	SPOIL(phdrs[SAMPLE_NOTE].filesz, 11, -ENOEXEC, "missing");
	SPOIL(phdrs[SAMPLE_NOTE].filesz, ~0ULL, -ENOEXEC, "outside");
	SPOIL(phdrs[SAMPLE_NOTE].offset, ~0ULL, -ENOEXEC, "outside");
	/* Two segments with the same note: which one is meant? */
	twice.phdrs[SAMPLE_STACK] = twice.phdrs[SAMPLE_NOTE];
	refused(&twice, -ENOEXEC, "twice");
}

/* A foreign note before ours, with 8-byte alignment as gcc's property notes. */
static void foreign_note(void)
{
	struct {
		struct sample_elf elf;
		u32 head[3];
		char name[4];
		u8 desc[16];
		u8 ours[sizeof(((struct sample_elf *)0)->note) + 8];
	} file = { .elf = sample_make(), .head = { 4, 13, 5 }, .name = "GNU" };
	const char *why;
	u8 *ours = file.ours;

	file.elf.phdrs[SAMPLE_NOTE].offset = offsetof(__typeof__(file), head);
	file.elf.phdrs[SAMPLE_NOTE].filesz =
		32 + sizeof(file.elf.note);
	memcpy(ours, &file.elf.note, sizeof(file.elf.note));
	CHECK_EQ(check_copy(&file, sizeof(file), &why), 0);
	/* Head 12 and name 9 end at 21: rounded to 24 with either padding. */
	file.elf.phdrs[SAMPLE_NOTE].align = 8;
	CHECK_EQ(check_copy(&file, sizeof(file), &why), 0);
}

/* Any value in any byte: refused, or accepted with all promises kept. */
static void every_byte(void)
{
	struct sample_elf elf = sample_make();
	u8 *bytes = (u8 *)&elf;
	const char *why;
	u64 accepted = 0;
	size_t i;
	u32 x;

	for (i = 0; i < sizeof(elf); i++) {
		u8 old = bytes[i];

		for (x = 0; x < 256; x++) {
			bytes[i] = (u8)x;
			accepted += !check_copy(&elf, sizeof(elf), &why);
		}
		bytes[i] = old;
	}
	CHECK(accepted > 0 && accepted < sizeof(elf) * 256);
}

static const struct unit_test tests[] = {
	UNIT_TEST(good),	  UNIT_TEST(truncated),
	UNIT_TEST(header_fields), UNIT_TEST(segment_fields),
	UNIT_TEST(too_large),	  UNIT_TEST(segment_count),
	UNIT_TEST(notes),	  UNIT_TEST(foreign_note),
	UNIT_TEST(every_byte),
};

UNIT_MAIN(tests)
