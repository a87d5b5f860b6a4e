/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of the LWK: user threads and the kernel's own workers.
 *
 * The kernel is not preemptive: a thread in kernel mode runs until it waits, yields or returns to
 * user mode, and it stays on its CPU meanwhile. Each CPU has a queue of runnable threads; the idle
 * loop runs when it is empty. There is a time slice only while a CPU has more than one user thread
 * to run.
 *
 * A user thread goes to another CPU of its allowed set when it becomes runnable and its CPU has
 * others to run, when another CPU becomes idle, or when it may not stay. Kernel threads never do.
 *
 * Waiting, without lost wake-ups:
 *
 *   for (;;) {
 *           thread_prepare_wait();
 *           if (condition)
 *                   break;
 *           thread_wait(deadline_ns);
 *   }
 *   thread_finish_wait();
 *
 * Whoever makes the condition true calls thread_wake() afterwards. Wakes may come for nothing.
 */
#ifndef LWK_SCHED_THREAD_H
#define LWK_SCHED_THREAD_H

#include <arch_thread.h>

#include "lwk/include/compiler.h"
#include "lwk/include/core/cpumask.h"
#include "lwk/include/sched/policy.h"
#include "lwk/lib/list.h"

struct vm;

/** THREAD_NO_DEADLINE - for thread_wait(): until woken. */
#define THREAD_NO_DEADLINE (~0ULL)

/**
 * enum thread_state - what a thread does
 * @THREAD_NEW:		made, not started
 * @THREAD_RUNNABLE:	runs, or is in its CPU's queue
 * @THREAD_WAITING:	waits for thread_wake() or its deadline
 * @THREAD_DEAD:	has ended; its stack is left
 */
enum thread_state {
	THREAD_NEW,
	THREAD_RUNNABLE,
	THREAD_WAITING,
	THREAD_DEAD,
};

/**
 * struct thread - what the scheduler knows of a thread; its owner embeds it
 * @arch:	registers, kernel stack
 * @name:	for logs
 * @user:	it runs a program
 * @vm:		address space, or NULL for a kernel thread; the thread's owner holds the reference.
 *		Changed by the thread itself, by thread_set_vm()
 * @ended:	called once the thread has ended and nothing uses its stack any more, on the
 *		CPU's worker thread; frees it (thread_destroy()). NULL: it never ends
 *
 * Set at creation: the fields above.
 *
 * @cpu:	LWK CPU number that it belongs to; changed under that one's queue's lock
 * @allowed:	CPUs that a user thread may run on, not empty; the queue's lock
 * @sched:	policy and priority that a user thread competes by; the queue's lock
 * @given:	what thread_set_sched() gave it; the queue's lock
 * @boost:	what it competes by instead if that is better, if @boosted; the queue's lock
 * @boosted:	who waits for it lends it @boost; the queue's lock
 * @vruntime:	time that it has run, over its weight, ns; among those of the same queue, whose lock
 *		protects it; on its way to another, relative
 * @arrival_ns:	when it came to @cpu; the queue's lock
 * @state:	enum thread_state; the queue's lock, but for the thread's own change to WAITING
 * @queued:	in the queue; the queue's lock
 * @run:	in the queue; the queue's lock
 * @deadline_ns: wakes it, while it waits; the queue's lock
 * @timed_out:	it did; the queue's lock
 * @alarm_ns:	time that it has used, in user mode and the kernel, when it has to look before it
 *		returns to user mode; 0: never; the queue's lock
 * @timer:	in the list of those with a deadline; the queue's lock
 * @regs_cpu:	CPU that loaded its user registers last; the CPU that runs it, interrupts off
 * @restarts:	it has restartable sequences: user_resume() looks if it was preempted, or is on
 *		another CPU than @restart_cpu; the thread itself
 * @restart_cpu: LWK CPU number that the program was told last; the thread itself
 * @switched:	it gave up its CPU since user_resume() looked; the CPU that runs it
 * @attention:	user_resume() has to look before it returns to user mode; atomic, any
 *		CPU, by thread_notify()
 *
 * Own thread, and readers who want an estimate:
 * @user_tsc:	time in user mode, TSC ticks
 * @kernel_tsc:	time in the kernel on its behalf, TSC ticks
 * @stamp_tsc:	when the present of these began
 * @waited_tsc:	what it had used, all in all, when it waited last or became a real-time thread
 * @switches:	times that it gave up the CPU to wait
 * @preempted:	times that it had to give up the CPU
 */
