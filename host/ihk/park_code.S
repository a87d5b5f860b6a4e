/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The park page: where a CPU waits between two LWKs (contract: abi/park.h).
 *
 * park.c copies this blob to the start of a page that is mapped, read-only and
 * executable, at LWK_PARK_VA by the park tables and by every LWK. It
 * reads nothing but itself and writes nothing but the slot. GDT, IDT and slot are
 * mapped alike on both sides of every CR3 load, so NMI and #MC are safe at each
 * instruction from LIDT on. The descriptors have their accessed bits set, since the
 * processor could not set them here. No TSS is needed: nothing changes privilege,
 * no gate uses an IST.
 */
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "abi/park.h"

#define PARK_CR4 (X86_CR4_PAE | X86_CR4_MCE)
#define PARK_CR0 (X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG)

#define APIC_MODE_X2 (1 << 10)		/* in MSR_IA32_APICBASE */
#define X2APIC_MSR(reg) (0x800 + ((reg) >> 4))
#define LAPIC_EOI 0xb0
#define LAPIC_SVR 0xf0
#define LAPIC_LVT_TIMER 0x320
#define LAPIC_TIMER_INIT 0x380
#define SVR_DISABLED 0xff		/* software enable (bit 8) off, vector 0xff */
#define LVT_MASKED 0x10000
#define IN_SERVICE_MAX 16		/* at most one per priority class */

	.section .rodata
	.code64
	.balign 16
	.globl ihk_park_blob
ihk_park_blob:
	endbr64
	cli
	cld
	lgdt	park_gdtr(%rip)
	lidt	park_idtr(%rip)
	leaq	PARK_SLOT_LEN(%rdi), %rsp
	movl	$LWK_DATA_SEL, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	movq	%rax, %dr7
	movq	%rax, %cr8
	/*
	 * CR4 before CR0 and CR3: it turns CET off, which would forbid clearing
	 * WP, and PCIDE, after which the CR3 below is no PCID. The change of
	 * PCIDE or PGE drops all translations, global ones too.
	 */
	movl	$PARK_CR4, %eax
	movq	%rax, %cr4
	movl	$PARK_CR0, %eax
	movq	%rax, %cr0
	movq	PARK_SLOT_PARK_CR3(%rdi), %rax
	movq	%rax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$(1 << _EFER_LMA), %eax
	orl	$((1 << _EFER_LME) | (1 << _EFER_NX)), %eax
	xorl	%edx, %edx
	wrmsr

	movl	$MSR_IA32_APICBASE, %ecx
	rdmsr
	testl	$APIC_MODE_X2, %eax
	jnz	park_x2apic

	movq	$PARK_LAPIC_VA, %rdx
	movl	$LVT_MASKED, LAPIC_LVT_TIMER(%rdx)
	movl	$0, LAPIC_TIMER_INIT(%rdx)
	movl	$IN_SERVICE_MAX, %ecx
1:	movl	$0, LAPIC_EOI(%rdx)
	decl	%ecx
	jnz	1b
	movl	$SVR_DISABLED, LAPIC_SVR(%rdx)
	jmp	park_unblock_nmi

park_x2apic:
	xorl	%edx, %edx
	movl	$X2APIC_MSR(LAPIC_LVT_TIMER), %ecx
	movl	$LVT_MASKED, %eax
	wrmsr
	movl	$X2APIC_MSR(LAPIC_TIMER_INIT), %ecx
	xorl	%eax, %eax
	wrmsr
	movl	$X2APIC_MSR(LAPIC_EOI), %ecx
	movl	$IN_SERVICE_MAX, %esi
1:	wrmsr
	decl	%esi
	jnz	1b
	movl	$X2APIC_MSR(LAPIC_SVR), %ecx
	movl	$SVR_DISABLED, %eax
	wrmsr

	/* The LWK may have come here from its NMI handler; only IRET unblocks NMI. */
park_unblock_nmi:
	leaq	park_parked(%rip), %rax
	jmp	park_iret_to
