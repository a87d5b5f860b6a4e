/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 256 interrupt and exception entries, 16 bytes apart from x86_vectors on.
 *
 * Each completes a struct trap_frame on the stack and calls trap_dispatch(). All code
 * that they interrupt is the kernel's, so GS is the CPU's own already. The processor
 * aligns the stack before it pushes, and the frame keeps it aligned.
 */
#include "x86.h"

	.text

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
	jmp	trap_entry
	.set	vector, vector + 1
	.endr

	.type	trap_entry, @function
trap_entry:
	cld
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
	movq	%rsp, %rdi
	call	trap_dispatch
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
	addq	$16, %rsp
	iretq
	.size	trap_entry, . - trap_entry

	.section .note.GNU-stack, "", @progbits