struct thread {
	struct arch_thread arch;
	const char *name;
	bool user;
	struct vm *vm;
	void (*ended)(struct thread *thread);

	u32 cpu;
	struct cpumask allowed;
	struct thread_sched sched;
	struct thread_sched given;
	struct thread_sched boost;
	bool boosted;
	s64 vruntime;
	u64 arrival_ns;
	u32 state;
	bool queued;
	struct list_node run;
	u64 deadline_ns;
	bool timed_out;
	u64 alarm_ns;
	struct list_node timer;
	u32 regs_cpu;
	bool restarts;
	u32 restart_cpu;
	bool switched;
	u32 attention;

	u64 user_tsc;
	u64 kernel_tsc;
	u64 stamp_tsc;
	u64 waited_tsc;
	u64 switches;
	u64 preempted;
};

/**
 * thread_init_kernel() - ready a thread that runs a function of the kernel.
 * @thread: zeroed; @name and @ended are set
 * @cpu: LWK CPU number
 * @fn: runs with interrupts on; may return
 * @arg: its argument
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int thread_init_kernel(struct thread *thread, u32 cpu, void (*fn)(void *arg),
		       void *arg) __must_check;

/**
 * thread_init_user() - ready a thread that starts in user mode.
 * @thread: zeroed; @name, @vm and @ended are set
 * @cpu: LWK CPU number
 *
 * Its user registers are zero, flags and segments those of user mode; set the rest in
 * arch_user_regs() before thread_start(). It may run where the calling thread may, if that is a
 * user thread, else on all CPUs.
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int thread_init_user(struct thread *thread, u32 cpu) __must_check;

/**
 * thread_destroy() - free what thread_init_*() allocated; not @thread itself.
 * @thread: in THREAD_NEW, or from its @ended callback
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void thread_destroy(struct thread *thread);

/**
 * thread_start() - let a new thread run.
 * @thread: in THREAD_NEW
 *
 * Context: any but NMI.
 */
void thread_start(struct thread *thread);

/**
 * thread_current() - the calling thread.
 *
 * Context: any.
 * Return: it; NULL in the idle loop and at boot.
 */
struct thread *thread_current(void);

/**
 * thread_exit() - end the calling thread.
 *
 * Context: interrupts enabled, no lock held.
 */
__noreturn void thread_exit(void);

/** thread_prepare_wait() - about to look whether to wait. Context: a thread. */
void thread_prepare_wait(void);

/** thread_finish_wait() - go on without (further) waiting. Context: a thread. */
void thread_finish_wait(void);

/**
 * thread_wait() - give the CPU away until woken.
 * @deadline_ns: time_ns() at which to go on all the same, or THREAD_NO_DEADLINE
 *
 * Context: after thread_prepare_wait(); interrupts enabled, no spinlock held.
 * Return: false if the deadline has passed.
 */
bool thread_wait(u64 deadline_ns);

/**
 * thread_wake() - end a thread's wait.
 * @thread: any that has been started; one that does not wait is left alone
 *
 * Orders: what the caller stored before is seen by the thread's next look at its condition.
 *
 * Context: any but NMI, also interrupt.
 */
void thread_wake(struct thread *thread);

/**
 * thread_notify() - make a thread look before it returns to user mode next.
 * @thread: user thread
 *
 * Sets @attention, and interrupts the thread's CPU if it is in user mode there. Does not end a
 * wait: thread_wake() does.
 *
 * Context: any but NMI.
 */
void thread_notify(struct thread *thread);

/**
 * thread_yield() - let the other runnable threads of this CPU run first.
 *
 * Context: a thread, interrupts enabled, no spinlock held.
 */
void thread_yield(void);

/**
 * thread_cond_resched() - let another thread run, if it is its turn. For long loops.
 *
 * As at a return to user mode: by priority, or when the slice is over. Tells the watchdog that the
 * CPU makes progress. Does no more for threads of the kernel.
 *
 * Context: any without spinlock, interrupts enabled; not between thread_prepare_wait() and
 * thread_wait().
 */
void thread_cond_resched(void);

