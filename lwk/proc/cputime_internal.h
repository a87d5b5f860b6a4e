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

#endif
