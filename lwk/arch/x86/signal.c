// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signal frames as Linux lays them out on x86-64: return address, struct ucontext, siginfo, and
 * above them the XSAVE area with the marks by which programs know its extent.
 */
#include "lwk/include/arch_signal.h"

#include <arch_regs.h>
#include <fpu.h>

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/mm/pgtable.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/uaccess.h"
#include "lwk/include/user_entry.h"
#include "lwk/lib/string.h"
#include "trap.h"
#include "x86.h"

#define RED_ZONE_LEN 128

#define UC_FP_XSTATE 0x1
#define UC_SIGCONTEXT_SS 0x2
#define UC_STRICT_RESTORE_SS 0x4

#define FP_XSTATE_MAGIC1 0x46505853U
#define FP_XSTATE_MAGIC2 0x46505845U
#define FXSAVE_ALIGN 16
#define XSAVE_ALIGN 64
#define HEADER_IGNORED_OFFSET 24 /* SDM 1, 13.8.1: XRSTOR wants only what is before to be clear */
#define HEADER_LEN 64

/* Linux's struct sigcontext_64. */
struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate;
	u64 reserved[8];
};

struct ucontext {
	u64 flags;
	u64 link;
	struct signal_altstack stack;
	struct sigcontext context;
	u64 mask;
};

struct rt_sigframe {
	u64 restorer;
	struct ucontext uc;
	struct signal_info info;
};

_Static_assert(sizeof(struct sigcontext) == 256, "as Linux has it");
_Static_assert(offsetof(struct rt_sigframe, uc.mask) == 304, "as Linux has it");
_Static_assert(sizeof(struct rt_sigframe) == 440, "as Linux has it");

/* In the bytes of the FXSAVE area that are software's. */
struct fp_sw_bytes {
	u32 magic1;
	u32 extended_len;
	u64 features;
	u32 xstate_len;
	u32 reserved[7];
};

_Static_assert(FPU_SW_OFFSET + sizeof(struct fp_sw_bytes) == FXSAVE_LEN, "as Linux has it");

/* Where things go: the frame, and the XSAVE area above it. */
struct place {
	vaddr_t frame;
	vaddr_t xstate;
};

/* Return: false if an alternate stack is too small. */
static bool find_place(const struct arch_regs *regs, const struct signal_frame *frame,
		       struct place *place)
{
	const struct signal_altstack *stack = frame->altstack;
	bool on_altstack = signal_on_altstack(stack, regs->rsp);
	vaddr_t sp = regs->rsp - RED_ZONE_LEN;

	if ((frame->action->flags & SA_ONSTACK) && stack->len && !signal_on_altstack(stack, sp)) {
		sp = stack->sp + stack->len;
		on_altstack = true;
	}
	place->xstate = ALIGN_DOWN(sp - fpu_len() - sizeof(u32), 64ULL);
	/* As after a call: 8 bytes off a multiple of 16. */
	place->frame = ALIGN_DOWN(place->xstate - sizeof(struct rt_sigframe), 16ULL) - 8;
	return !on_altstack ||
	       (place->frame > stack->sp && place->frame - stack->sp <= stack->len);
}

/* From the processor right to the stack. */
static int put_xstate(vaddr_t to)
{
	const struct fp_sw_bytes sw = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_len = fpu_len() + sizeof(u32),
		.features = fpu_features(),
		.xstate_len = fpu_len(),
	};
	const u32 magic2 = FP_XSTATE_MAGIC2;
	u64 features;
	int err;

	err = fpu_save_user(to);
	if (!err)
		err = copy_from_user(&features, to + FPU_HEADER_OFFSET, sizeof(features));
	if (err)
		return err;
	/* As Linux: a handler may change these two without knowing of the header. */
	features |= XSTATE_FPSSE;
	err = copy_to_user(to + FPU_HEADER_OFFSET, &features, sizeof(features));
	if (!err)
		err = copy_to_user(to + FPU_SW_OFFSET, &sw, sizeof(sw));
	return err ? err : copy_to_user(to + fpu_len(), &magic2, sizeof(magic2));
}

static void fill_context(struct sigcontext *context, const struct arch_regs *regs,
			 const struct signal_frame *frame)
{
	*context = (struct sigcontext){
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10, .r11 = regs->r11,
		.r12 = regs->r12, .r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
		.rdi = regs->rdi, .rsi = regs->rsi, .rbp = regs->rbp, .rbx = regs->rbx,
		.rdx = regs->rdx, .rax = regs->rax, .rcx = regs->rcx, .rsp = regs->rsp,
		.rip = regs->rip, .rflags = regs->rflags,
		.cs = (u16)regs->cs, .ss = (u16)regs->ss,
		.err = frame->error, .trapno = frame->vector, .oldmask = frame->mask,
		.cr2 = frame->addr,
	};
}