/**
 * thread_yield_to_peers() - let those run first that have the same policy and priority.
 *
 * Context: a thread, interrupts enabled, no spinlock held.
 */
void thread_yield_to_peers(void);

/**
 * thread_yield_to_cpu() - go on on another CPU.
 * @cpu: LWK CPU number; if the calling user thread may not run there, it is thread_yield()
 *
 * Context: a user thread, interrupts enabled, no spinlock held.
 */
void thread_yield_to_cpu(u32 cpu);

/**
 * thread_set_sched() - give a user thread another policy.
 * @thread: not dead
 * @sched: sound
 *
 * Context: any but NMI.
 */
void thread_set_sched(struct thread *thread, const struct thread_sched *sched);

/**
 * thread_boost() - have a user thread compete by another's policy if that is better than its own.
 * @thread: not dead
 * @boost: the other's, or NULL: by its own
 * @sched: result: what it competes by now
 *
 * Context: any but NMI.
 * Return: whether that is something else than before.
 */
bool thread_boost(struct thread *thread, const struct thread_sched *boost,
		  struct thread_sched *sched);

/**
 * thread_get_boosted_sched() - what a user thread competes by.
 * @thread: any user thread
 * @out: result
 *
 * Context: any but NMI.
 */
void thread_get_boosted_sched(struct thread *thread, struct thread_sched *out);

/**
 * thread_get_sched() - a user thread's own policy.
 * @thread: any user thread
 * @out: result
 *
 * Context: any but NMI.
 */
void thread_get_sched(struct thread *thread, struct thread_sched *out);

/**
 * thread_should_yield() - does anybody else want this CPU?
 *
 * For loops that poll: end them if so. Context: any.
 * Return: true if so.
 */
bool thread_should_yield(void);

/**
 * thread_set_vm() - give the calling thread another address space.
 * @vm: the new one, or NULL; the caller keeps the references right
 *
 * Context: a thread, interrupts enabled, no lock held. On return no CPU uses the old one for this
 * thread any more.
 */
void thread_set_vm(struct vm *vm);

/**
 * thread_times() - how long a thread has run.
 * @thread: any
 * @user_ns: result: in user mode
 * @kernel_ns: result: in the kernel
 *
 * Context: any; exact for the calling thread.
 */
void thread_times(const struct thread *thread, u64 *user_ns, u64 *kernel_ns);

/**
 * thread_ran_ns() - what the calling thread has used of its CPU since it waited last.
 * @thread: the calling one
 *
 * Context: any but NMI.
 * Return: nanoseconds in user mode and the kernel; of a thread that has become a real-time one
 * since, from then on.
 */
u64 thread_ran_ns(const struct thread *thread);

/**
 * thread_set_alarm() - make the calling thread look when it has used more time.
 * @run_ns: how much more, in user mode and the kernel, or THREAD_NO_DEADLINE: never
 *
 * Sets its @attention then, once. It takes the place of an alarm set before.
 *
 * Context: a user thread, no spinlock of the scheduler held.
 */
void thread_set_alarm(u64 run_ns);

/**
 * thread_all_cpus() - the set of all CPUs of the LWK.
 * @out: result
 *
 * Context: any.
 */
void thread_all_cpus(struct cpumask *out);

/**
 * thread_set_allowed() - say where a user thread may run.
 * @thread: not dead
 * @cpus: not empty, CPUs of the LWK only
 *
 * If it may not stay where it is, it leaves: at once if it is in user mode or does not run, else
 * before it returns to user mode.
 *
 * Context: any but NMI.
 */
void thread_set_allowed(struct thread *thread, const struct cpumask *cpus);

/**
 * thread_get_allowed() - where a user thread may run.
 * @thread: any user thread
 * @out: result
 *
 * Context: any but NMI.
 */
void thread_get_allowed(struct thread *thread, struct cpumask *out);

/**
 * thread_pick_cpu_among() - the CPU with the fewest user threads, of the caller's node if possible.
 * @allowed: among these; not empty
 *
 * Context: any.
 * Return: LWK CPU number.
 */
u32 thread_pick_cpu_among(const struct cpumask *allowed);

/**
 * thread_pick_cpu() - the same among those that the calling user thread may run on, or all.
 *
 * Context: any.
 * Return: LWK CPU number.
 */
u32 thread_pick_cpu(void);

#endif
