/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where CPUs come in from the park page, and where they leave to it.
 *
 * All entries find interrupts off. The first CPU runs on the bootstrap tables with
 * the boot block's address in RDI; its siblings run on the LWK's own tables with
 * their struct percpu in RDI. The stack of the order is used by siblings only.
 */
#include "abi/layout.h"
#include "lwk/include/core/percpu_offsets.h"
#include "x86.h"

	.section .text.entry, "ax"

	/* GS base := RDX; RDI is kept. */
	.macro load_gs
	movq	%rdx, %rax
	shrq	$32, %rdx
	movl	$MSR_GS_BASE, %ecx
	wrmsr
	.endm

	.globl	entry_first
	.type	entry_first, @function
entry_first:
	cld
	leaq	boot_stack_end(%rip), %rsp
	leaq	percpu_first(%rip), %rdx
	load_gs
	xorl	%ebp, %ebp
	call	lwk_start
	ud2
	.size	entry_first, . - entry_first

	.globl	entry_sibling
	.type	entry_sibling, @function
entry_sibling:
	cld
	movq	%rdi, %rdx
	load_gs
	movq	PERCPU_STACK(%rdi), %rsp
	xorl	%ebp, %ebp
	call	lwk_sibling
	ud2
	.size	entry_sibling, . - entry_sibling

	.text

	/* void arch_run_on_stack(u64 top, void (*fn)(void)) */
	.globl	arch_run_on_stack
	.type	arch_run_on_stack, @function
arch_run_on_stack:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	call	*%rsi
	ud2
	.size	arch_run_on_stack, . - arch_run_on_stack

	/*
	 * void arch_halt_for_good(void): halt with interrupts off and NMI open, also from
	 * inside an NMI handler. The loop uses no stack, so that the NMI handler
	 * may reuse the one that this CPU stood on.
	 */
	.globl	arch_halt_for_good
	.type	arch_halt_for_good, @function
arch_halt_for_good:
	cli
	movq	%rsp, %rax
	pushq	$LWK_DATA_SEL
	pushq	%rax
	pushq	$2
	pushq	$LWK_CODE_SEL
	leaq	1f(%rip), %rax
	pushq	%rax
	iretq
1:	hlt
	jmp	1b
	.size	arch_halt_for_good, . - arch_halt_for_good

	/* void x86_load_gdt(const void *gdtr): also reloads CS, SS and the data segments. */
	.globl	x86_load_gdt
	.type	x86_load_gdt, @function
x86_load_gdt:
	lgdt	(%rdi)
	movl	$LWK_DATA_SEL, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	popq	%rdi
	pushq	$LWK_CODE_SEL
	pushq	%rdi
	lretq
	.size	x86_load_gdt, . - x86_load_gdt

	/* void x86_enter_park(u64 slot_va): the park code needs no stack of ours. */
	.globl	x86_enter_park
	.type	x86_enter_park, @function
x86_enter_park:
	cli
	movabsq	$LWK_PARK_VA, %rax
	jmp	*%rax
	.size	x86_enter_park, . - x86_enter_park

	.section .bss, "aw", @nobits
	.balign	4096
	.skip	16384
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
