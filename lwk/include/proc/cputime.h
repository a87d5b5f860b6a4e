/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU time of processes and threads: clocks, timers and the limit that go by it.
 *
 * The proxy uses next to none, so Linux cannot serve these. Timers are looked at when a task
 * returns to user mode with its attention set; each task has an alarm (thread_set_alarm()) for
 * the moment when the first of them may be due.
 */
#ifndef LWK_PROC_CPUTIME_H
#define LWK_PROC_CPUTIME_H

#include "abi/process.h"
#include "lwk/include/compiler.h"
#include "lwk/lib/list.h"

struct process;
struct task;

/**
 * struct cpu_usage - what tasks have used
 * @user_ns:	time in user mode
 * @kernel_ns:	time in the kernel
 * @minflt:	page faults
 * @switches:	times that they gave up the CPU to wait
 * @preempted:	times that they had to give up the CPU
 */
struct cpu_usage {
	u64 user_ns;
	u64 kernel_ns;
	u64 minflt;
	u64 switches;
	u64 preempted;
};

/**
 * struct cpu_clock - a clock of the calling process
 * @vtid:	thread, 0: the process
 * @user_only:	counts user mode only
 */
struct cpu_clock {
	u32 vtid;
	bool user_only;
};

/**
 * struct cpu_alarm - when something is due
 * @expires_ns:	value of its clock, 0: never
 * @interval_ns: from then on, 0: once
 */
struct cpu_alarm {
	u64 expires_ns;
	u64 interval_ns;
};

/**
 * struct cpu_timer - a timer of timer_create(2), or a task that sleeps
 *
 * Its signal waits from when it is sent until the program takes it; what is due meanwhile is
 * counted.
 *
 * @link:	in struct cpu_timers
 * @id:		of timer_create(2), which Linux has given; 0 for sleepers
 * @clock:	what it goes by
 * @alarm:	when
 * @overrun:	expirations since the one that was signalled last
 * @overrun_before: what that was when it was signalled
 * @signo:	signal, 0: none
 * @vtid:	thread that gets it, 0: the process
 * @value:	for the signal
 * @sleeper:	task to be woken, or NULL
 */
struct cpu_timer {
	struct list_node link;
	s32 id;
	struct cpu_clock clock;
	struct cpu_alarm alarm;
	u32 overrun;
	u32 overrun_before;
	u32 signo;
	u32 vtid;
	u64 value;
	struct task *sleeper;
};

#define CPU_ITIMER_VIRTUAL 0
#define CPU_ITIMER_PROF 1

/** enum cpu_limit_kind - limits of time that is used */
enum cpu_limit_kind {
	CPU_LIMIT_TOTAL,	/* RLIMIT_CPU, in seconds */
	CPU_LIMIT_RT,		/* RLIMIT_RTTIME, in microseconds */
	CPU_NLIMITS
};

#define CPU_NO_LIMIT (~0ULL)

/**
 * struct cpu_timers - of a process; its lock protects them
 * @limits:	by enum cpu_limit_kind; soft ones grow as Linux's do
 * @itimers:	of setitimer(2), by CPU_ITIMER_*
 * @timers:	of struct cpu_timer
 * @armed:	something is to be looked at; also read without the lock, as a hint
 */
struct cpu_timers {
	struct program_rlimit limits[CPU_NLIMITS];
	struct cpu_alarm itimers[2];
	struct list_node timers;
	bool armed;
};

/**
 * cpu_usage_add_task() - add what a task has used.
 * @usage: sum
 * @task: any, that cannot go meanwhile
 *
 * Context: any; exact for the calling task.
 */
void cpu_usage_add_task(struct cpu_usage *usage, const struct task *task);

/**
 * cpu_usage_of_process() - what a process has used, with threads that have ended.
 * @process: its lock held
 * @usage: result
 *
 * Context: any but NMI.
 */
void cpu_usage_of_process(const struct process *process, struct cpu_usage *usage);

/**
 * cpu_clock_find() - is it a CPU time clock of the calling process?
 * @clockid: as clock_gettime(2) takes it
 * @clock: result
 *
 * Context: the task.
 * Return: true if so.
 */
