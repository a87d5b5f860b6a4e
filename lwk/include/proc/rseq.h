/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restartable sequences: rseq(2). A thread tells where it wants to read on which CPU it runs, and
 * which of its instructions have to begin anew if something came between.
 *
 * Context of all: the task, interrupts enabled, no lock held; if not said otherwise.
 */
#ifndef LWK_PROC_RSEQ_H
#define LWK_PROC_RSEQ_H

#include "lwk/include/compiler.h"

struct arch_regs;
struct process;
struct task;

/**
 * struct task_rseq - in struct task
 * @addr:	of the program's struct rseq, or 0: none
 * @len:	its length
 * @sig:	what precedes the instructions to begin with anew
 */
struct task_rseq {
	vaddr_t addr;
	u32 len;
	u32 sig;
};

/**
 * rseq_register() - begin.
 * @rseq: unchecked
 *
 * Return: 0; -EINVAL; -EPERM: there is one with another @sig; -EBUSY: the same; -EFAULT.
 */
int rseq_register(const struct task_rseq *rseq);

/**
 * rseq_unregister() - end.
 * @rseq: unchecked
 *
 * Return: 0; -EINVAL, -EPERM: it is not the one; -EFAULT.
 */
int rseq_unregister(const struct task_rseq *rseq);

/**
 * struct rseq_configuration - what PTRACE_GET_RSEQ_CONFIGURATION tells
 * @addr:	of the program's struct rseq, or 0
 * @len:	its length
 * @sig:	what precedes the instructions to begin with anew
 * @flags:	0
 * @reserved:	0
 */
struct rseq_configuration {
	u64 addr;
	u32 len;
	u32 sig;
	u32 flags;
	u32 reserved;
};

/**
 * rseq_configuration() - what a thread has registered.
 * @task: stopped, or the caller's own
 *
 * Context: any.
 */
struct rseq_configuration rseq_configuration(const struct task *task);

/**
 * rseq_inherit() - a new task is a copy of another in a memory of its own.
 * @child: not started
 * @parent: the calling task
 */
void rseq_inherit(struct task *child, const struct task *parent);

/**
 * rseq_resume() - before user mode: leave a sequence that was interrupted, tell the CPU.
 * @regs: of the program
 */
void rseq_resume(struct arch_regs *regs);

/**
 * rseq_interrupt() - before the handler of a signal: leave a sequence.
 * @regs: of the program
 *
 * Return: 0; -EFAULT, -EINVAL: the program's description of it is not sound.
 */
int rseq_interrupt(struct arch_regs *regs) __must_check;

/**
 * rseq_restart_others() - have all threads of a process that are in a sequence now leave it.
 * @process: the caller's
 * @cpu: LWK CPU number on which alone, or percpu_count(): on all
 */
void rseq_restart_others(struct process *process, u32 cpu);

#endif
