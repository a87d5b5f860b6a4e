// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a program: refused with a reason, or all promises hold. */
#include "user/mcexec/elf_read.c"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/mcexec_elf_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t head_len = len < ELF_HEADER_LEN ? len : ELF_HEADER_LEN;
	uint8_t *head = malloc(head_len ? head_len : 1);
	struct elf_program elf;
	const char *why = NULL;
	uint8_t *phdrs;
	int err;

	/* Copies that end with their memory, so that overruns are seen. */
	FUZZ_CHECK(head);
	if (len)
		memcpy(head, data, head_len);
	err = elf_read_header(head, head_len, &elf, &why);
	free(head);
	FUZZ_CHECK(!err == !why);
	if (err || elf.phoff > len || elf.phnum * (u64)ELF_PHDR_LEN > len - elf.phoff)
		return 0;
	phdrs = malloc(elf.phnum * ELF_PHDR_LEN);
	FUZZ_CHECK(phdrs);
	memcpy(phdrs, data + elf.phoff, elf.phnum * ELF_PHDR_LEN);
	err = elf_read_segments(phdrs, len, &elf, &why);
	free(phdrs);
	FUZZ_CHECK(!err == !why);
	FUZZ_CHECK(err || sample_program_holds(&elf, len));
	return 0;
}
