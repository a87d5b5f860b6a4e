/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one kernel stack to another, and the first instructions of new threads.
 */
	.text

	/*
	 * void x86_switch(u64 *save, u64 load): store the stack pointer in *save, go on where
	 * the stack @load was left, or where x86_stack_init() made it begin. Interrupts off.
	 */
	.globl	x86_switch
	.type	x86_switch, @function
x86_switch:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	x86_switch, . - x86_switch

	/* A kernel thread: R12 is its function, R13 the argument. */
	.globl	x86_start_kernel
	.type	x86_start_kernel, @function
x86_start_kernel:
	movq	%r12, %rdi
	movq	%r13, %rsi
	call	thread_begin_kernel
	ud2
	.size	x86_start_kernel, . - x86_start_kernel

	/* A user thread: its registers are right above. */
	.globl	x86_start_user
	.type	x86_start_user, @function
x86_start_user:
	call	thread_begin_user
	movq	%rsp, %rdi
	call	x86_exit_to_user
	jmp	x86_return_to_user
	.size	x86_start_user, . - x86_start_user

	.section .note.GNU-stack, "", @progbits
