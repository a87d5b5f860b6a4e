/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers and instructions of the processor that C needs by name. Numbers are
 * those of the Intel SDM and the AMD APM, which agree on all of them.
 */
#ifndef X86_H
#define X86_H

#define X86_CR0_PE (1ULL << 0)
#define X86_CR0_MP (1ULL << 1)
#define X86_CR0_ET (1ULL << 4)
#define X86_CR0_NE (1ULL << 5)
#define X86_CR0_WP (1ULL << 16)
#define X86_CR0_PG (1ULL << 31)

#define X86_CR4_PAE (1ULL << 5)
#define X86_CR4_MCE (1ULL << 6)
#define X86_CR4_PGE (1ULL << 7)
#define X86_CR4_OSFXSR (1ULL << 9)
#define X86_CR4_OSXMMEXCPT (1ULL << 10)
#define X86_CR4_UMIP (1ULL << 11)
#define X86_CR4_FSGSBASE (1ULL << 16)
#define X86_CR4_OSXSAVE (1ULL << 18)
#define X86_CR4_SMEP (1ULL << 20)
#define X86_CR4_SMAP (1ULL << 21)
#define X86_CR4_PKE (1ULL << 22)

#define X86_EFER_SCE (1ULL << 0)
#define X86_EFER_NXE (1ULL << 11)

#define X86_RFLAGS_TF (1ULL << 8)
#define X86_RFLAGS_DF (1ULL << 10)
#define X86_RFLAGS_NT (1ULL << 14)
#define X86_RFLAGS_RF (1ULL << 16)
#define X86_RFLAGS_AC (1ULL << 18)

/* What handlers and tracers may change: CF PF AF ZF SF TF DF OF RF AC. Not NT: IRET would fault. */
#define X86_RFLAGS_USER 0x50dd5ULL

#define X86_PF_PROT (1ULL << 0)
#define X86_PF_WRITE (1ULL << 1)
#define X86_PF_RESERVED (1ULL << 3)
#define X86_PF_FETCH (1ULL << 4)
#define X86_PF_KEY (1ULL << 5)

#define X86_DR6_BREAKPOINTS 0xfULL
#define X86_DR6_STEP (1ULL << 14)
#define X86_DR6_CLEAR 0xffff0ff0ULL

#define MSR_APIC_BASE 0x1b
#define MSR_TEST_CTRL 0x33
#define TEST_CTRL_SPLIT_LOCK (1ULL << 29)
#define MSR_SPEC_CTRL 0x48
#define SPEC_CTRL_IBRS (1ULL << 0)
#define MSR_SYSENTER_CS 0x174
#define MSR_DEBUGCTL 0x1d9
#define MSR_PAT 0x277
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC 0x800
#define MSR_PASID 0xd93
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103

#define X86_VEC_DE 0
#define X86_VEC_DB 1
#define X86_VEC_NMI 2
#define X86_VEC_BP 3
#define X86_VEC_UD 6
#define X86_VEC_DF 8
#define X86_VEC_NP 11
#define X86_VEC_SS 12
#define X86_VEC_GP 13
#define X86_VEC_PF 14
#define X86_VEC_MF 16
#define X86_VEC_AC 17
#define X86_VEC_MC 18
#define X86_VEC_XM 19
#define X86_VEC_FIRST_IRQ 32
#define X86_VEC_COUNT 256
#define X86_VEC_SYSCALL 256	/* in arch_regs.vector: entered by SYSCALL */

/*
 * Selectors behind LWK_CODE_SEL and LWK_DATA_SEL of abi/layout.h. User mode's are Linux's, since
 * programs see them in signal frames; SYSRET wants them in this order. The TSS takes two
 * entries.
 */
#define X86_SEL_RPL_USER 3
#define X86_SEL_USER_BASE 0x23
#define X86_SEL_USER_DATA 0x2b
#define X86_SEL_USER_CODE 0x33
#define X86_SEL_TSS 0x40
#define X86_SEL_CPUNODE 0x7b	/* its limit says which CPU this is: LSL */
#define X86_GDT_ENTRIES 16

#ifndef __ASSEMBLER__
#include "lwk/include/compiler.h"

static inline u64 x86_rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (u64)high << 32 | low;
}

static inline void x86_wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

#define X86_CR_ACCESSORS(n)                                            \
	static inline u64 x86_read_cr##n(void)                         \
	{                                                              \
		u64 value;                                             \
		__asm__ volatile("movq %%cr" #n ", %0" : "=r"(value)); \
		return value;                                          \
	}
X86_CR_ACCESSORS(0)
X86_CR_ACCESSORS(2)
X86_CR_ACCESSORS(3)
X86_CR_ACCESSORS(4)

static inline void x86_write_cr0(u64 value)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

static inline void x86_write_cr3(u64 value)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline void x86_write_cr4(u64 value)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

static inline u64 x86_read_dr6(void)
{
	u64 value;

	__asm__ volatile("movq %%dr6, %0" : "=r"(value));
	return value;
}

static inline void x86_write_dr6(u64 value)
{
	__asm__ volatile("movq %0, %%dr6" : : "r"(value));
}

static inline void x86_invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline u64 x86_rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

/** struct x86_cpuid - what the CPUID instruction returns */
struct x86_cpuid {
	u32 a, b, c, d;
};

static inline struct x86_cpuid x86_cpuid(u32 leaf, u32 subleaf)
{
	struct x86_cpuid r;

	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

#endif
#endif
