/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating-point and vector registers (XSAVE state) of user threads.
 *
 * The kernel uses none of them, so a thread's registers stay in the processor while it
 * is in the kernel, and even over idle time; they are saved when another user thread takes
 * the CPU. Areas have the standard (not the compacted) format.
 */
#ifndef X86_FPU_H
#define X86_FPU_H

#include "lwk/include/compiler.h"

/** FXSAVE_LEN - bytes of an area's legacy region; SDM 1, 13.4.1. */
#define FXSAVE_LEN 512

/** FPU_SW_OFFSET - of what the processor leaves to software in the legacy region. */
#define FPU_SW_OFFSET 464

/** FPU_HEADER_OFFSET - of the XSAVE header in an area; SDM 1, 13.4.2. */
#define FPU_HEADER_OFFSET FXSAVE_LEN

/** XSTATE_FPSSE - the components that are in the legacy region: x87 and SSE. */
#define XSTATE_FPSSE 3ULL

/**
 * fpu_init_cpu() - enable the state components that Linux uses, too.
 *
 * Panics if the processor has no XSAVE. Context: each CPU, once.
 */
void fpu_init_cpu(void);

/**
 * fpu_len() - bytes of an area with all enabled components.
 *
 * Context: any, after fpu_init_cpu().
 * Return: the length; at least 576.
 */
u32 fpu_len(void);

/**
 * fpu_features() - the enabled components: XCR0.
 *
 * Context: any, after fpu_init_cpu().
 * Return: the mask.
 */
u64 fpu_features(void);

/**
 * fpu_area_init() - the state of a program that starts.
 * @area: fpu_len() bytes, 64-byte aligned
 *
 * Context: any.
 */
void fpu_area_init(void *area);

/**
 * fpu_save() - the processor's registers into an area.
 * @area: fpu_len() bytes, 64-byte aligned
 *
 * Context: any; the registers are the caller's thread's.
 */
void fpu_save(void *area);

/**
 * fpu_save_user() - the processor's registers into an area of the program's memory.
 * @area: user address, unchecked, 64-byte aligned
 *
 * Context: the thread, interrupts enabled, no lock held; may wait.
 * Return: 0 or -EFAULT.
 */
int fpu_save_user(vaddr_t area) __must_check;

/**
 * fpu_try_load_user() - an area of the program's memory into the processor's registers.
 * @area: user address, unchecked
 *
 * Context: the thread, interrupts disabled; does not wait.
 * Return: 0; -EFAULT: it is not there, or not in order. Registers are undefined then.
 */
int fpu_try_load_user(vaddr_t area) __must_check;

/**
 * fpu_load() - an area into the processor's registers.
 * @area: sound: from fpu_save(), fpu_area_init() or accepted by fpu_area_check()
 *
 * Context: any; the registers are the caller's thread's.
 */
void fpu_load(const void *area);

/**
 * fpu_reset() - the state of a program that starts, into the processor's registers.
 *
 * Context: any; the registers are the caller's thread's.
 */
void fpu_reset(void);

/**
 * fpu_mxcsr_ok() - does MXCSR have only bits that the processor has? To load others would fault.
 * @area: private copy of the FXSAVE part
 *
 * Context: any.
 */
bool fpu_mxcsr_ok(const void *area);

/**
 * fpu_area_check() - may an area that a program made be loaded?
 * @area: private copy of fpu_len() bytes
 *
 * Context: any.
 * Return: 0, -EINVAL if loading it would fault.
 */
int fpu_area_check(const void *area) __must_check;

/**
 * fpu_area_show() - an area for somebody to read: what it does not name is initialised.
 * @to: result, fpu_len() bytes
 * @area: fpu_len() bytes, of which those that no component has are not shown
 *
 * Context: any.
 */
void fpu_area_show(u8 *to, const u8 *area);

/**
 * fpu_area_show_legacy() - likewise, as FXSAVE has it.
 * @to: result, FXSAVE_LEN bytes
 * @area: fpu_len() bytes
 *
 * Context: any.
 */
void fpu_area_show_legacy(u8 *to, const u8 *area);

/**
 * fpu_trap_code() - why a floating-point exception came.
 * @simd: the SIMD one, else the x87 one
 *
 * Context: the thread that caused it.
 * Return: FPE_* for si_code.
 */
int fpu_trap_code(bool simd);

#endif
