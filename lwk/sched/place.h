/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where threads should run. What other CPUs do is read without their locks: it
 * is a hint, and may be old when it is used.
 */
#ifndef LWK_SCHED_PLACE_H
#define LWK_SCHED_PLACE_H

#include "lwk/include/core/cpumask.h"

struct thread;

/**
 * place_idle() - a CPU without user threads to run.
 * @allowed: among these
 * @near: LWK CPU number; it is taken first, then those of its node
 *
 * Context: any.
 * Return: LWK CPU number, or percpu_count() if there is none.
 */
u32 place_idle(const struct cpumask *allowed, u32 near);

/**
 * place_runnable() - where a thread that becomes runnable, or has to leave its CPU, goes.
 * @thread: a user thread; its queue is locked
 *
 * Context: interrupts off.
 * Return: LWK CPU number: an idle one, else the one it has, else the one with least to run.
 */
u32 place_runnable(const struct thread *thread);

/**
 * place_fewer() - a CPU of a set that has fewer user threads to run.
 * @me: LWK CPU number; CPUs behind it come first, those of its node before the others
 * @cpus: the set
 *
 * To another node a thread goes only if that leaves both CPUs nearer to each other; on the same
 * one also to take turns.
 *
 * Context: any.
 * Return: LWK CPU number, or percpu_count() if there is none.
 */
u32 place_fewer(u32 me, const struct cpumask *cpus);

/**
 * place_busy() - a CPU that has user threads waiting for it.
 * @me: LWK CPU number, not taken; those of its node come first
 * @first: candidates before this one, in the order of the search, were tried in vain
 *
 * Context: any.
 * Return: position in the order of the search, from @first on; 2 * percpu_count(): none.
 */
u32 place_busy(u32 me, u32 first);

#endif
