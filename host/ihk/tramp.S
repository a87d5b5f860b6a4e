/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * First instructions of a CPU after SIPI: from real mode into the park page.
 *
 * park.c copies this blob to a borrowed page below 1 MiB, fills in the variables
 * at its end and maps that page, read-only and executable, at its own physical
 * address in the park tables while the CPU starts. The CPU goes straight
 * from real mode to long mode; the park code loads everything else.
 */
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "abi/park.h"

	.section .rodata
	.code16
	.balign 16
	.globl ihk_tramp
ihk_tramp:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	(ihk_tramp_gdtr - ihk_tramp)
	movl	$X86_CR4_PAE, %eax
	movl	%eax, %cr4
	movl	(ihk_tramp_cr3 - ihk_tramp), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$((1 << _EFER_LME) | (1 << _EFER_NX)), %eax
	xorl	%edx, %edx
	wrmsr
	/* Also ends the cache-disabled state after INIT (CD, NW). */
	movl	$(X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG), %eax
	movl	%eax, %cr0
	ljmpl	*(ihk_tramp_jump - ihk_tramp)

	.code64
tramp_long:
	movl	$LWK_DATA_SEL, %eax
	movl	%eax, %ss
	movq	ihk_tramp_slot(%rip), %rdi
	movq	$LWK_PARK_VA, %rax
	jmp	*%rax

	.balign 8
tramp_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* LWK_CODE_SEL: 64-bit code, accessed */
	.quad	0x00cf93000000ffff	/* LWK_DATA_SEL: data, accessed */
tramp_gdt_end:

	/* Variables; addresses get that of the borrowed page added. */
	.globl ihk_tramp_gdtr, ihk_tramp_jump, ihk_tramp_cr3, ihk_tramp_slot
	.balign 8
ihk_tramp_slot:
	.quad	0
ihk_tramp_cr3:
	.long	0
ihk_tramp_jump:
	.long	tramp_long - ihk_tramp
	.word	LWK_CODE_SEL
ihk_tramp_gdtr:
	.word	tramp_gdt_end - tramp_gdt - 1
	.long	tramp_gdt - ihk_tramp

	.globl ihk_tramp_end
ihk_tramp_end:
