// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processor's caches: SDM, volume 2, CPUID, leaf 4; APM, volume 3, Fn8000_001D, which is alike,
 * or Fn8000_0005 with Fn8000_0006. Numbers are those that Linux has, too.
 */
#include <cache.h>
#include <x86.h>

#include "lwk/include/core/percpu.h"

#define CPUID_CACHES 4
#define CPUID_CACHES_AMD 0x8000001d /* if there is CPUID_EXT_TOPOLOGY in 0x80000001, ECX */
#define CPUID_EXT_TOPOLOGY (1U << 22)
#define CPUID_MAX_EXT 0x80000000
#define CPUID_L1_AMD 0x80000005
#define CPUID_L2_L3_AMD 0x80000006
#define CPUID_VENDOR_AMD 0x68747541 /* "Auth", in EBX of leaf 0 */
#define L3_UNIT (512U << 10)
#define FULLY_ASSOCIATIVE (~0U)

/* The bits [low, low + count) of a register. */
static u32 bits(u32 reg, u32 low, u32 count)
{
	return reg >> low & ((1U << count) - 1);
}

/* Return: false behind the last cache. */
static bool read_cache(u32 leaf, u32 subleaf, struct cpu_cache *out)
{
	struct x86_cpuid regs = x86_cpuid(leaf, subleaf);
	u32 nsharing = bits(regs.a, 14, 12) + 1; /* APIC ids at most */

	*out = (struct cpu_cache){
		.type = bits(regs.a, 0, 5),
		.level = bits(regs.a, 5, 3),
		.line_len = bits(regs.b, 0, 12) + 1,
		.npartitions = bits(regs.b, 12, 10) + 1,
		.nways = bits(regs.b, 22, 10) + 1,
		.nsets = regs.c + 1,
	};
	while (1U << out->id_shift < nsharing)
		out->id_shift++;
	return out->type;
}

static void read_caches(struct percpu *cpu, u32 leaf)
{
	while (cpu->ncaches < IHK_MAX_CACHES &&
	       read_cache(leaf, cpu->ncaches, &cpu->caches[cpu->ncaches]))
		cpu->ncaches++;
}

/* @reg: lines and tags are in the same place for all levels. */
static void add_amd(struct percpu *cpu, u32 type, u32 level, u32 len, u32 nways, u32 reg)
{
	struct cpu_cache cache = {
		.type = type,
		.level = level,
		.line_len = bits(reg, 0, 8),
		.npartitions = bits(reg, 8, level == 1 ? 8 : 4),
		.nways = nways,
		.by_package = level == 3,
	};

	if (!len || !cache.line_len || !nways)
		return;
	if (nways == FULLY_ASSOCIATIVE)
		cache.nways = len / cache.line_len;
	cache.nsets = len / cache.line_len / cache.nways;
	cpu->caches[cpu->ncaches++] = cache;
}

/* Processors before those with extended topology, and virtual ones; they do not say who shares. */
static void read_caches_amd(struct percpu *cpu)
{
	static const u32 nways[16] = {
		[1] = 1,
		[2] = 2,
		[4] = 4,
		[6] = 8,
		[8] = 16,
		[10] = 32,
		[11] = 48,
		[12] = 64,
		[13] = 96,
		[14] = 128,
		[15] = FULLY_ASSOCIATIVE,
	};
	struct x86_cpuid l1 = x86_cpuid(CPUID_L1_AMD, 0);
	struct x86_cpuid rest = x86_cpuid(CPUID_L2_L3_AMD, 0);
	u32 dways = bits(l1.c, 16, 8);
	u32 iways = bits(l1.d, 16, 8);

	add_amd(cpu, CPU_CACHE_DATA, 1, bits(l1.c, 24, 8) << 10,
		dways == 0xff ? FULLY_ASSOCIATIVE : dways, l1.c);
	add_amd(cpu, CPU_CACHE_INSTRUCTION, 1, bits(l1.d, 24, 8) << 10,
		iways == 0xff ? FULLY_ASSOCIATIVE : iways, l1.d);
	add_amd(cpu, CPU_CACHE_UNIFIED, 2, bits(rest.c, 16, 16) << 10, nways[bits(rest.c, 12, 4)],
		rest.c);
	add_amd(cpu, CPU_CACHE_UNIFIED, 3, bits(rest.d, 18, 14) * L3_UNIT,
		nways[bits(rest.d, 12, 4)], rest.d);
}

void cache_init_cpu(struct percpu *cpu)
{
	const struct cpu_cache *last;

	read_caches(cpu, CPUID_CACHES);
	if (!cpu->ncaches && (x86_cpuid(0x80000001, 0).c & CPUID_EXT_TOPOLOGY))
		read_caches(cpu, CPUID_CACHES_AMD);
	if (!cpu->ncaches && x86_cpuid(0, 0).b == CPUID_VENDOR_AMD &&
	    x86_cpuid(CPUID_MAX_EXT, 0).a >= CPUID_L2_L3_AMD)
		read_caches_amd(cpu);
	if (!cpu->ncaches)
		return;
	/* The largest is named last. Where none is, a package is taken to have one. */
	last = &cpu->caches[cpu->ncaches - 1];
	cpu->llc_id = last->by_package ? 0 : cpu->apic_id >> last->id_shift;
}
