/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How threads get from the queue of one CPU to that of another.
 *
 * No two queues are locked at once. A thread that moves is detached from one: it belongs to the new
 * CPU from then on, runnable but in no queue, and only the CPU that detached it touches it; that
 * one attaches it to the new queue, interrupts off all the while.
 */
#ifndef LWK_SCHED_MOVE_H
#define LWK_SCHED_MOVE_H

#include "lwk/include/core/cpumask.h"
#include "lwk/include/sched/runq.h"
#include "lwk/include/types.h"

struct thread;

/**
 * move_kick() - have a CPU look at its queue.
 * @cpu: LWK CPU number
 *
 * Context: any but NMI.
 */
void move_kick(u32 cpu);

/**
 * move_count() - user threads of a CPU became runnable, or ceased to be.
 * @cpu: LWK CPU number
 * @thread: the one; kernel threads do not count
 * @n: 1 or -1U
 *
 * Context: any.
 */
void move_count(u32 cpu, const struct thread *thread, u32 n);

/**
 * move_detach() - make a thread another CPU's; one that is runnable has to be attached there then.
 * @rq: its present queue, locked
 * @thread: a user thread
 * @cpu: LWK CPU number
 *
 * Context: interrupts off.
 */
void move_detach(struct runq *rq, struct thread *thread, u32 cpu);

/**
 * move_attach() - put a detached thread into the queue of its CPU.
 * @thread: detached by this CPU
 *
 * Context: interrupts off, no queue locked.
 */
void move_attach(struct thread *thread);

/**
 * move_offer() - have an idle CPU come for a thread in the queue of a CPU that runs others.
 * @allowed: where the thread may run
 * @cpu: LWK CPU number of the queue
 *
 * Context: any but NMI.
 */
void move_offer(const struct cpumask *allowed, u32 cpu);

/**
 * move_balance() - threads wait for this CPU: hand one to a CPU that has fewer, once in a while.
 * @rq: the queue of this CPU, locked; the slice of its current thread is over
 * @now_ns: time_ns()
 *
 * The one that has been here for longest goes. So three threads on two CPUs take turns
 * in having one of them alone. Only a CPU that has a timer for its slices anyway does this.
 *
 * Context: interrupts off.
 * Return: a thread to be attached when @rq is unlocked, which may be the current one; NULL: none.
 */
struct thread *move_balance(struct runq *rq, u64 now_ns);

/**
 * move_pull() - this CPU has nothing to do: take a thread that waits for another.
 *
 * Context: idle loop, interrupts off.
 * Return: is there one?
 */
bool move_pull(void);

#endif