static int put_frame(const struct place *place, const struct arch_regs *regs,
		     const struct signal_frame *frame)
{
	struct rt_sigframe out = {
		.restorer = frame->action->restorer,
		.uc = {
			.flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS,
			.stack = *frame->altstack,
			.mask = frame->mask,
		},
		.info = *frame->info,
	};
	u64 len = sizeof(out);

	/* As Linux: not for code of other sizes, which a selector that is none counts as. */
	if (regs->cs == X86_SEL_USER_CODE)
		out.uc.flags |= UC_STRICT_RESTORE_SS;
	fill_context(&out.uc.context, regs, frame);
	out.uc.context.fpstate = place->xstate;
	if (!(frame->action->flags & SA_SIGINFO))
		len = offsetof(struct rt_sigframe, info);
	return copy_to_user(place->frame, &out, len);
}

int arch_signal_enter(struct arch_regs *regs, const struct signal_frame *frame)
{
	struct place place;
	int err;

	/* Linux has no other way back from a handler either. */
	if (!(frame->action->flags & SA_RESTORER) || !find_place(regs, frame, &place) ||
	    frame->action->handler >= LWK_TASK_END)
		return -EFAULT;
	err = put_xstate(place.xstate);
	if (!err)
		err = put_frame(&place, regs, frame);
	if (err)
		return err;
	regs->rdi = (u64)frame->info->signo;
	regs->rsi = place.frame + offsetof(struct rt_sigframe, info);
	regs->rdx = place.frame + offsetof(struct rt_sigframe, uc);
	regs->rax = 0;
	regs->rip = frame->action->handler;
	regs->rsp = place.frame;
	regs->cs = X86_SEL_USER_CODE;
	regs->ss = X86_SEL_USER_DATA;
	regs->rflags &= ~(X86_RFLAGS_DF | X86_RFLAGS_RF | X86_RFLAGS_TF);
	fpu_reset();
	return 0;
}

/*
 * Load what a program left in an XSAVE area of its own. Linux has the processor load it from there,
 * which refuses some areas. @area: where it is copied, by @copy.
 */
static int load_xstate(u8 *area, vaddr_t from, int (*copy)(void *dst, vaddr_t src, u64 len))
{
	struct fp_sw_bytes sw;
	u64 features = XSTATE_FPSSE;
	u32 magic2 = 0;
	bool whole;
	int err;

	err = copy(&sw, from + FPU_SW_OFFSET, sizeof(sw));
	if (!err && sw.magic1 == FP_XSTATE_MAGIC1 && sw.xstate_len == fpu_len() &&
	    sw.extended_len == fpu_len() + sizeof(u32))
		err = copy(&magic2, from + fpu_len(), sizeof(magic2));
	if (err)
		return err;
	whole = magic2 == FP_XSTATE_MAGIC2;
	if (from % (whole ? XSAVE_ALIGN : FXSAVE_ALIGN))
		return -EINVAL;
	if (!whole)
		fpu_area_init(area);
	err = copy(area, from, whole ? fpu_len() : FXSAVE_LEN);
	if (err)
		return err;
	if (whole) {
		memcpy(&features, area + FPU_HEADER_OFFSET, sizeof(features));
		if (features & ~fpu_features())
			return -EINVAL;
		features &= sw.features;
		memset(area + FPU_HEADER_OFFSET + HEADER_IGNORED_OFFSET, 0,
		       HEADER_LEN - HEADER_IGNORED_OFFSET);
	}
	memcpy(area + FPU_HEADER_OFFSET, &features, sizeof(features));
	err = fpu_area_check(area);
	if (!err)
		fpu_load(area);
	return err;
}

/*
 * What put_xstate() has left there, and the handler has not made smaller, the processor loads
 * itself.
 * Return: 0; -EFAULT: it is to be looked at.
 */
static int load_in_place(vaddr_t from)
{
	struct fp_sw_bytes sw;
	u32 magic2;

	if (user_peek(&sw, from + FPU_SW_OFFSET, offsetof(struct fp_sw_bytes, reserved)) ||
	    sw.magic1 != FP_XSTATE_MAGIC1 || sw.xstate_len != fpu_len() ||
	    sw.extended_len != fpu_len() + sizeof(u32) || fpu_features() & ~sw.features ||
	    user_peek_u32(from + fpu_len(), &magic2) || magic2 != FP_XSTATE_MAGIC2)
		return -EFAULT;
	return fpu_try_load_user(from);
}

