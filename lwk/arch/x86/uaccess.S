/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions that touch a program's memory. Each that may fault has an entry in the
 * section .extable: address, and where to go on if the fault cannot be resolved.
 */
	.text

	.macro may_fault label fixup
	.pushsection .extable, "a"
	.quad	\label, \fixup
	.popsection
	.endm

	.macro open_user
	testb	$1, x86_smap(%rip)
	jz	.Lopen\@
	stac
.Lopen\@:
	.endm

	.macro close_user
	testb	$1, x86_smap(%rip)
	jz	.Lclose\@
	clac
.Lclose\@:
	.endm

	/* u64 x86_copy_user(void *dst, const void *src, u64 len): bytes that are left. */
	.globl	x86_copy_user
	.type	x86_copy_user, @function
x86_copy_user:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
	open_user
1:	rep movsq
	movl	%edx, %ecx
2:	rep movsb
	jmp	4f
3:	leaq	(%rdx,%rcx,8), %rcx
4:	close_user
	movq	%rcx, %rax
	ret
	may_fault 1b, 3b
	may_fault 2b, 4b
	.size	x86_copy_user, . - x86_copy_user

	/* u64 x86_clear_user(void *dst, u64 len): bytes that are left. */
	.globl	x86_clear_user
	.type	x86_clear_user, @function
x86_clear_user:
	movq	%rsi, %rcx
	shrq	$3, %rcx
	andl	$7, %esi
	xorl	%eax, %eax
	open_user
1:	rep stosq
	movl	%esi, %ecx
2:	rep stosb
	jmp	4f
3:	leaq	(%rsi,%rcx,8), %rcx
4:	close_user
	movq	%rcx, %rax
	ret
	may_fault 1b, 3b
	may_fault 2b, 4b
	.size	x86_clear_user, . - x86_clear_user

	/* int x86_load_user(u32 *dst, const u32 *src): 0, or 1 after a fault. Not by bytes. */
	.globl	x86_load_user
	.type	x86_load_user, @function
x86_load_user:
	movl	$1, %eax
	open_user
1:	movl	(%rsi), %ecx
	movl	%ecx, (%rdi)
	xorl	%eax, %eax
2:	close_user
	ret
	may_fault 1b, 2b
	.size	x86_load_user, . - x86_load_user

	/* int x86_xsave_user(void *area, u64 wanted): 0, or 1 after a fault. */
	.globl	x86_xsave_user
	.type	x86_xsave_user, @function
x86_xsave_user:
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
	movl	$1, %ecx
	open_user
1:	xsave64	(%rdi)
	xorl	%ecx, %ecx
2:	close_user
	movl	%ecx, %eax
	ret
	may_fault 1b, 2b
	.size	x86_xsave_user, . - x86_xsave_user

	/*
	 * int x86_xrstor_user(const void *area, u64 wanted): 0, or 1 after a fault, of which the
	 * processor's refusal of the area is one.
	 */
	.globl	x86_xrstor_user
	.type	x86_xrstor_user, @function
x86_xrstor_user:
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
	movl	$1, %ecx
	open_user
	.globl	x86_xrstor_user_at
x86_xrstor_user_at:
1:	xrstor64 (%rdi)
	xorl	%ecx, %ecx
2:	close_user
	movl	%ecx, %eax
	ret
	may_fault 1b, 2b
	.size	x86_xrstor_user, . - x86_xrstor_user

	/* int x86_cmpxchg_user(u32 *ptr, u32 *old, u32 new): 0, or 1 after a fault. */
	.globl	x86_cmpxchg_user
	.type	x86_cmpxchg_user, @function
x86_cmpxchg_user:
	movl	(%rsi), %eax
	movl	$1, %ecx
	open_user
1:	lock cmpxchgl %edx, (%rdi)
	xorl	%ecx, %ecx
2:	close_user
	movl	%eax, (%rsi)
	movl	%ecx, %eax
	ret
	may_fault 1b, 2b
	.size	x86_cmpxchg_user, . - x86_cmpxchg_user

	.section .note.GNU-stack, "", @progbits
