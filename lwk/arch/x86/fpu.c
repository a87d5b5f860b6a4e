// SPDX-License-Identifier: GPL-2.0-only
/*
 * XSAVE state: Intel SDM 1, chapter 13; of it the rights of protection keys: SDM 3, 4.6.2.
 */
#include <fpu.h>

#include "abi/errno.h"
#include "lwk/include/arch.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "x86.h"

#define XCR0_X87 (1ULL << 0)
#define XCR0_SSE (1ULL << 1)
#define XCR0_AVX (1ULL << 2)
#define XCR0_PKRU (1ULL << 9)
#define XCR0_AMX (3ULL << 17)	/* needs a permission per process */

#define CPUID_7C_PKU (1U << 3)
#define PKRU_COMPONENT 9
#define PKRU_INIT 0x55555554U	/* as Linux: no access but by key 0 */

/* The legacy region: SDM 1, 10.5.1. */
#define X87_REGS_OFFSET 32
#define XMM_REGS_OFFSET 160
#define XMM_REGS_END 416

#define FIRST_EXTENDED 2
#define XSAVE_ALIGN 64

#define FCW_INIT 0x37f
#define MXCSR_INIT 0x1f80
#define MXCSR_OFFSET 24
#define MXCSR_MASK_OFFSET 28
#define MXCSR_MASK_DEFAULT 0xffbf	/* SDM 1, 11.6.6: if FXSAVE reports 0 */

/* What Linux's si_code says; SDM 1, 8.5 and 11.5: bits of status word and MXCSR. */
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7

/* The header of an area, at FPU_HEADER_OFFSET. */
struct xsave_header {
	u64 features;
	u64 compaction;
	u64 reserved[6];
};

/* uaccess.S: 0, or 1 after a fault. */
int x86_xsave_user(void *area, u64 wanted);
int x86_xrstor_user(const void *area, u64 wanted);

static u64 features;
static u32 area_len;
static u32 mxcsr_mask;
static u32 pkru_offset; /* in an area; 0: no protection keys */
/* Of fpu_area_init(): long enough for what is not initialised by the processor itself. */
static u8 initial_area[4096] __aligned(64);

static u32 read_pkru(void)
{
	u32 value, zero;

	__asm__ volatile("rdpkru" : "=a"(value), "=d"(zero) : "c"(0));
	return value;
}

static void write_pkru(u32 value)
{
	/* The compiler must not move accesses to a program's memory over it. */
	__asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
}

static void write_xcr0(u64 value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

static void find_mxcsr_mask(void)
{
	static u8 area[FXSAVE_LEN] __aligned(16);

	__asm__ volatile("fxsave64 %0" : "=m"(area));
	memcpy(&mxcsr_mask, area + MXCSR_MASK_OFFSET, sizeof(mxcsr_mask));
	if (!mxcsr_mask)
		mxcsr_mask = MXCSR_MASK_DEFAULT;
}

static void fill_initial(u8 *area)
{
	const u64 pkru_only = XCR0_PKRU;
	const u32 pkru = PKRU_INIT;
	const u16 fcw = FCW_INIT;
	const u32 mxcsr = MXCSR_INIT;

	/* What XSTATE_BV does not name is initialised, but for MXCSR: SDM 1, 13.8.1. */
	if (pkru_offset) {
		memcpy(area + FPU_HEADER_OFFSET, &pkru_only, sizeof(pkru_only));
		memcpy(area + pkru_offset, &pkru, sizeof(pkru));
	}
	memcpy(area, &fcw, sizeof(fcw));
	memcpy(area + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
}

void fpu_init_cpu(void)
{
	u64 cr4 = x86_read_cr4() | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_OSXSAVE;
	u64 wanted = boot_fixed()->xcr0 & ~XCR0_AMX;
	struct x86_cpuid has;

	if ((wanted & (XCR0_X87 | XCR0_SSE)) != (XCR0_X87 | XCR0_SSE))
		panic("fpu: Linux runs without XSAVE (XCR0 %llx)", boot_fixed()->xcr0);
	if (!(x86_cpuid(7, 0).c & CPUID_7C_PKU))
		wanted &= ~XCR0_PKRU;
	x86_write_cr4(wanted & XCR0_PKRU ? cr4 | X86_CR4_PKE : cr4);
	has = x86_cpuid(0xd, 0);
	wanted &= has.a | (u64)has.d << 32;
	write_xcr0(wanted);
	__asm__ volatile("fninit");
	if (features && features != wanted)
		panic("fpu: CPUs differ: XCR0 %llx and %llx", features, wanted);
	features = wanted;
	area_len = x86_cpuid(0xd, 0).b;
	if (wanted & XCR0_PKRU)
		pkru_offset = x86_cpuid(0xd, PKRU_COMPONENT).b;
	ASSERT(pkru_offset + sizeof(u32) <= sizeof(initial_area));
	fill_initial(initial_area);
	find_mxcsr_mask();
}

u32 fpu_len(void)
{
	return area_len;
}

u64 fpu_features(void)
{
	return features;
}

void fpu_area_init(void *area)
{
	memset(area, 0, area_len);
	fill_initial(area);
}

void fpu_save(void *area)
{
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(area), "a"((u32)features), "d"((u32)(features >> 32))
			 : "memory");
}

int fpu_save_user(vaddr_t area)
{
	ASSERT(arch_irqs_enabled());
	if (!user_range_ok(area, area_len))
		return -EFAULT;
	/* XSAVE writes but one word of the header, and XRSTOR wants the others clear. */
	if (clear_user(area + FPU_HEADER_OFFSET, sizeof(struct xsave_header)))
		return -EFAULT;
	return x86_xsave_user((void *)area, features) ? -EFAULT : 0;
}

int fpu_try_load_user(vaddr_t area)
{
	u32 mxcsr;

	/* Not all processors, and not QEMU's emulation, refuse what is wrong in MXCSR. */
	if (!user_range_ok(area, area_len) || area % XSAVE_ALIGN ||
	    user_peek_u32(area + MXCSR_OFFSET, &mxcsr) || mxcsr & ~mxcsr_mask)
		return -EFAULT;
	return x86_xrstor_user((const void *)area, features) ? -EFAULT : 0;
}

void fpu_load(const void *area)
{
	__asm__ volatile("xrstor64 (%0)"
			 :
			 : "r"(area), "a"((u32)features), "d"((u32)(features >> 32))
			 : "memory");
}

void fpu_reset(void)
{
	fpu_load(initial_area);
}

bool fpu_mxcsr_ok(const void *area)
{
	u32 mxcsr;

	memcpy(&mxcsr, (const u8 *)area + MXCSR_OFFSET, sizeof(mxcsr));
	return !(mxcsr & ~mxcsr_mask);
}

int fpu_area_check(const void *area)
{
	struct xsave_header header;
	u32 i;

	memcpy(&header, (const u8 *)area + FPU_HEADER_OFFSET, sizeof(header));
	if (header.features & ~features || header.compaction)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(header.reserved); i++) {
		if (header.reserved[i])
			return -EINVAL;
	}
	/* MXCSR is loaded whatever the header says. */
	return fpu_mxcsr_ok(area) ? 0 : -EINVAL;
}

