/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes.
 *
 * A process is made by PREPARE_PROCESS and is forgotten by CLEANUP_PROCESS, which comes when its
 * proxy is gone: until then Linux may use its memory and slots, so nothing of it is
 * freed. A process that ends has Linux end the proxy, and its threads wait for
 * the CLEANUP. A table finds processes by pid; whoever finds one
 * holds the table's lock, and so keeps it there.
 *
 * How a process begins: PREPARED -> RUNNING by SCHEDULE_PROCESS; GONE by CLEANUP_PROCESS, from
 * either. fork() makes it without ids, known to its parent only; ADOPT_PROCESS makes that PREPARED.
 */
#ifndef LWK_PROC_PROCESS_H
#define LWK_PROC_PROCESS_H

#include "abi/offload.h"
#include "lwk/include/proc/clone.h"
#include "lwk/include/proc/cputime.h"
#include "lwk/include/proc/mutex.h"
#include "lwk/include/proc/program.h"
#include "lwk/include/proc/signal.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/sched/work.h"

struct ikc_channel;
struct syscall_stats;
struct vm;
struct vm_limits;

#define PROCESS_NRLIMITS PROGRAM_MAX_RLIMITS

/** enum process_state - how far a process is */
enum process_state {
	PROCESS_PREPARED,
	PROCESS_RUNNING,
	PROCESS_GONE,
};

/**
 * struct process_start - what is needed until a program runs
 * @desc: sound
 * @plan: where it goes
 */
struct process_start {
	struct program_load_desc desc;
	struct program_plan plan;
};

/**
 * struct process_space - what processes with one address space have in common
 * @users:	how many; atomic
 * @memory:	held over changes of the address space that have a half on Linux
 * @limits:	taken inside it, and alone by processes with another address space, who must not
 *		wait for Linux
 * @futexes:	buckets of those that are private; NULL while one task has the space alone
 * @standing:	a number that no space had before, and another one whenever what Linux says of a
 *		process in it may be another; atomic
 */
struct process_space {
	u32 users;
	struct mutex memory;
	struct mutex limits;
	struct futex_bucket *futexes;
	u64 standing;
};

/**
 * struct process_handlers - dispositions of signals, which processes may have in common
 * @users:	how many; atomic
 * @lock:	protects the following; taken inside a process's
 * @actions:	[0] is signal 1
 */
struct process_handlers {
	u32 users;
	struct spinlock lock;
	struct signal_action actions[SIGNAL_COUNT];
};