bool cpu_clock_find(s32 clockid, struct cpu_clock *clock);

/**
 * cpu_clock_ns() - read a clock of the calling process.
 * @clock: which
 *
 * Context: the task.
 * Return: nanoseconds.
 */
u64 cpu_clock_ns(const struct cpu_clock *clock);

/**
 * cpu_timers_init() - no timers.
 * @timers: zeroed
 *
 * Context: any.
 */
void cpu_timers_init(struct cpu_timers *timers);

/**
 * cpu_timers_inherit() - set the limits of a process that does not run yet.
 * @timers: of the process
 * @limits: by enum cpu_limit_kind
 *
 * Context: any.
 */
void cpu_timers_inherit(struct cpu_timers *timers,
			const struct program_rlimit limits[CPU_NLIMITS]);

/**
 * cpu_timers_drain() - forget and free all timers.
 * @timers: nobody else uses them
 *
 * Context: any but NMI, no lock held.
 */
void cpu_timers_drain(struct cpu_timers *timers);

/**
 * cpu_timers_limit() - change and look at a limit of a process.
 * @process: referenced
 * @kind: which one
 * @new: what it becomes, or NULL
 *
 * Context: a task, no lock held.
 * Return: what it was.
 */
struct program_rlimit cpu_timers_limit(struct process *process, enum cpu_limit_kind kind,
				  const struct program_rlimit *new);

/**
 * cpu_timers_set_itimer() - setitimer(2).
 * @which: CPU_ITIMER_*
 * @new: time from now and interval, or NULL
 * @old: result: time left and interval
 *
 * Context: the task, no lock held.
 */
void cpu_timers_set_itimer(u32 which, const struct cpu_alarm *new, struct cpu_alarm *old);

/**
 * cpu_timer_create() - add a timer that is not armed.
 * @model: @clock, @signo, @vtid; @value, or, if @id is not 0, the new id as value
 * @id: result
 *
 * Context: the task, no lock held.
 * Return: 0; -EAGAIN without memory, or beyond RLIMIT_SIGPENDING, which Linux counts.
 */
int cpu_timer_create(const struct cpu_timer *model, s32 *id) __must_check;

/**
 * cpu_timer_exists() - does the calling process have such a timer here?
 * @id: of timer_create(2)
 *
 * Context: the task, no lock held.
 * Return: false: it is Linux's, or nobody's.
 */
bool cpu_timer_exists(s32 id);

/**
 * cpu_timer_set() - change and look at a timer.
 * @id: of timer_create(2)
 * @new: value of its clock and interval, or NULL
 * @relative: @new counts from now
 * @old: result: time left and interval
 *
 * Context: the task, no lock held.
 * Return: 0; -EINVAL: there is no such timer.
 */
int cpu_timer_set(s32 id, const struct cpu_alarm *new, bool relative,
		  struct cpu_alarm *old) __must_check;

/**
 * cpu_timer_overrun() - timer_getoverrun(2).
 * @id: of timer_create(2)
 *
 * Context: the task, no lock held.
 * Return: expirations that had no signal of their own; -EINVAL: there is no such timer.
 */
s64 cpu_timer_overrun(s32 id);

/**
 * cpu_timer_delete() - timer_delete(2).
 * @id: of timer_create(2)
 *
 * Context: the task, no lock held.
 * Return: 0; -EINVAL: there is no such timer.
 */
int cpu_timer_delete(s32 id) __must_check;

/**
 * cpu_clock_sleep() - wait until a clock has a value.
 * @clock: of the process
 * @until_ns: the value
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0; -EINTR: a signal has to be looked at, or the process is gone.
 */
int cpu_clock_sleep(const struct cpu_clock *clock, u64 until_ns) __must_check;

/**
 * cpu_timers_run() - send the signals that are due, and have the calling task come back in time.
 *
 * Context: the task about to return to user mode, interrupts enabled, no lock held.
 */
void cpu_timers_run(void);

#endif
