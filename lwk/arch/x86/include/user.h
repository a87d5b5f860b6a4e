/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into user mode and out of it, within the architecture.
 */
#ifndef X86_USER_H
#define X86_USER_H

#include <arch_regs.h>

#include "lwk/include/compiler.h"

/**
 * user_init_cpu() - let programs enter the kernel by SYSCALL.
 *
 * Context: each CPU, once.
 */
void user_init_cpu(void);

/**
 * x86_enter_from_user() - a program was interrupted or trapped.
 *
 * Context: entry code, interrupts off.
 */
void x86_enter_from_user(void);

/**
 * x86_exit_to_user() - do what is due before a thread returns to user mode.
 * @regs: the program's registers
 *
 * Context: the thread; interrupts off on return.
 */
void x86_exit_to_user(struct arch_regs *regs);

/**
 * x86_syscall() - serve a system call.
 * @regs: the program's registers
 *
 * Context: entry code, interrupts off.
 * Return: true if SYSRET restores all that @regs says.
 */
bool x86_syscall(struct arch_regs *regs);

/**
 * user_exception() - a program caused an exception.
 * @regs: the program's registers
 *
 * Context: the thread, interrupts off.
 */
void user_exception(struct arch_regs *regs);

#endif
