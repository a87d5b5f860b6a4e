/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of interrupted code, user's or kernel's, as the entry code pushes
 * them. A user thread's are at the very top of its kernel stack, whichever way it came in.
 */
#ifndef ARCH_REGS_H
#define ARCH_REGS_H

/* For assembly: length and offsets of struct arch_regs. */
#define REGS_LEN 176
#define REGS_VECTOR 120
#define REGS_RIP 136
#define REGS_CS 144
#define REGS_RFLAGS 152
#define REGS_RSP 160

#ifndef __ASSEMBLER__
#include "abi/types.h"

/**
 * struct arch_regs - registers of interrupted code
 * @vector: interrupt vector, or X86_VEC_SYSCALL
 * @err: the processor's error code; of a system call its number, -1 once it must not restart
 */
struct arch_regs {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	u64 rax, rcx, rdx, rsi, rdi;
	u64 vector, err;
	u64 rip, cs, rflags, rsp, ss;
};

ABI_ASSERT_SIZE(struct arch_regs, REGS_LEN);
ABI_ASSERT_OFFSET(struct arch_regs, vector, REGS_VECTOR);
ABI_ASSERT_OFFSET(struct arch_regs, rip, REGS_RIP);
ABI_ASSERT_OFFSET(struct arch_regs, cs, REGS_CS);
ABI_ASSERT_OFFSET(struct arch_regs, rflags, REGS_RFLAGS);
ABI_ASSERT_OFFSET(struct arch_regs, rsp, REGS_RSP);
_Static_assert(REGS_LEN % 16 == 0, "keeps the stack aligned");

#endif
#endif
