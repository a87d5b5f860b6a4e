/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signal frames on a program's stack; lwk/arch/ has the definitions.
 */
#ifndef LWK_ARCH_SIGNAL_H
#define LWK_ARCH_SIGNAL_H

#include "lwk/include/proc/signal.h"

struct user_trap_info;

/**
 * struct signal_frame - what goes into a frame
 * @info:	siginfo
 * @action:	with a handler
 * @altstack:	of the task, as it is
 * @mask:	to be blocked again when the handler returns
 * @vector:	the processor's number of the last exception
 * @error:	its error code
 * @addr:	where the last page fault was
 */
struct signal_frame {
	const struct signal_info *info;
	const struct signal_action *action;
	const struct signal_altstack *altstack;
	u64 mask;
	u32 vector;
	u64 error;
	vaddr_t addr;
};

/**
 * arch_signal_enter() - build a frame, and have the program go on in its handler.
 * @regs: the program's registers
 * @frame: what to put there
 *
 * Context: the calling task, interrupts enabled, no lock held.
 * Return: 0, -EFAULT if there is no room for it.
 */
int arch_signal_enter(struct arch_regs *regs, const struct signal_frame *frame) __must_check;

/**
 * arch_signal_return() - rt_sigreturn(2): go on where the signal came; see arch_signal_trap().
 * @regs: the program's registers
 * @mask: result: to be blocked
 * @altstack: result: to be set
 *
 * Context: the calling task, interrupts enabled, no lock held.
 * Return: 0; -EFAULT if there is no frame; -EINVAL if its floating-point state is not sound: the
 * results and all other registers are the frame's then, too.
 */
int arch_signal_return(struct arch_regs *regs, u64 *mask,
		       struct signal_altstack *altstack) __must_check;

/**
 * arch_signal_trap() - would the processor refuse to go on with these registers?
 * @regs: of arch_signal_return()
 * @trap: result: the exception that it would raise then
 *
 * Context: the calling task.
 * Return: true if so; the program may go on only in a handler.
 */
bool arch_signal_trap(const struct arch_regs *regs, struct user_trap_info *trap);

/**
 * arch_user_sp() - the program's stack pointer.
 * @regs: the program's registers
 *
 * Context: any.
 * Return: it.
 */
u64 arch_user_sp(const struct arch_regs *regs);

/**
 * arch_user_pc() - the program's next instruction.
 * @regs: the program's registers
 *
 * Context: any.
 * Return: its address.
 */
u64 arch_user_pc(const struct arch_regs *regs);

/**
 * arch_user_set_pc() - have a program go on elsewhere.
 * @regs: the program's registers
 * @pc: address of the instruction, below LWK_TASK_END
 *
 * Context: any.
 */
void arch_user_set_pc(struct arch_regs *regs, u64 pc);

/**
 * arch_user_log() - log a program's registers, at debug level.
 * @regs: the program's registers
 *
 * Context: any.
 */
void arch_user_log(const struct arch_regs *regs);

/**
 * signal_on_altstack() - is a stack pointer on the alternate stack?
 * @altstack: the stack
 * @sp: any address
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool signal_on_altstack(const struct signal_altstack *altstack, u64 sp)
{
	return !(altstack->flags & SS_AUTODISARM) && sp > altstack->sp &&
	       sp - altstack->sp <= altstack->len;
}

#endif
