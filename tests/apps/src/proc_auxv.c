// SPDX-License-Identifier: GPL-2.0-only
/*
 * The auxiliary vector, and the vDSO that it tells of.
 */
#include <cpuid.h>
#include <elf.h>

#include "app.h"
#include "vector.h"

static void show_types(void)
{
	const ElfW(auxv_t) *vector = vector_start();
	size_t n;

	printf("types:");
	for (n = 0; n < vector_count(); n++)
		printf(" %lu", (unsigned long)vector[n].a_type);
	printf("\n");
}

static void show_vdso(void)
{
	const Elf64_Ehdr *head = (const void *)vector_value(AT_SYSINFO_EHDR);

	if (!head) {
		printf("no vDSO\n");
		return;
	}
	SHOW(memcmp(head->e_ident, ELFMAG, SELFMAG));
	SHOW(head->e_type);
	SHOW(head->e_phnum);
}

int main(void)
{
	unsigned int eax, ebx, ecx, edx = 0;

	show_types();
	show_vdso();
	__get_cpuid(1, &eax, &ebx, &ecx, &edx);
	SHOW_TRUE(vector_value(AT_HWCAP) == edx);
	printf("AT_HWCAP2 %#lx\n", vector_value(AT_HWCAP2));
	SHOW(vector_value(AT_PAGESZ));
	SHOW(vector_value(AT_CLKTCK));
	SHOW(vector_value(AT_PHENT));
	SHOW(vector_value(AT_PHNUM));
	SHOW(vector_value(AT_FLAGS));
	SHOW(vector_value(AT_UID));
	SHOW(vector_value(AT_EUID));
	SHOW(vector_value(AT_GID));
	SHOW(vector_value(AT_EGID));
	SHOW(vector_value(AT_SECURE));
	SHOW(vector_value(AT_MINSIGSTKSZ));
	printf("AT_PLATFORM %s\n", (char *)vector_value(AT_PLATFORM));
	printf("AT_EXECFN %s\n", (char *)vector_value(AT_EXECFN));
	SHOW_TRUE(vector_value(AT_RANDOM) != 0);
	SHOW_TRUE(vector_value(AT_BASE) != 0);
	SHOW_TRUE(vector_value(AT_ENTRY) > vector_value(AT_PHDR));
	SHOW_TRUE(((const Elf64_Phdr *)vector_value(AT_PHDR))->p_type == PT_PHDR ||
		  ((const Elf64_Phdr *)vector_value(AT_PHDR))->p_type == PT_LOAD);
	return 0;
}
