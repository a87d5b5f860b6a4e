/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The threads of one CPU; embedded in struct percpu.
 */
#ifndef LWK_SCHED_RUNQ_H
#define LWK_SCHED_RUNQ_H

#include "lwk/include/spinlock.h"
#include "lwk/lib/list.h"

struct thread;
struct vm;

/**
 * struct runq - one CPU's threads
 * @lock: protects the following, and what struct thread says; held over a switch of threads
 * @ready: runnable threads that do not run, the next one first
 * @sleepers: waiting threads that have a deadline, the earliest first
 * @ended: threads that have ended, for the worker to free
 * @min_vruntime: what a thread that begins to compete has run; it only grows
 * @charged_ns: until when the current thread's time was charged
 * @unsorted: threads in @ready have given way to others that come behind them
 * @crowded_ns: since when somebody waits in @ready, or the last one was handed on from there
 * @slice_end_ns: when the current user thread has to let others run
 *
 * @current: the thread that runs, NULL for the idle loop; changed under @lock by the own CPU
 * @resched: somebody else should run: atomic, set by any CPU
 * @nusers: user threads that belong to this CPU; atomic
 * @nrunnable: of these, runnable, with those that are on their way here; atomic
 * @worker: runs the work queue; set at start
 *
 * Own CPU, interrupts off:
 * @idle_ksp: stack pointer of the idle loop
 * @loaded: address space whose tables are loaded; it outlasts its threads' turns
 * @owner: user thread whose registers the processor still has, unless it ran elsewhere since
 * @dead: has just ended; its stack was in use until the switch
 * @moving: leaves for another CPU; its stack was in use until the switch
 * @timer_armed: the timer interrupt may come
 */
struct runq {
	struct spinlock lock;
	struct list_node ready;
	struct list_node sleepers;
	struct list_node ended;
	s64 min_vruntime;
	u64 charged_ns;
	bool unsorted;
	u64 crowded_ns;
	u64 slice_end_ns;

	struct thread *current;
	u32 resched;
	u32 nusers;
	u32 nrunnable;
	struct thread *worker;

	u64 idle_ksp;
	struct vm *loaded;
	struct thread *owner;
	struct thread *dead;
	struct thread *moving;
	bool timer_armed;
};

#endif
