/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scheduler needs from the processor; lwk/arch/ has the definitions.
 */
#ifndef LWK_ARCH_SCHED_H
#define LWK_ARCH_SCHED_H

#include "lwk/include/compiler.h"

struct thread;

/**
 * arch_thread_init_kernel() - stack and first registers of a kernel thread.
 * @thread: @cpu is set
 * @fn: passed to thread_begin_kernel()
 * @arg: its argument
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int arch_thread_init_kernel(struct thread *thread, void (*fn)(void *arg), void *arg) __must_check;

/**
 * arch_thread_init_user() - stack and first registers of a user thread.
 * @thread: @cpu is set
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int arch_thread_init_user(struct thread *thread) __must_check;

/**
 * arch_thread_destroy() - free them.
 * @thread: does not run
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void arch_thread_destroy(struct thread *thread);

/**
 * arch_thread_drain() - free what is kept of threads that are destroyed, for the next.
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void arch_thread_drain(void);

/**
 * arch_thread_guard() - the page below a thread's kernel stack, which is not mapped.
 * @thread: any
 *
 * Context: any.
 * Return: its address.
 */
u64 arch_thread_guard(const struct thread *thread);

/**
 * arch_switch() - go on on another kernel stack.
 * @save: where this one's pointer goes
 * @load: the other one's
 *
 * Context: interrupts off. Returns when something switches back.
 */
void arch_switch(u64 *save, u64 load);

/**
 * arch_user_save() - registers that stay in the processor while a thread is in the kernel: store.
 * @thread: user thread whose they are
 *
 * Context: interrupts off.
 */
void arch_user_save(struct thread *thread);

/**
 * arch_user_load() - and load them.
 * @thread: user thread
 *
 * Context: interrupts off; those in the processor were saved or are nobody's.
 */
void arch_user_load(struct thread *thread);

/**
 * arch_user_stack() - programs enter the kernel on this thread's stack from now on.
 * @thread: user thread
 *
 * Context: interrupts off, the CPU that will run it.
 */
void arch_user_stack(const struct thread *thread);

/**
 * arch_load_tables() - use other page tables.
 * @root: physical address of the top table
 *
 * Context: interrupts off.
 */
void arch_load_tables(paddr_t root);

/** thread_begin_kernel() - first C of a kernel thread. Context: interrupts off, queue locked. */
__noreturn void thread_begin_kernel(void (*fn)(void *arg), void *arg);

/** thread_begin_user() - first C of a user thread. Context: interrupts off, queue locked. */
void thread_begin_user(void);

#endif
