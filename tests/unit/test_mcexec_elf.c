// SPDX-License-Identifier: GPL-2.0-only
/* mcexec's ELF reader: a good program, and every way to spoil it. */
#include "user/mcexec/elf_read.c"

#include "tests/unit/mcexec_elf_sample.h"
#include "tests/unit/unit.h"

static int read_sample(const struct sample_program *sample, size_t head_len,
		       struct elf_program *elf, const char **why)
{
	int err;

	*why = NULL;
	err = elf_read_header(sample, head_len, elf, why);
	if (!err)
		err = elf_read_segments(sample->phdrs, SAMPLE_FILE_LEN, elf, why);
	CHECK(!err == !*why);
	CHECK(err || sample_program_holds(elf, SAMPLE_FILE_LEN));
	return err;
}

static void refused(const struct sample_program *sample, const char *words)
{
	struct elf_program elf;
	const char *why;

	CHECK_EQ(read_sample(sample, ELF_HEADER_LEN, &elf, &why), -ENOEXEC);
	if (!strstr(why, words))
		printf("# \"%s\", not \"%s\"\n", why, words);
	CHECK(strstr(why, words));
}

#define SPOIL(field, value, words)                               \
	do {                                                     \
		struct sample_program sample = sample_program(); \
		sample.field = (value);                          \
		refused(&sample, words);                         \
	} while (0)

#define ACCEPT(field, value)                                                         \
	do {                                                                         \
		struct sample_program sample = sample_program();                     \
		struct elf_program elf;                                              \
		const char *why;                                                     \
		sample.field = (value);                                              \
		CHECK_EQ(read_sample(&sample, ELF_HEADER_LEN, &elf, &why), 0);       \
	} while (0)

static void good(void)
{
	struct sample_program sample = sample_program();
	struct elf_program elf;
	const char *why;

	CHECK_EQ(read_sample(&sample, ELF_HEADER_LEN, &elf, &why), 0);
	CHECK(elf.pie && !elf.exec_stack);
	CHECK_EQ(elf.entry, 0x1040);
	CHECK_EQ(elf.phnum, 4);
	CHECK_EQ(elf.phdr, offsetof(struct sample_program, phdrs));
	CHECK_EQ(elf.align, 0x200000);
	CHECK_EQ(elf.interp_len, 8);
	CHECK_EQ(elf.nsections, 2);
	CHECK_EQ(elf.sections[0].prot, PROT_READ | PROT_EXEC);
	CHECK_EQ(elf.sections[1].prot, PROT_READ | PROT_WRITE);
	CHECK(elf.sections[0].mapped && !elf.sections[1].mapped);
	CHECK_EQ(elf.sections[1].vaddr, 0x3e10);
	CHECK_EQ(elf.sections[1].memsz, 0x4000);
	CHECK_EQ(elf.sections[1].filesz, 0x200);
	CHECK_EQ(elf.sections[1].offset, 0x1e10);
	/* What is zero behind it is nowhere in the file. */
	sample.phdrs[1].p_memsz++;
	CHECK_EQ(read_sample(&sample, ELF_HEADER_LEN, &elf, &why), 0);
	CHECK(!elf.sections[0].mapped);
}

static void cut_short(void)
{
	struct sample_program sample = sample_program();
	struct elf_program elf;
	const char *why;

	for (size_t len = 0; len < ELF_HEADER_LEN; len++)
		CHECK_EQ(read_sample(&sample, len, &elf, &why), -ENOEXEC);
}

static void header(void)
{
	SPOIL(ehdr.e_ident[0], 0, "not an ELF");
	SPOIL(ehdr.e_ident[EI_CLASS], ELFCLASS32, "32-bit");
	SPOIL(ehdr.e_machine, EM_AARCH64, "processor");
	SPOIL(ehdr.e_type, ET_REL, "neither");
	SPOIL(ehdr.e_type, ET_CORE, "neither");
	SPOIL(ehdr.e_phentsize, 55, "program headers");
	SPOIL(ehdr.e_phnum, 0, "program headers");
	SPOIL(ehdr.e_phnum, ELF_MAX_PHDRS + 1, "program headers");
}

static void segments(void)
{
	SPOIL(phdrs[1].p_filesz, 0x1801, "shorter than its contents");
	SPOIL(phdrs[1].p_offset, SAMPLE_FILE_LEN, "cut short");
	SPOIL(phdrs[1].p_offset, ~0ULL - 0xfff, "cut short");
	SPOIL(phdrs[1].p_offset, 8, "its place in the file");
	SPOIL(phdrs[2].p_vaddr, LWK_USER_END - 0x31f0, "outside");
	SPOIL(phdrs[2].p_vaddr, ~0ULL - 0x1ef, "outside");
	SPOIL(phdrs[2].p_memsz, ~0ULL, "outside");
	SPOIL(phdrs[2].p_vaddr, 0x1e10, "ascending");
	SPOIL(phdrs[2].p_vaddr, 0xe10, "ascending");
	SPOIL(ehdr.e_type, ET_EXEC, "outside");
	ACCEPT(phdrs[2].p_vaddr, 0x2e10);
	ACCEPT(phdrs[2].p_align, 3);
	ACCEPT(phdrs[1].p_memsz, 0x3000);
	SPOIL(phdrs[1].p_memsz, 0x3001, "ascending");
	SPOIL(phdrs[0].p_filesz, 1, "interpreter");
	SPOIL(phdrs[0].p_filesz, 5000, "interpreter");
	SPOIL(phdrs[0].p_offset, SAMPLE_FILE_LEN - 7, "interpreter");
}

static void no_segments(void)
{
	struct sample_program sample = sample_program();

	sample.phdrs[1].p_type = PT_NULL;
	sample.phdrs[2].p_memsz = 0;
	sample.phdrs[2].p_filesz = 0;
	refused(&sample, "nothing to load");
}

static void many_segments(void)
{
	Elf64_Phdr phdrs[PROGRAM_MAX_SECTIONS + 1];
	struct elf_program elf = { .pie = true, .phnum = PROGRAM_MAX_SECTIONS, .align = 4096 };
	const char *why = NULL;

	for (u32 i = 0; i < ARRAY_SIZE(phdrs); i++)
		phdrs[i] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = i * 4096ULL, .p_memsz = 1 };
	CHECK_EQ(elf_read_segments(phdrs, 0, &elf, &why), 0);
	CHECK_EQ(elf.nsections, PROGRAM_MAX_SECTIONS);
	elf = (struct elf_program){ .pie = true, .phnum = ARRAY_SIZE(phdrs), .align = 4096 };
	CHECK_EQ(elf_read_segments(phdrs, 0, &elf, &why), -ENOEXEC);
	CHECK(strstr(why, "too many"));
}

static void other_fields(void)
{
	struct sample_program sample = sample_program();
	struct elf_program elf;
	const char *why;

	sample.phdrs[3].p_flags |= PF_X;
	sample.ehdr.e_phoff = 0x2800;
	CHECK_EQ(read_sample(&sample, ELF_HEADER_LEN, &elf, &why), 0);
	CHECK(elf.exec_stack);
	/* Program headers that no segment contains. */
	CHECK_EQ(elf.phdr, 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(good),
	UNIT_TEST(cut_short),
	UNIT_TEST(header),
	UNIT_TEST(segments),
	UNIT_TEST(no_segments),
	UNIT_TEST(many_segments),
	UNIT_TEST(other_fields),
};

UNIT_MAIN(tests)
