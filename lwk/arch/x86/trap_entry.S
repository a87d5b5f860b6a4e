/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 256 interrupt and exception entries, 16 bytes apart from x86_vectors on.
 *
 * Each completes a struct arch_regs on the stack and calls trap_dispatch(). From user mode GS is
 * exchanged first; the stack is the thread's, because the processor took it from the TSS. The
 * exceptions that have stacks of their own may come between any two instructions of the other
 * entries, so they trust neither the interrupted selector nor GS, but what desc_set_ist() left at
 * the top of their stack. A debug exception of a program moves to the thread's stack, since what
 * follows may wait.
 *
 * The processor aligns the stack before it pushes, and the frame keeps it aligned.
 */
#include <arch_regs.h>

#include "lwk/include/core/percpu_offsets.h"
#include "x86.h"

	.text

	.macro push_regs
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro pop_regs
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	.endm

	/* A program's AC flag must not open its memory to the kernel (SMAP). */
	.macro close_user_access
	testb	$1, x86_smap(%rip)
	jz	.Lno_smap\@
	clac
.Lno_smap\@:
	.endm

	.balign	16
	.globl	x86_vectors
x86_vectors:
	.set	vector, 0
	.rept	X86_VEC_COUNT
	.balign	16
	/* The exceptions that push an error code themselves: 8, 10-14, 17, 21, 29, 30. */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || \
		  vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	.if	vector == X86_VEC_DB || vector == X86_VEC_NMI || vector == X86_VEC_DF || \
		vector == X86_VEC_MC
	jmp	own_stack_entry
	.else
	jmp	trap_entry
	.endif
	.set	vector, vector + 1
	.endr

	.type	trap_entry, @function
trap_entry:
	cld
	push_regs
	close_user_access
	testb	$3, REGS_CS(%rsp)
	jnz	trap_from_user
	movq	%rsp, %rdi
	call	trap_dispatch
	pop_regs
	addq	$16, %rsp
	iretq
	.size	trap_entry, . - trap_entry

	.type	trap_from_user, @function
trap_from_user:
	swapgs
	lfence
trap_on_thread_stack:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	call	trap_dispatch
	.globl	x86_return_to_user
x86_return_to_user:
	pop_regs
	addq	$16, %rsp
	swapgs
	iretq
	.size	trap_from_user, . - trap_from_user

	.type	own_stack_entry, @function
own_stack_entry:
	cld
	push_regs
	close_user_access
	cmpl	$X86_VEC_DB, REGS_VECTOR(%rsp)
	jne	1f
	testb	$3, REGS_CS(%rsp)
	jnz	debug_from_user
1:
	/* R12, R13: the interrupted GS, whosever it is; the percpu address is above the frame. */
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	%eax, %r12d
	movl	%edx, %r13d
	movq	REGS_LEN(%rsp), %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	wrmsr
	movq	%rsp, %rdi
	call	trap_dispatch
	movl	$MSR_GS_BASE, %ecx
	movl	%r12d, %eax
	movl	%r13d, %edx
	wrmsr
	pop_regs
	addq	$16, %rsp
	iretq

debug_from_user:
	swapgs
	lfence
	movq	%rsp, %rsi
	movq	%gs:PERCPU_ENTRY_STACK, %rdi
	subq	$REGS_LEN, %rdi
	movq	%rdi, %rsp
	movl	$REGS_LEN / 8, %ecx
	rep movsq
	jmp	trap_on_thread_stack
	.size	own_stack_entry, . - own_stack_entry

	/*
	 * SYSCALL: RCX has the program's RIP, R11 its flags; the stack is still the program's and
	 * interrupts are off (MSR_FMASK).
	 */
	.balign	16
	.globl	x86_syscall_entry
	.type	x86_syscall_entry, @function
x86_syscall_entry:
	swapgs
	movq	%rsp, %gs:PERCPU_USER_SP
	movq	%gs:PERCPU_ENTRY_STACK, %rsp
	pushq	$X86_SEL_USER_DATA
	pushq	%gs:PERCPU_USER_SP
	pushq	%r11
	pushq	$X86_SEL_USER_CODE
	pushq	%rcx
	pushq	%rax
	pushq	$X86_VEC_SYSCALL
	push_regs
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	call	x86_syscall
	testb	%al, %al
	jz	x86_return_to_user
	pop_regs
	movq	REGS_RSP - REGS_VECTOR(%rsp), %rsp
	swapgs
	sysretq
	.size	x86_syscall_entry, . - x86_syscall_entry

	.section .note.GNU-stack, "", @progbits