/* It is not all there: while it comes, the thread's own area may be needed for its registers. */
static int load_xstate_waiting(vaddr_t from)
{
	struct page *page;
	u32 order = 0;
	int err;

	while (PAGE_LEN << order < fpu_len())
		order++;
	page = page_alloc(PAGE_THIS_NODE, order, 0);
	if (!page)
		return -ENOMEM;
	err = load_xstate(page_virt(page), from, copy_from_user);
	page_free(page, order);
	return err;
}

static int get_xstate(vaddr_t from)
{
	u8 *area = thread_current()->arch.xstate;
	int err;
	u64 irq;

	if (!from) {
		fpu_reset();
		return 0;
	}
	/* Nobody takes the processor, so the thread's own area is free. */
	irq = arch_irq_save();
	err = load_in_place(from);
	if (err)
		err = load_xstate(area, from, user_peek);
	/* Saving leaves most of the header as it is, and loading it must not fault. */
	if (err)
		fpu_area_init(area);
	arch_irq_restore(irq);
	return err == -EFAULT ? load_xstate_waiting(from) : err;
}

static void restore_regs(struct arch_regs *regs, const struct sigcontext *context)
{
	u64 rflags = (regs->rflags & ~X86_RFLAGS_USER) | (context->rflags & X86_RFLAGS_USER);

	*regs = (struct arch_regs){
		.r8 = context->r8, .r9 = context->r9, .r10 = context->r10, .r11 = context->r11,
		.r12 = context->r12, .r13 = context->r13, .r14 = context->r14,
		.r15 = context->r15, .rdi = context->rdi, .rsi = context->rsi,
		.rbp = context->rbp, .rbx = context->rbx, .rdx = context->rdx,
		.rax = context->rax, .rcx = context->rcx, .rsp = context->rsp,
		.rip = context->rip, .rflags = rflags,
		/* The processor would take a lower level for the kernel's. */
		.cs = context->cs | X86_SEL_RPL_USER, .ss = context->ss | X86_SEL_RPL_USER,
		/* No system call that could start again. */
		.vector = X86_VEC_SYSCALL, .err = (u64)-1,
	};
}

int arch_signal_return(struct arch_regs *regs, u64 *mask, struct signal_altstack *altstack)
{
	struct ucontext uc;
	int err;

	/* The handler's return has popped the restorer's address. */
	err = copy_from_user(&uc, regs->rsp - sizeof(u64) + offsetof(struct rt_sigframe, uc),
			     sizeof(uc));
	if (err)
		return err;
	restore_regs(regs, &uc.context);
	if (!(uc.flags & UC_STRICT_RESTORE_SS) && regs->cs == X86_SEL_USER_CODE)
		regs->ss = X86_SEL_USER_DATA;
	*mask = uc.mask;
	*altstack = uc.stack;
	if (get_xstate(uc.context.fpstate)) {
		/* As Linux: the handler of what comes of it finds, and goes back to, these. */
		fpu_reset();
		regs->rax = 0;
		return -EINVAL;
	}
	return 0;
}

bool arch_signal_trap(const struct arch_regs *regs, struct user_trap_info *trap)
{
	u64 bad = 0;

	/* There is but one code segment for programs, and one for their data. */
	if (regs->cs != X86_SEL_USER_CODE)
		bad = regs->cs;
	else if (regs->ss != X86_SEL_USER_DATA)
		bad = regs->ss;
	else if (pgtable_is_canonical(regs->rip))
		return false;
	*trap = (struct user_trap_info){
		.trap = USER_TRAP_PROTECTION,
		.vector = X86_VEC_GP,
		.error = bad & ~(u64)X86_SEL_RPL_USER,
	};
	return true;
}

u64 arch_user_sp(const struct arch_regs *regs)
{
	return regs->rsp;
}

u64 arch_user_pc(const struct arch_regs *regs)
{
	return regs->rip;
}

void arch_user_set_pc(struct arch_regs *regs, u64 pc)
{
	regs->rip = pc;
}

void arch_user_log(const struct arch_regs *regs)
{
	log_debug("proc: rax %016llx rbx %016llx rcx %016llx rdx %016llx", regs->rax, regs->rbx,
		  regs->rcx, regs->rdx);
	log_debug("proc: rsi %016llx rdi %016llx rbp %016llx rsp %016llx", regs->rsi, regs->rdi,
		  regs->rbp, regs->rsp);
	log_debug("proc: r8  %016llx r9  %016llx r10 %016llx r11 %016llx", regs->r8, regs->r9,
		  regs->r10, regs->r11);
	log_debug("proc: r12 %016llx r13 %016llx r14 %016llx r15 %016llx", regs->r12, regs->r13,
		  regs->r14, regs->r15);
	log_debug("proc: rip %016llx flags %llx vector %llu error %llx", regs->rip, regs->rflags,
		  regs->vector, regs->err);
}
