/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler, as boot, entry code and worker threads use it. Everybody else:
 * lwk/include/sched/thread.h.
 */
#ifndef LWK_SCHED_SCHED_H
#define LWK_SCHED_SCHED_H

#include "lwk/include/sched/runq.h"
#include "lwk/include/sched/thread.h"

/**
 * sched_init_cpu() - ready the queue of a CPU that does not run yet, or is the first.
 * @runq: zeroed
 *
 * Context: first CPU.
 */
void sched_init_cpu(struct runq *runq);

/**
 * sched_start() - take the timer, and start a worker thread on each CPU.
 *
 * Panics without memory. Context: first CPU, once, all CPUs online.
 */
void sched_start(void);

/**
 * sched_run() - run what is runnable, also what waits for other CPUs; return when nothing is.
 *
 * Context: idle loop, interrupts off.
 */
void sched_run(void);

/**
 * sched_preempt() - let another thread run, if one should.
 *
 * Context: a user thread about to return to user mode, or that might sleep; interrupts off.
 */
void sched_preempt(void);

/**
 * sched_reap() - have the threads that ended on this CPU freed.
 *
 * Context: the CPU's worker thread, interrupts enabled.
 * Return: whether there were any.
 */
bool sched_reap(void);

/**
 * sched_check() - panic unless the queues of all CPUs are sound.
 *
 * Context: any but NMI, no queue locked.
 */
void sched_check(void);

struct vm;

/**
 * sched_unload_vm() - have no CPU use an address space any more.
 * @vm: no thread has it; but its tables may still be loaded where one ran
 *
 * Context: a thread, interrupts enabled, no lock held; waits for CPUs.
 */
void sched_unload_vm(struct vm *vm);

/**
 * thread_account_user() - user mode ended.
 * @thread: the calling one
 * @now_tsc: when
 *
 * Context: interrupts off.
 */
static inline void thread_account_user(struct thread *thread, u64 now_tsc)
{
	thread->user_tsc += now_tsc - thread->stamp_tsc;
	thread->stamp_tsc = now_tsc;
}

/**
 * thread_account_kernel() - what the kernel did for a thread ended.
 * @thread: the calling one
 * @now_tsc: when
 *
 * What the kernel does from here on until the return to user mode counts as user mode, unless this
 * is called again.
 *
 * Context: the thread, not in an interrupt.
 */
static inline void thread_account_kernel(struct thread *thread, u64 now_tsc)
{
	thread->kernel_tsc += now_tsc - thread->stamp_tsc;
	thread->stamp_tsc = now_tsc;
}

#endif
