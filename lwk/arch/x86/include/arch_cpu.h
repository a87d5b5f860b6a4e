/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86 part of a CPU's private data, embedded in struct percpu: descriptor
 * table and task state segment, which the processor reads by itself.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "lwk/include/compiler.h"
#include "lwk/include/core/percpu_offsets.h"

/* Stacks of the exceptions that must not trust the interrupted one. */
enum x86_ist {
	X86_IST_DF = 1,
	X86_IST_NMI,
	X86_IST_MC,
	X86_IST_DB,
	X86_IST_COUNT
};

/** struct x86_tss - 64-bit task state segment, no I/O bitmap */
struct x86_tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];	/* entry n - 1 is IST n */
	u64 reserved2;
	u16 reserved3;
	u16 iomap_base;
} __packed;

_Static_assert(sizeof(struct x86_tss) == 104, "as the SDM has it");

/**
 * struct arch_cpu - per-CPU data of the architecture
 * @gdt:	by selector: kernel's, user's, TSS in two entries, the CPU's number
 * @tss:	stacks for exceptions
 * @loaded:	the CPU uses both; set by itself
 * @debug_control: breakpoints of the program that are on; the CPU itself, interrupts off
 *
 * @gdt and @tss are set by the first CPU before the CPU runs, constant afterwards.
 */
struct arch_cpu {
	u64 gdt[16];
	struct x86_tss tss;
	bool loaded;
	u64 debug_control;
};

/* Address of the calling CPU's struct percpu. */
static inline void *arch_this_cpu(void)
{
	void *self;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(self) : "i"(PERCPU_SELF));
	return self;
}

#endif
