/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of a run queue: kernel threads, then SCHED_FIFO and SCHED_RR by priority, then the
 * others by virtual run time, which passes the slower the greater a thread's weight is.
 *
 * Context of all: the queue is locked.
 */
#ifndef LWK_SCHED_QUEUE_H
#define LWK_SCHED_QUEUE_H

#include "lwk/include/core/cpumask.h"
#include "lwk/include/sched/runq.h"
#include "lwk/include/types.h"

struct thread;

/**
 * queue_lock_of() - lock the queue of the CPU that a thread belongs to.
 * @thread: any
 * @irq: result: for spin_unlock_irqrestore()
 *
 * Context: any but NMI.
 * Return: the queue.
 */
struct runq *queue_lock_of(struct thread *thread, u64 *irq);

/**
 * queue_add() - put a runnable thread in its place.
 * @rq: queue
 * @thread: in no queue
 * @first: before those that are like it, else behind them
 */
void queue_add(struct runq *rq, struct thread *thread, bool first);

/**
 * queue_add_last() - put a thread behind all others, whatever they are.
 * @rq: queue
 * @thread: in no queue; it has to wait for what one of the others does
 */
void queue_add_last(struct runq *rq, struct thread *thread);

/**
 * queue_sort() - threads that gave way have waited for long enough: back to their places.
 * @rq: queue
 */
void queue_sort(struct runq *rq);

/**
 * queue_add_behind_peers() - put a thread behind those that are like it: sched_yield(2).
 * @rq: queue
 * @thread: in no queue
 */
void queue_add_behind_peers(struct runq *rq, struct thread *thread);

/**
 * queue_remove() - take a thread out.
 * @rq: queue
 * @thread: in it
 */
void queue_remove(struct runq *rq, struct thread *thread);

/**
 * queue_take() - take the next one out.
 * @rq: queue
 *
 * Return: it; NULL if the queue is empty.
 */
struct thread *queue_take(struct runq *rq);

/**
 * queue_find() - the first user thread that may run on a CPU.
 * @rq: queue
 * @cpu: LWK CPU number
 *
 * Return: it; NULL if there is none.
 */
struct thread *queue_find(struct runq *rq, u32 cpu);

/**
 * queue_fair_cpus() - where the threads may run that share by time.
 * @rq: queue
 * @cpus: receives all CPUs that any of them may use
 */
void queue_fair_cpus(const struct runq *rq, struct cpumask *cpus);

/**
 * queue_oldest() - the thread that has been here for longest, of those that share by time.
 * @rq: queue
 * @cpu: LWK CPU number that it may run on
 *
 * Return: it, which may be the current one; NULL if there is none.
 */
struct thread *queue_oldest(struct runq *rq, u32 cpu);

/**
 * queue_has_realtime() - may threads that share by time have to wait for ever?
 * @rq: queue
 *
 * Return: true if so.
 */
bool queue_has_realtime(const struct runq *rq);

/**
 * queue_preempts() - should the next one run instead of the current one?
 * @rq: queue; its current thread's time is charged
 * @slice_over: the current one has had its slice
 *
 * Return: true if so.
 */
bool queue_preempts(const struct runq *rq, bool slice_over);

/**
 * queue_is_sorted() - is every thread in its place?
 * @rq: queue
 *
 * Return: true if so.
 */
bool queue_is_sorted(const struct runq *rq);

/**
 * queue_charge() - the current thread has run until now.
 * @rq: queue
 * @now_ns: time_ns()
 */
void queue_charge(struct runq *rq, u64 now_ns);

/**
 * queue_join() - a thread that was not runnable, or was elsewhere, competes with those of @rq now.
 * @rq: queue; not locked but by the calling CPU
 * @thread: its run time is relative to what queue_leave() took
 */
void queue_join(struct runq *rq, struct thread *thread);

/**
 * queue_leave() - make a thread's run time relative, so that it means something elsewhere.
 * @rq: queue
 * @thread: in no queue
 */
void queue_leave(struct runq *rq, struct thread *thread);

/**
 * queue_slice_ns() - how long a thread runs while others want to that are like it, or gave way.
 * @rq: queue
 * @thread: any
 *
 * Return: THREAD_NO_DEADLINE: until it waits.
 */
u64 queue_slice_ns(const struct runq *rq, const struct thread *thread);

#endif
