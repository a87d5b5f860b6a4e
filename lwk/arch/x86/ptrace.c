// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of traced threads, as Linux lays them out for tracers.
 *
 * General registers are on the thread's kernel stack. The others stay in the processor as usual:
 * who stops makes a copy of them for his tracer, and loads it when he goes on if it was changed.
 */
#include "lwk/include/arch_ptrace.h"

#include <debug.h>
#include <fpu.h>

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/sched/thread.h"
#include "lwk/lib/string.h"
#include "trap.h"
#include "x86.h"

/* Linux's struct user_regs_struct. */
struct user_regs {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	u64 rax, rcx, rdx, rsi, rdi, orig_rax;
	u64 rip, cs, rflags, rsp, ss;
	u64 fs_base, gs_base, ds, es, fs, gs;
};

_Static_assert(sizeof(struct user_regs) == ARCH_USER_WORDS * sizeof(u64), "all words");
_Static_assert(offsetof(struct user_regs, rax) == ARCH_USER_RET * sizeof(u64), "as named");
_Static_assert(offsetof(struct user_regs, orig_rax) == ARCH_USER_NR * sizeof(u64), "as named");

int arch_trace_create(struct arch_trace *trace)
{
	u32 order = 0;

	while (PAGE_LEN << order < fpu_len())
		order++;
	trace->page = page_alloc(PAGE_THIS_NODE, order, PAGE_ALLOC_ZERO);
	if (!trace->page)
		return -ENOMEM;
	trace->xstate = page_virt(trace->page);
	return 0;
}

void arch_trace_destroy(struct arch_trace *trace)
{
	page_free(trace->page, trace->page->order);
}

void arch_trace_save(struct arch_trace *trace)
{
	struct arch_regs *regs = arch_user_regs(thread_current());

	arch_trace_end_step(regs);
	trace->fs_base = arch_get_fs();
	trace->gs_base = arch_get_gs();
	fpu_save(trace->xstate);
	trace->dirty = false;
}

void arch_trace_of_saved(const struct thread *thread, struct arch_trace *trace)
{
	*trace = (struct arch_trace){
		.xstate = thread->arch.xstate,
		.fs_base = thread->arch.fs_base,
		.gs_base = thread->arch.gs_base,
	};
}

void arch_trace_load(struct arch_trace *trace, bool step)
{
	struct thread *thread = thread_current();
	struct arch_regs *regs = arch_user_regs(thread);

	if (trace->dirty) {
		arch_set_fs(trace->fs_base);
		arch_set_gs(trace->gs_base);
		fpu_load(trace->xstate);
		trace->dirty = false;
	}
	debug_load(thread);
	thread->arch.stepped = step && !(regs->rflags & X86_RFLAGS_TF);
	if (step)
		regs->rflags |= X86_RFLAGS_TF;
}

void arch_trace_end_step(struct arch_regs *regs)
{
	struct thread *thread = thread_current();

	if (thread->arch.stepped)
		regs->rflags &= ~X86_RFLAGS_TF;
	thread->arch.stepped = false;
}

void arch_trace_get_regs(struct thread *thread, const struct arch_trace *trace,
			 u64 words[ARCH_USER_WORDS])
{
	const struct arch_regs *regs = arch_user_regs(thread);
	const struct user_regs out = {
		.r15 = regs->r15, .r14 = regs->r14, .r13 = regs->r13, .r12 = regs->r12,
		.rbp = regs->rbp, .rbx = regs->rbx, .r11 = regs->r11, .r10 = regs->r10,
		.r9 = regs->r9, .r8 = regs->r8, .rax = regs->rax, .rcx = regs->rcx,
		.rdx = regs->rdx, .rsi = regs->rsi, .rdi = regs->rdi,
		.orig_rax = regs->vector == X86_VEC_SYSCALL ? regs->err : (u64)-1,
		.rip = regs->rip, .cs = regs->cs, .rflags = regs->rflags, .rsp = regs->rsp,
		.ss = regs->ss, .fs_base = trace->fs_base, .gs_base = trace->gs_base,
	};

	memcpy(words, &out, sizeof(out));
}

static bool regs_ok(const struct user_regs *in)
{
	return in->cs == X86_SEL_USER_CODE && in->ss == X86_SEL_USER_DATA && !in->ds && !in->es &&
	       !in->fs && !in->gs && in->rip < LWK_TASK_END && in->fs_base < LWK_TASK_END &&
	       in->gs_base < LWK_TASK_END;
}

int arch_trace_set_regs(struct thread *thread, struct arch_trace *trace,
			const u64 words[ARCH_USER_WORDS])
{
	struct arch_regs *regs = arch_user_regs(thread);
	struct user_regs in;

	memcpy(&in, words, sizeof(in));
	if (!regs_ok(&in))
		return -EIO;
	arch_syscall_set_nr(regs, (s64)in.orig_rax);
	*regs = (struct arch_regs){
		.r15 = in.r15, .r14 = in.r14, .r13 = in.r13, .r12 = in.r12, .rbp = in.rbp,
		.rbx = in.rbx, .r11 = in.r11, .r10 = in.r10, .r9 = in.r9, .r8 = in.r8,
		.rax = in.rax, .rcx = in.rcx, .rdx = in.rdx, .rsi = in.rsi, .rdi = in.rdi,
		.vector = regs->vector, .err = regs->err, .rip = in.rip, .cs = in.cs,
		.rflags = (regs->rflags & ~X86_RFLAGS_USER) | (in.rflags & X86_RFLAGS_USER),
		.rsp = in.rsp, .ss = in.ss,
	};
	if (trace->fs_base != in.fs_base || trace->gs_base != in.gs_base)
		trace->dirty = true;
	trace->fs_base = in.fs_base;
	trace->gs_base = in.gs_base;
	return 0;
}

u32 arch_trace_xstate_len(void)
{
	return fpu_len();
}

u32 arch_trace_fpregs_len(void)
{
	return FXSAVE_LEN;
}

void arch_trace_get_xstate(const struct arch_trace *trace, void *to)
{
	fpu_area_show(to, trace->xstate);
}

void arch_trace_get_fpregs(const struct arch_trace *trace, void *to)
{
	fpu_area_show_legacy(to, trace->xstate);
}

int arch_trace_set_xstate(struct arch_trace *trace, void *from, u32 len)
{
	u8 *area = trace->xstate;
	u64 features;

	if (!fpu_mxcsr_ok(from) || (len > FXSAVE_LEN && fpu_area_check(from)))
		return -EINVAL;
	memcpy(area, from, len);
	if (len <= FXSAVE_LEN) {
		memcpy(&features, area + FPU_HEADER_OFFSET, sizeof(features));
		features |= XSTATE_FPSSE;
		memcpy(area + FPU_HEADER_OFFSET, &features, sizeof(features));
	}
	trace->dirty = true;
	return 0;
}

void arch_syscall_set_nr(struct arch_regs *regs, s64 nr)
{
	if (nr < 0 && regs->vector != X86_VEC_SYSCALL)
		return;
	regs->vector = X86_VEC_SYSCALL;
	regs->err = (u64)nr;
}

s64 arch_syscall_get_ret(const struct arch_regs *regs)
{
	return (s64)regs->rax;
}
