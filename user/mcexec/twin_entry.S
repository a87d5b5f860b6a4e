/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program's system calls, and the return from signal handlers.
 *
 * A signal that comes between twin_syscall_look and twin_syscall_made finds the call not yet
 * made, or about to be made anew because Linux restarts it: the handler then goes on at
 * twin_syscall_abort. One that comes earlier leaves its mark in *interrupted. So there is no
 * moment at which a signal is overlooked and the call sleeps all the same.
 */
	.text

/* s64 twin_syscall(u64 nr, const u64 *args, const u32 *interrupted) */
	.globl	twin_syscall
	.type	twin_syscall, @function
twin_syscall:
	mov	%rdi, %rax
	mov	%rdx, %rcx
	mov	%rsi, %r11
	mov	(%r11), %rdi
	mov	8(%r11), %rsi
	mov	16(%r11), %rdx
	mov	24(%r11), %r10
	mov	32(%r11), %r8
	mov	40(%r11), %r9
	.globl	twin_syscall_look
twin_syscall_look:
	cmpl	$0, (%rcx)
	jne	twin_syscall_abort
	syscall
	.globl	twin_syscall_made
twin_syscall_made:
	ret
	.globl	twin_syscall_abort
twin_syscall_abort:
	mov	$-513, %rax	/* OFFLOAD_RET_RESTART */
	ret
	.size	twin_syscall, . - twin_syscall

	.globl	twin_sigreturn
	.type	twin_sigreturn, @function
twin_sigreturn:
	mov	$15, %eax
	syscall
	.size	twin_sigreturn, . - twin_sigreturn

	.section .note.GNU-stack, "", @progbits
