/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions of the kernel that may fault on a program's memory.
 */
#ifndef X86_EXTABLE_H
#define X86_EXTABLE_H

#include "lwk/include/types.h"

/**
 * extable_find() - where to go on after a fault that cannot be resolved.
 * @rip: faulting instruction
 *
 * Context: any.
 * Return: address, or 0 if the instruction must not fault.
 */
u64 extable_find(u64 rip);

/** x86_xrstor_user_at - the instruction of fpu_try_load_user(). */
extern const u8 x86_xrstor_user_at[];

#endif