park_parked:
	/* All stores of the CPU are in program order on x86: this is the release. */
	movl	$PARK_PARKED, PARK_SLOT_STATE(%rdi)
1:	hlt
	jmp	1b

/* Go to RAX with an empty slot stack, by IRET. In: RAX, slot in RDI. */
park_iret_to:
	leaq	PARK_SLOT_LEN(%rdi), %rsp
	movq	%rsp, %rdx
	pushq	$LWK_DATA_SEL
	pushq	%rdx
	pushq	$X86_EFLAGS_FIXED
	pushq	$LWK_CODE_SEL
	pushq	%rax
	iretq

/*
 * Return ZF clear with the slot in RAX if RSP is in a slot; ZF set if it is still,
 * or already, on a stack of the LWK. Clobbers RDX.
 */
park_find_slot:
	movq	%rsp, %rax
	andq	$-PARK_SLOT_LEN, %rax
	movq	$PARK_SLOT_VA(0), %rdx
	cmpq	%rdx, %rax
	jb	1f
	movq	$PARK_LAPIC_VA, %rdx
	cmpq	%rdx, %rax
	jae	1f
	testq	%rax, %rax
	ret
1:	xorl	%eax, %eax
	ret

park_nmi:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	call	park_find_slot
	jz	1f
	incq	PARK_SLOT_NMIS(%rax)
	/* Acquire: the order was filled in before GO. Locked: its starter may withdraw it. */
	movq	%rax, %rdx
	movl	$PARK_GO, %eax
	movl	$PARK_AWAY, %ecx
	lock cmpxchgl %ecx, PARK_SLOT_STATE(%rdx)
	jne	1f
	movq	%rdx, %rdi
	leaq	park_go(%rip), %rax
	jmp	park_iret_to
1:	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

park_go:
	movq	PARK_SLOT_CR3(%rdi), %rax
	movq	PARK_SLOT_ENTRY(%rdi), %rdx
	movq	PARK_SLOT_STACK(%rdi), %rcx
	movq	PARK_SLOT_ARG(%rdi), %rdi
	movq	%rax, %cr3
	movq	%rcx, %rsp
	jmp	*%rdx

/* Broadcast to all CPUs, also to those that have no part in it; a second one is fatal. */
park_machine_check:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	movl	$MSR_IA32_MCG_STATUS, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

	/* One stub of 8 bytes for each exception. */
	.balign 8
park_stubs:
	.set	vector, 0
	.rept	32
	pushq	$vector
	jmp	park_fault
	.balign	8
	.set	vector, vector + 1
	.endr

park_fault:
	popq	%rcx
	call	park_find_slot
	jz	1f
	orl	$PARK_FAULT_SEEN, %ecx
	movq	%rcx, PARK_SLOT_FAULT(%rax)
1:	hlt
	jmp	1b

	.macro	park_gate target
	.word	\target - ihk_park_blob
	.word	LWK_CODE_SEL
	.byte	0
	.byte	0x8e			/* present, DPL 0, interrupt gate */
	.word	(LWK_PARK_VA >> 16) & 0xffff
	.long	(LWK_PARK_VA >> 32) & 0xffffffff
	.long	0
	.endm

	.balign 16
park_idt:
	.set	vector, 0
	.rept	32
	.if	vector == 2
	park_gate park_nmi
	.elseif	vector == 18
	park_gate park_machine_check
	.else
	park_gate (park_stubs + 8 * vector)
	.endif
	.set	vector, vector + 1
	.endr
park_idt_end:

park_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* LWK_CODE_SEL: 64-bit code, accessed */
	.quad	0x00cf93000000ffff	/* LWK_DATA_SEL: data, accessed */
park_gdt_end:

park_gdtr:
	.word	park_gdt_end - park_gdt - 1
	.quad	LWK_PARK_VA + (park_gdt - ihk_park_blob)
park_idtr:
	.word	park_idt_end - park_idt - 1
	.quad	LWK_PARK_VA + (park_idt - ihk_park_blob)

	/* Fills the page; an error if the code does not fit it. */
	.org	ihk_park_blob + LWK_PAGE_SIZE