/**
 * struct process - one program
 * @pid:	in all messages
 * @vpid:	what getpid() says
 * @vppid:	what getppid() said at the start
 * @pid_ns:	number of its pid namespace
 * @vm:		address space
 * @space:	goes with that
 * @handlers:	of signals
 * @uid:	real, effective, saved, file-system user id at the start
 * @gid:	likewise
 * @stats:	counters of system calls, by number; atomic
 * @start_ns:	when it was prepared
 * @auxv:	its auxiliary vector; complete when it runs
 * @rseq_len:	how much of struct rseq Linux knows, 0: it does not say
 * @clocks:	what is in Linux's time pages
 * @clocks_at:	where the first set of clocks is
 * @tells_calls: OFFLOAD_NR_MADE after each call; set before it runs
 * @token:	what Linux calls it by until it has ids, if fork() made it
 *
 * Set at creation: the fields above.
 *
 * @refs:	one until CLEANUP, and each task's; atomic
 *
 * The table's lock:
 * @link:	in the table; before it has ids, in the list of its parent, under the parent's lock
 *
 * @lock protects:
 * @state:	enum process_state; also read without, as a hint that may be old
 * @tasks:	its tasks, by @link
 * @ntasks:	how many
 * @nlive:	those of them that have not begun to end; also read without
 * @embryos:	processes that it forked and that have no ids yet
 * @exiting:	exit_group or a fatal signal is on its way; also read without
 * @ended:	what threads that have ended, and programs before an execve(2), have used
 * @timers:	of CPU time
 * @relays_all:	Linux passes on all signals, since it is traced; changed with @telling held, too
 *
 * @space->limits protects, and @vm's owner and limits:
 * @rlimits:	by RLIMIT_*
 * @limits_untold: those that others have changed, bit n for RLIMIT_* n: its proxy is to keep them
 *		for the next program
 * @may_lock:	RLIMIT_MEMLOCK does not count
 *
 * @space->memory protects:
 * @comm:	name
 *
 * @telling:	held while Linux is told what is done with signals
 *
 * @nexecuting:	threads of it that are in execve(2); atomic
 * @stop_sig:	signal of a group stop while it is traced, or 0; atomic
 * @membarrier:	membarrier(2): what it registered for; atomic
 * @time_offset: of its time namespace, with OFFLOAD_TIME_BIAS, or 0: not known yet; atomic
 *
 * @executed:	it ended by executing another program; set by CLEANUP
 * @status:	how it ended, as wait(2) has it; likewise
 * @next_started: of the program that follows: see struct program_load_desc; likewise
 * @next_exec_id: likewise
 *
 * @cpus:	what its proxy believes that it may run on, for the next program; the thread that
 *		executes one
 *
 * @start:	until it runs, then NULL; its first thread's
 * @start_stack: stack pointer of the program's first instruction; set before it runs
 *
 * After CLEANUP, the one who ends it:
 * @cleanup_chan: who waits for the end
 * @cleanup_cookie: of that message
 * @cleanup_work: answers it
 */
struct process {
	u32 pid;
	u32 vpid;
	u32 vppid;
	u64 pid_ns;
	struct vm *vm;
	struct process_space *space;
	struct process_handlers *handlers;
	u32 uid[4];
	u32 gid[4];
	struct syscall_stats *stats;
	u64 start_ns;
	struct program_auxv auxv;
	u32 rseq_len;
	bool tells_calls;
	struct program_clocks clocks;
	vaddr_t clocks_at;
	u64 token;

	u32 refs;
	struct list_node link;

	struct spinlock lock;
	u32 state;
	struct list_node tasks;
	u32 ntasks;
	u32 nlive;
	struct list_node embryos;
	bool exiting;
	struct cpu_usage ended;
	struct cpu_timers timers;
	bool relays_all;

	struct program_rlimit rlimits[PROCESS_NRLIMITS];
	u32 limits_untold;
	bool may_lock;

	char comm[PROGRAM_COMM_LEN];

	struct mutex telling;

	u32 nexecuting;
	u32 stop_sig;
	u32 membarrier;
	s64 time_offset;

	bool executed;
	s32 status;
	u64 next_started;
	u64 next_exec_id;

	struct cpumask cpus;

	struct process_start *start;
	vaddr_t start_stack;

	struct ikc_channel *cleanup_chan;
	u64 cleanup_cookie;
	struct work cleanup_work;
};

/**
 * process_init() - make the tables ready.
 *
 * Context: first CPU, once.
 */
void process_init(void);

/**
 * process_create() - make a process and its first thread.
 * @desc: sound; copied
 * @layout: result, for the host
 *
 * Context: a worker thread.
 * Return: 0; -EEXIST if there is such a pid; -ENOMEM and what program_plan() says. Nothing is
 * left on failure.
 */
int process_create(const struct program_load_desc *desc,
		   struct program_layout *layout) __must_check;

/**
 * process_schedule() - let a prepared process run.
 * @pid: process
 *
 * Context: a worker thread.
 * Return: 0; -ESRCH; -EBUSY if it runs already.
 */
int process_schedule(u32 pid) __must_check;

/**
 * process_cleanup() - end a process; answer when nothing is left of it.
 * @msg: unchecked; how it ended, and process
 * @chan: held for the answer, which is released then
 * @cookie: of the request
 *
 * Context: a worker thread.
 * Return: 0: it will be answered; -ESRCH: there is nothing to wait for; -EALREADY.
 */
