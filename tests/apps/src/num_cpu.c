// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program sees of the processor: features, their being enabled, the time-stamp
 * counter.
 */
#include <cpuid.h>
#include <stdint.h>
#include <x86intrin.h>

#include "app.h"

#define OSXSAVE (1U << 27)
#define ROUNDS 10000

static uint64_t xcr0(void)
{
	uint32_t low;
	uint32_t high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static void show_leaf(unsigned int leaf, unsigned int subleaf, unsigned int ebx_mask)
{
	unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;

	__cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
	printf("cpuid %#x.%u: %08x %08x %08x %08x\n", leaf, subleaf, eax, ebx & ebx_mask, ecx, edx);
}

static void show_counter(void)
{
	unsigned int processor;
	uint64_t last = __rdtsc();
	int backwards = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		const uint64_t next = __rdtscp(&processor);

		backwards += next < last;
		last = next;
	}
	SHOW(backwards);
}

int main(void)
{
	unsigned int eax, ebx, ecx = 0, edx;
	uint64_t flags;

	/* ebx of leaf 1 has the number of the CPU. */
	show_leaf(0, 0, ~0U);
	show_leaf(1, 0, 0xffff);
	show_leaf(7, 0, ~0U);
	show_leaf(0xd, 0, ~0U);
	show_leaf(0x80000001, 0, ~0U);
	__get_cpuid(1, &eax, &ebx, &ecx, &edx);
	if (ecx & OSXSAVE)
		printf("xcr0 %#lx\n", xcr0());
	show_counter();
	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
	/* Interrupts on, no privileges, nothing traced. */
	printf("flags %#lx\n", flags & ~0x8d5UL);
	return 0;
}
