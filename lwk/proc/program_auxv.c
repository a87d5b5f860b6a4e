// SPDX-License-Identifier: GPL-2.0-only
/*
 * The auxiliary vector, in Linux's order.
 */
#include "abi/layout.h"
#include "lwk/include/assert.h"
#include "lwk/include/proc/program.h"

#define AT_NULL 0
#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_FLAGS 8
#define AT_ENTRY 9
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_PLATFORM 15
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_HWCAP2 26
#define AT_RSEQ_FEATURE_SIZE 27
#define AT_RSEQ_ALIGN 28
#define AT_EXECFN 31
#define AT_SYSINFO_EHDR 33
#define AT_MINSIGSTKSZ 51

static void add(struct program_auxv *auxv, u64 type, u64 value)
{
	ASSERT(auxv->n + 2 <= ARRAY_SIZE(auxv->words));
	auxv->words[auxv->n++] = type;
	auxv->words[auxv->n++] = value;
}

void program_auxv(const struct program_load_desc *desc, const struct program_plan *plan,
		  const struct program_strings *where, struct program_auxv *auxv)
{
	auxv->n = 0;
	if (desc->vdso_start)
		add(auxv, AT_SYSINFO_EHDR, desc->vdso_start);
	add(auxv, AT_MINSIGSTKSZ, desc->minsigstksz);
	add(auxv, AT_HWCAP, desc->hwcap);
	add(auxv, AT_PAGESZ, LWK_PAGE_SIZE);
	add(auxv, AT_CLKTCK, desc->clktck);
	add(auxv, AT_PHDR, plan->phdr);
	add(auxv, AT_PHENT, desc->phent);
	add(auxv, AT_PHNUM, desc->phnum);
	add(auxv, AT_BASE, plan->interp_bias);
	add(auxv, AT_FLAGS, 0);
	add(auxv, AT_ENTRY, plan->program_entry);
	add(auxv, AT_UID, desc->uid[0]);
	add(auxv, AT_EUID, desc->uid[1]);
	add(auxv, AT_GID, desc->gid[0]);
	add(auxv, AT_EGID, desc->gid[1]);
	add(auxv, AT_SECURE, desc->secure);
	add(auxv, AT_RANDOM, where->random);
	add(auxv, AT_HWCAP2, desc->hwcap2);
	add(auxv, AT_EXECFN, where->execfn);
	add(auxv, AT_PLATFORM, where->platform);
	if (desc->rseq_len) {
		add(auxv, AT_RSEQ_FEATURE_SIZE, desc->rseq_len);
		add(auxv, AT_RSEQ_ALIGN, desc->rseq_align);
	}
	add(auxv, AT_NULL, 0);
}
