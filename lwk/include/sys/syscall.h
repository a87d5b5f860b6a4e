/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls of programs: the table of abi/syscalls.def.
 *
 * A handler gets the six arguments, unchecked, and returns the result or -errno; or one of the
 * numbers below, which are Linux's own and which no program sees.
 */
#ifndef LWK_SYS_SYSCALL_H
#define LWK_SYS_SYSCALL_H

#include "lwk/include/compiler.h"

/* A signal is pending: see enum task_restart. */
#define ERESTARTSYS 512		/* RESTART_BY_ACTION */
#define ERESTARTNOINTR 513	/* RESTART_ALWAYS */
#define ERESTARTNOHAND 514	/* RESTART_UNLESS_HANDLER */

#define ERESTART_RESTARTBLOCK 516 /* RESTART_BLOCK */

/** SYSCALL_COUNT - one more than the largest number. */
#define SYSCALL_COUNT 463

struct process;
struct task;

/**
 * struct syscall_stats - what a process made of one system call
 * @count:	calls
 * @ticks:	time from entry to exit, of the TSC
 *
 * Atomic.
 */
struct syscall_stats {
	u64 count;
	u64 ticks;
};

/**
 * syscall_stats_create() - counters of all calls.
 *
 * Context: process context.
 * Return: SYSCALL_COUNT of them, for kfree(); NULL without memory.
 */
struct syscall_stats *syscall_stats_create(void);

/**
 * syscall_name() - name of a system call.
 * @nr: any number
 *
 * Context: any.
 * Return: it, or NULL if there is no such call.
 */
const char *syscall_name(u64 nr);

/**
 * syscall_dispatch() - serve a system call of the calling task, and account its time.
 * @task: the caller
 * @nr: any number
 * @args: arguments, unchecked
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: result, -errno, or one of the numbers above.
 */
s64 syscall_dispatch(struct task *task, s64 nr, const u64 args[6]);

/**
 * syscall_offload() - have the twin make a system call, with the same arguments.
 * @nr: number
 * @args: arguments
 *
 * Does not begin it if the calling task has a signal to take.
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: result, -errno, -ERESTARTNOINTR.
 */
s64 syscall_offload(u64 nr, const u64 args[6]);

/* Numbers, for calls that are offloaded in part. */
enum syscall_nr {
#define SYS_LOCAL(number, name, note) SYSCALL_##name = number,
#define SYS_OFFLOAD(number, name, note) SYSCALL_##name = number,
#define SYS_REFUSE(number, name, err, reason) SYSCALL_##name = number,
#include "abi/syscalls.def"
};

/* Context of all: the calling task, interrupts enabled, no lock held. */
#define SYS_LOCAL(number, name, note) s64 sys_##name(const u64 args[6]);
#include "abi/syscalls.def"

#endif
