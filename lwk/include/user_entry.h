/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processor-specific entry code calls when user mode is left and entered. lwk/arch/
 * calls these; lwk/proc/ defines them.
 */
#ifndef LWK_USER_ENTRY_H
#define LWK_USER_ENTRY_H

#include "lwk/include/compiler.h"

struct arch_regs;
struct thread;

/**
 * user_syscall() - a program made a system call.
 * @regs: the program's registers, to be changed; the number is arch_syscall_nr()
 *
 * Accounts the kernel's time up to the end of the call.
 *
 * Context: the calling thread, interrupts enabled, no lock held.
 */
void user_syscall(struct arch_regs *regs);

/**
 * user_memory_fault() - make a user address accessible, for the program or for a checked accessor.
 * @addr: faulting address, below LWK_TASK_END
 * @access: VM_READ, VM_WRITE or VM_EXEC
 *
 * Asks Linux and waits, if the page is Linux's, or if no memory is left: for that of processes that
 * have ended there.
 *
 * Context: a user thread, interrupts enabled, no lock held.
 * Return: 0: try again; -EFAULT: nothing mapped; -EACCES: not allowed; -ENOMEM; -ENXIO: beyond the
 * end of the file (SIGBUS); -EINTR: the thread is to end.
 */
int user_memory_fault(vaddr_t addr, u32 access) __must_check;

/**
 * enum user_trap - why user_trap() is called
 */
enum user_trap {
	USER_TRAP_DIVIDE,	/* SIGFPE, FPE_INTDIV */
	USER_TRAP_DEBUG,	/* SIGTRAP, TRAP_TRACE or TRAP_HWBKPT */
	USER_TRAP_BREAKPOINT,	/* SIGTRAP, SI_KERNEL */
	USER_TRAP_OPCODE,	/* SIGILL, ILL_ILLOPN */
	USER_TRAP_FPU,		/* SIGFPE, code from x87 status or MXCSR */
	USER_TRAP_PROTECTION,	/* SIGSEGV, SI_KERNEL */
	USER_TRAP_STACK,	/* SIGBUS, SI_KERNEL */
	USER_TRAP_ALIGNMENT,	/* SIGBUS, BUS_ADRALN */
	USER_TRAP_PAGE,		/* by the outcome of user_memory_fault() */
};

/**
 * struct user_trap_info - an exception of a program
 * @trap: which
 * @vector: the processor's number, for the signal frame
 * @error: the processor's error code, for the signal frame
 * @addr: USER_TRAP_PAGE: faulting address; else the instruction's
 * @code: si_code, where the processor tells more (FPU, DEBUG), else 0
 * @err: USER_TRAP_PAGE: what user_memory_fault() returned; -EKEYREJECTED: the thread has no
 *	right to use pages of this key so
 */
struct user_trap_info {
	enum user_trap trap;
	u32 vector;
	u64 error;
	vaddr_t addr;
	int code;
	int err;
};

/**
 * user_trap() - a program caused an exception: a signal is due.
 * @regs: the program's registers
 * @info: what happened
 *
 * Context: the calling thread, interrupts enabled, no lock held.
 */
void user_trap(struct arch_regs *regs, const struct user_trap_info *info);

/**
 * user_resume() - the calling thread has @attention set and is about to return to user mode.
 * @regs: the program's registers
 *
 * Delivers signals, stops, ends the thread. Called again if @attention is set meanwhile.
 *
 * Context: the calling thread, interrupts enabled, no lock held; @attention has been cleared.
 */
void user_resume(struct arch_regs *regs);

#endif