/* MXCSR belongs to SSE and AVX together. */
static void show_legacy(u8 *to, const u8 *area, u64 named)
{
	const u16 fcw = FCW_INIT;
	const u32 mxcsr[] = { MXCSR_INIT, mxcsr_mask };

	memcpy(to, &fcw, sizeof(fcw));
	memcpy(to + MXCSR_OFFSET, mxcsr, sizeof(mxcsr));
	if (named & XCR0_X87) {
		memcpy(to, area, MXCSR_OFFSET);
		memcpy(to + X87_REGS_OFFSET, area + X87_REGS_OFFSET,
		       XMM_REGS_OFFSET - X87_REGS_OFFSET);
	}
	if (named & (XCR0_SSE | XCR0_AVX))
		memcpy(to + MXCSR_OFFSET, area + MXCSR_OFFSET, sizeof(mxcsr));
	if (named & XCR0_SSE)
		memcpy(to + XMM_REGS_OFFSET, area + XMM_REGS_OFFSET,
		       XMM_REGS_END - XMM_REGS_OFFSET);
}

void fpu_area_show(u8 *to, const u8 *area)
{
	struct x86_cpuid place;
	u64 named;

	memcpy(&named, area + FPU_HEADER_OFFSET, sizeof(named));
	memset(to, 0, area_len);
	show_legacy(to, area, named);
	/* As Linux: XCR0 in the first of the bytes that are software's. */
	memcpy(to + FPU_SW_OFFSET, &features, sizeof(features));
	memcpy(to + FPU_HEADER_OFFSET, &named, sizeof(named));
	for (u32 i = FIRST_EXTENDED; i < 64; i++) {
		if (!(named & (1ULL << i)))
			continue;
		place = x86_cpuid(0xd, i);
		memcpy(to + place.b, area + place.b, place.a);
	}
}

void fpu_area_show_legacy(u8 *to, const u8 *area)
{
	u64 named;

	memcpy(&named, area + FPU_HEADER_OFFSET, sizeof(named));
	memset(to, 0, FXSAVE_LEN);
	/* As Linux: for who sees no AVX it keeps no MXCSR, either. */
	show_legacy(to, area, named & XSTATE_FPSSE);
}

int fpu_trap_code(bool simd)
{
	u16 control, status;
	u32 mxcsr, raised;

	if (simd) {
		__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
		raised = mxcsr & ~(mxcsr >> 7);
	} else {
		__asm__ volatile("fnstcw %0; fnstsw %1" : "=m"(control), "=m"(status));
		raised = (u32)(status & ~control);
	}
	if (raised & 0x01)
		return FPE_FLTINV;
	if (raised & 0x04)
		return FPE_FLTDIV;
	if (raised & 0x08)
		return FPE_FLTOVF;
	if (raised & 0x12)
		return FPE_FLTUND;
	return raised & 0x20 ? FPE_FLTRES : 0;
}

u32 arch_pkeys(void)
{
	return pkru_offset ? 16 : 1;
}

void arch_pkey_set_rights(u32 pkey, u32 rights)
{
	u32 shift = 2 * pkey;

	write_pkru((read_pkru() & ~(3U << shift)) | rights << shift);
}

bool arch_pkey_may_read(u32 pkey)
{
	return !(read_pkru() >> 2 * pkey & ARCH_PKEY_DISABLE_ACCESS);
}