int process_cleanup(const struct msg_process *msg, struct ikc_channel *chan,
		    u64 cookie) __must_check;

/**
 * process_put() - drop a reference; the last one frees.
 * @process: a process
 *
 * Context: a thread, interrupts enabled, no lock held.
 */
void process_put(struct process *process);

/**
 * process_find() - find a process and keep it.
 * @pid: process
 *
 * Context: any but NMI.
 * Return: it, with a reference for process_put(); NULL if there is none.
 */
struct process *process_find(u32 pid);

/** process_count_made() - processes that there ever were; execve(2) makes one. Context: any. */
u64 process_count_made(void);

/** process_fn - called for a process, with the table locked. */
typedef void (*process_fn)(struct process *process, void *ctx);

/**
 * process_with() - do something with a process, if there is such a one.
 * @pid: process
 * @fn: called with it, the table's lock held
 * @ctx: passed to it
 *
 * Context: any but NMI.
 */
void process_with(u32 pid, process_fn fn, void *ctx);

/**
 * process_for_each() - look at all processes.
 * @fn: called with each, the table's lock held
 * @ctx: passed to it
 *
 * Context: any but NMI.
 */
void process_for_each(process_fn fn, void *ctx);

/**
 * process_limits() - what the address space has to know of the limits.
 * @process: its limits lock held, or not known to others yet
 * @limits: result
 *
 * Context: any.
 */
void process_limits(const struct process *process, struct vm_limits *limits);

/**
 * process_is_gone() - has its proxy gone, so that its threads have to end?
 * @process: a process
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool process_is_gone(const struct process *process)
{
	/* Acquire: partner of the release in process_cleanup(). */
	return __atomic_load_n(&process->state, __ATOMIC_ACQUIRE) == PROCESS_GONE;
}

/**
 * process_is_sharing() - have other processes its address space, too?
 * @process: a process
 *
 * Context: any.
 * Return: true if so; they may end at any moment.
 */
static inline bool process_is_sharing(const struct process *process)
{
	return READ_ONCE(process->space->users) > 1;
}

/**
 * process_is_ending() - have its threads to end, since it is gone or on its way?
 * @process: a process
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool process_is_ending(const struct process *process)
{
	return process_is_gone(process) || READ_ONCE(process->exiting);
}

/**
 * process_begin() - complete a program that is about to run its first instruction.
 * @regs: of the calling task
 *
 * Applies the final protections, builds arguments and auxiliary vector.
 *
 * Context: the process's first task, interrupts enabled, no lock held. Does not return if the
 * program cannot be started.
 */
void process_begin(struct arch_regs *regs);

/**
 * process_adopt() - ADOPT_PROCESS: a process that fork() made has its proxy.
 * @msg: unchecked
 * @answer: result
 *
 * Context: a worker thread.
 * Return: 0: it is prepared; -ESRCH; -EEXIST: there is such a pid, and the child is no more.
 */
int process_adopt(const struct msg_adopt *msg, struct msg_adopt_answer *answer) __must_check;

/**
 * process_exec() - have the proxy execute a program, with what it has of the calling thread.
 * @nr: of the system call
 * @args: its arguments, unchecked
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: -errno; not at all if the program begins.
 */
s64 process_exec(u64 nr, const u64 args[6]);

/**
 * process_die() - have the proxy die of a signal; ends the calling task.
 * @sig: the signal
 *
 * Context: the task, interrupts enabled, no lock held.
 */
__noreturn void process_die(u32 sig);

/**
 * process_exit_group() - have the proxy exit; ends the calling task.
 * @code: as exit_group(2) takes it
 *
 * Context: the task, interrupts enabled, no lock held.
 */
__noreturn void process_exit_group(u64 code);

#endif
