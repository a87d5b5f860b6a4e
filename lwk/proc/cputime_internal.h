/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU time, between the files of lwk/proc/.
 */
#ifndef LWK_PROC_CPUTIME_INTERNAL_H
#define LWK_PROC_CPUTIME_INTERNAL_H

#include "lwk/include/proc/cputime.h"

/**
 * cpu_clock_ns_locked() - read a clock.
 * @process: whose; its lock held
 * @clock: which
 *
 * Context: any but NMI; exact for the calling task.
 * Return: nanoseconds; 0 for a thread that has ended.
 */
u64 cpu_clock_ns_locked(const struct process *process, const struct cpu_clock *clock);

/**
 * cpu_timers_rearm_locked() - have all tasks look at the timers before they go on in user mode.
 * @process: whose; its lock held
 *
 * Context: any but NMI.
 */
void cpu_timers_rearm_locked(struct process *process);

/**
 * rt_limit_take_locked() - look at the calling task's RLIMIT_RTTIME.
 * @timers: its process's, whose lock is held; the soft limit grows
 * @task: the caller
 *
 * Context: the task.
 * Return: the signal that is due, or 0.
 */
u32 rt_limit_take_locked(struct cpu_timers *timers, const struct task *task);

/**
 * rt_limit_left_locked() - how long the calling task may run until it has to look.
 * @timers: its process's, whose lock is held
 * @task: the caller
 *
 * Context: the task.
 * Return: nanoseconds, or THREAD_NO_DEADLINE.
 */
u64 rt_limit_left_locked(const struct cpu_timers *timers, const struct task *task);

#endif
