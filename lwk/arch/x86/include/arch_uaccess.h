/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inline part of lwk/include/uaccess.h on x86-64; what uaccess.S says of faults is true here.
 */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <cpu.h>

#include "abi/errno.h"
#include "lwk/include/types.h"

static inline void user_open(void)
{
	if (x86_smap)
		__asm__ volatile("stac" : : : "memory");
}

static inline void user_close(void)
{
	if (x86_smap)
		__asm__ volatile("clac" : : : "memory");
}

/* Of label 1; then 2 follows. */
#define X86_MAY_FAULT                                                                  \
	"; 2: .subsection 1; 3: movl %[efault], %[failed]; jmp 2b; .previous;"            \
	".pushsection .extable, \"a\"; .quad 1b, 3b; .popsection"

#define user_load(value, addr, err)                                                         \
	__asm__ volatile("1: mov %[word], %[reg]" X86_MAY_FAULT                     \
			 : [reg] "=r"(value), [failed] "+r"(err)                           \
			 : [word] "m"(*(const __typeof__(value) *)(addr)),         \
			   [efault] "i"(-EFAULT)                                            \
			 : "memory")

#define user_store(value, addr, err)                                                        \
	__asm__ volatile("1: mov %[reg], %[word]" X86_MAY_FAULT                     \
			 : [word] "=m"(*(__typeof__(value) *)(addr)), [failed] "+r"(err) \
			 : [reg] "r"(value), [efault] "i"(-EFAULT)                          \
			 : "memory")

#endif
