/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user address spaces need from the processor; lwk/arch/ has the definitions.
 */
#ifndef LWK_ARCH_USER_H
#define LWK_ARCH_USER_H

#include "lwk/include/core/cpumask.h"

/**
 * arch_tlb_flush_user() - forget translations of a user range.
 * @cpus: CPUs that may use the address space; read after the caller's changes to
 *	the page tables, so that a CPU which enters meanwhile sees those
 * @root: physical address of its top table
 * @start: first byte, page-aligned
 * @len: bytes, page-aligned, not 0
 *
 * Also drops cached pointers to page tables that served the range. On return no
 * CPU can use a translation of the range that was there before the call.
 *
 * Context: process context, interrupts enabled, no spinlock held; waits for CPUs.
 */
void arch_tlb_flush_user(const struct cpumask *cpus, paddr_t root, vaddr_t start, u64 len);

struct arch_regs;
struct thread;

/**
 * arch_user_regs() - a user thread's registers as user mode has them.
 * @thread: not running, or the calling thread
 *
 * Context: any.
 * Return: on its kernel stack; what is stored there is in force at the next return.
 */
struct arch_regs *arch_user_regs(struct thread *thread);

/**
 * arch_regs_init() - the registers of a program that starts.
 * @regs: all set
 * @entry: first instruction
 * @sp: stack pointer
 *
 * Context: any.
 */
void arch_regs_init(struct arch_regs *regs, vaddr_t entry, vaddr_t sp);

/**
 * arch_syscall_nr() - number of the system call that is being served.
 * @regs: the program's registers
 *
 * Context: any.
 * Return: the number; -1 if the kernel was not entered by a system call.
 */
s64 arch_syscall_nr(const struct arch_regs *regs);

/**
 * arch_syscall_args() - its six arguments.
 * @regs: the program's registers
 * @args: result
 *
 * Context: any.
 */
void arch_syscall_args(const struct arch_regs *regs, u64 args[6]);

/**
 * arch_syscall_set_ret() - what the program gets back.
 * @regs: the program's registers
 * @ret: result or -errno
 *
 * Context: any.
 */
void arch_syscall_set_ret(struct arch_regs *regs, s64 ret);

/**
 * arch_syscall_restart() - make the program enter the same system call again.
 * @regs: the program's registers, after the call
 *
 * Context: any.
 */
void arch_syscall_restart(struct arch_regs *regs);

/**
 * arch_set_fs() / arch_get_fs() / arch_set_gs() / arch_get_gs() - thread pointers of the
 * calling thread.
 * @base: address, below LWK_TASK_END
 *
 * Context: the calling thread.
 */
void arch_set_fs(u64 base);
u64 arch_get_fs(void);
void arch_set_gs(u64 base);
u64 arch_get_gs(void);

/** ARCH_PKEY_DISABLE_* - rights of a key, as in Linux's calls. */
#define ARCH_PKEY_DISABLE_ACCESS 0x1U
#define ARCH_PKEY_DISABLE_WRITE 0x2U

/**
 * arch_pkeys() - how many protection keys pages can have.
 *
 * Context: any, after the first CPU's initialisation.
 * Return: the number, 1 if the processor has none: then all pages have key 0.
 */
u32 arch_pkeys(void);

/**
 * arch_pkey_set_rights() - what the calling thread may do with pages of a key.
 * @pkey: below arch_pkeys()
 * @rights: ARCH_PKEY_*
 *
 * Context: a user thread.
 */
void arch_pkey_set_rights(u32 pkey, u32 rights);

/**
 * arch_pkey_may_read() - may the calling thread read pages of a key?
 * @pkey: below arch_pkeys()
 *
 * Context: a user thread.
 */
bool arch_pkey_may_read(u32 pkey);

/**
 * arch_thread_fork() - make a thread begin as a copy of the calling one: out of the same system
 * call, with result 0.
 * @child: in THREAD_NEW
 * @sp: its stack pointer, or 0: the same
 *
 * Context: a user thread.
 */
void arch_thread_fork(struct thread *child, u64 sp);

/**
 * arch_thread_set_fs() - thread pointer of another thread.
 * @thread: in THREAD_NEW
 * @base: address, below LWK_TASK_END
 *
 * Context: any.
 */
void arch_thread_set_fs(struct thread *thread, u64 base);

#endif
