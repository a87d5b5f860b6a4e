/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of traced threads; lwk/arch/ has the definitions.
 */
#ifndef LWK_ARCH_PTRACE_H
#define LWK_ARCH_PTRACE_H

#include "lwk/include/compiler.h"

struct arch_regs;
struct page;
struct thread;

/** ARCH_DEBUG_REGS - breakpoint registers of the processor, status and control among them. */
#define ARCH_DEBUG_REGS 8

/** ARCH_USER_WORDS - general registers, as PTRACE_GETREGS has them; two of them. */
#define ARCH_USER_WORDS 27
#define ARCH_USER_RET 10	/* result of the system call */
#define ARCH_USER_NR 15		/* its number, -1: none */

/**
 * struct arch_trace - what of a traced thread its tracer sees
 * @page:	memory of @xstate
 * @xstate:	a copy of its vector and floating-point registers, while it is stopped
 * @fs_base:	thread pointers likewise
 * @gs_base:	see @fs_base
 * @dirty:	these are to be loaded when it goes on
 */
struct arch_trace {
	struct page *page;
	void *xstate;
	u64 fs_base;
	u64 gs_base;
	bool dirty;
};

/** arch_trace_create() - memory of a trace. Context: process context. Return: 0, -ENOMEM. */
int arch_trace_create(struct arch_trace *trace) __must_check;

/** arch_trace_destroy() - undo it. Context: process context. */
void arch_trace_destroy(struct arch_trace *trace);

/** arch_trace_save() - the calling thread stops. Context: it, interrupts off. */
void arch_trace_save(struct arch_trace *trace);

/** arch_trace_load() - it goes on; step it if @step. Context: it, interrupts off. */
void arch_trace_load(struct arch_trace *trace, bool step);

/**
 * arch_trace_get_regs() - registers of a stopped thread, as Linux's struct user_regs_struct.
 * @thread: stopped
 * @trace: its
 * @words: result
 *
 * Context: any.
 */
void arch_trace_get_regs(struct thread *thread, const struct arch_trace *trace,
			 u64 words[ARCH_USER_WORDS]);

/**
 * arch_trace_set_regs() - and change them.
 * @thread: stopped
 * @trace: its
 * @words: all of them
 *
 * Context: any.
 * Return: 0, -EIO for values that no program may have; nothing is changed then.
 */
int arch_trace_set_regs(struct thread *thread, struct arch_trace *trace,
			const u64 words[ARCH_USER_WORDS]) __must_check;

/**
 * arch_trace_of_saved() - what a thread saved when it gave up its CPU last.
 * @thread: does not run in user mode, nor will
 * @trace: result; good for reading, for as long as @thread is there
 *
 * Context: any.
 */
void arch_trace_of_saved(const struct thread *thread, struct arch_trace *trace);

/** arch_trace_xstate_len() - bytes of NT_X86_XSTATE. Context: any. */
u32 arch_trace_xstate_len(void);

/** arch_trace_fpregs_len() - bytes of PTRACE_GETFPREGS. Context: any. */
u32 arch_trace_fpregs_len(void);

/**
 * arch_trace_get_xstate() - vector and floating-point registers of a stopped thread.
 * @trace: its
 * @to: result, arch_trace_xstate_len() bytes
 *
 * Context: any.
 */
void arch_trace_get_xstate(const struct arch_trace *trace, void *to);

/**
 * arch_trace_get_fpregs() - likewise, what PTRACE_GETFPREGS gives.
 * @trace: its
 * @to: result, arch_trace_fpregs_len() bytes
 *
 * Context: any.
 */
void arch_trace_get_fpregs(const struct arch_trace *trace, void *to);

/**
 * arch_trace_set_xstate() - and change them.
 * @trace: its
 * @from: private copy, changed
 * @len: arch_trace_fpregs_len() or arch_trace_xstate_len()
 *
 * Context: any.
 * Return: 0, -EINVAL for what the processor refuses.
 */
int arch_trace_set_xstate(struct arch_trace *trace, void *from, u32 len) __must_check;

/**
 * arch_trace_end_step() - take the flag of a stepping tracer, which may have ended since, out of
 * the program's registers: a stop or a handler's frame is about to have them.
 * @regs: the program's registers
 *
 * Context: the thread.
 */
void arch_trace_end_step(struct arch_regs *regs);

/**
 * arch_debug_get() - a breakpoint register of a thread.
 * @thread: stopped
 * @n: which
 *
 * Context: any.
 * Return: its value; 0 for one that does not exist.
 */
u64 arch_debug_get(struct thread *thread, u32 n);

/**
 * arch_debug_set() - and change it.
 * @thread: stopped
 * @n: which
 * @value: checked
 *
 * Context: any.
 * Return: 0; -EIO, -EINVAL.
 */
int arch_debug_set(struct thread *thread, u32 n, u64 value) __must_check;

/**
 * arch_syscall_set_nr() - have a program be in this system call, or with -1 in none.
 * @regs: the program's registers
 * @nr: number
 *
 * Context: any.
 */
void arch_syscall_set_nr(struct arch_regs *regs, s64 nr);

/** arch_syscall_get_ret() - what arch_syscall_set_ret() sets. Context: any. */
s64 arch_syscall_get_ret(const struct arch_regs *regs);

#endif
