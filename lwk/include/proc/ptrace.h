/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace(2): threads of programs that other programs of this LWK trace.
 *
 * A struct trace is the bond between a thread and its tracer. It outlives the thread where the
 * tracer has to hear of it: until its end has been reported, and while its process executes
 * another program, which is another process to the LWK. A thread in a stop sleeps; its tracer
 * looks at its registers and lets it go on. Nothing of that keeps a process from ending.
 *
 * One lock, outermost but for tests, protects all of this. Other files see only whether a thread is
 * traced at all: task->trace, read without it.
 */
#ifndef LWK_PROC_PTRACE_H
#define LWK_PROC_PTRACE_H

#include "lwk/include/arch_ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/spinlock.h"

struct program_load_desc;

/* Options, as in ptrace(2) */
#define TRACE_O_SYSGOOD 0x1U
#define TRACE_O_FORK 0x2U
#define TRACE_O_VFORK 0x4U
#define TRACE_O_CLONE 0x8U
#define TRACE_O_EXEC 0x10U
#define TRACE_O_VFORKDONE 0x20U
#define TRACE_O_EXIT 0x40U
#define TRACE_O_EXITKILL 0x100000U
#define TRACE_O_KNOWN 0x10007fU

/* Events: TRACE_O_* is bit n of event n */
#define TRACE_EVENT_FORK 1U
#define TRACE_EVENT_VFORK 2U
#define TRACE_EVENT_CLONE 3U
#define TRACE_EVENT_EXEC 4U
#define TRACE_EVENT_VFORK_DONE 5U
#define TRACE_EVENT_EXIT 6U
#define TRACE_EVENT_STOP 128U
#define TRACE_EVENT_ANY 0U /* CLONE_PTRACE */

/* waitid(2): types, and options that are looked at here */
#define TRACE_P_ALL 0U
#define TRACE_P_PID 1U
#define TRACE_WNOHANG 0x1U
#define TRACE_WUNTRACED 0x2U
#define TRACE_WEXITED 0x4U
#define TRACE_WCONTINUED 0x8U
#define TRACE_WNOWAIT 0x01000000U
#define TRACE_WNOTHREAD 0x20000000U

/** enum trace_state - what a traced thread does */
enum trace_state {
	TRACE_RUNNING,
	TRACE_STOPPED,
	TRACE_EXECUTING,	/* its process executes another program: there is no task */
	TRACE_DEAD,		/* it has ended, and the tracer is to be told */
};

/** enum trace_kind - why it is stopped */
enum trace_kind {
	TRACE_SIGNAL,
	TRACE_ENTRY,	/* of a system call */
	TRACE_EXIT,
	TRACE_EVENT,
	TRACE_GROUP,
};

/** enum trace_mode - how it went on last */
enum trace_mode {
	TRACE_CONT,
	TRACE_SYSCALL,
	TRACE_STEP,
	TRACE_SYSEMU,
	TRACE_SYSEMU_STEP,
};

/**
 * struct trace - a traced thread
 * @link:	in the list of all; in none: nobody traces it any more, and it frees this itself
 * @task:	the thread, or NULL
 * @tid:	its id; 0: it has none yet
 * @vtid:	as programs call it
 * @pid:	its process
 * @uid:	real user id of that
 * @tracer_tid:	who traces it
 * @tracer_pid:	that one's process
 * @reaped:	its end is Linux's to report: it is the first thread of a child of the tracer's
 * @seized:	by PTRACE_SEIZE
 * @capable:	who made the bond had CAP_SYS_PTRACE: what the process executes keeps its rights
 * @options:	TRACE_O_*
 * @state:	enum trace_state
 * @kind:	enum trace_kind
 * @waitable:	there is something that wait(2) has not reported
 * @inside:	it is in a stop, and has not yet gone on, perhaps since it was told to
 * @listening:	it went into PTRACE_LISTEN
 * @notify:	its group stop ended, which it has not said yet
 * @code:	of the stop, in bits 8 and up of a wait status; of the end, the status
 * @has_info:	@info is of this stop
 * @info:	siginfo
 * @message:	PTRACE_GETEVENTMSG
 * @mode:	enum trace_mode
 * @inject:	signal that it goes on with, or 0
 * @former:	id before execve(2)
 * @started:	of TRACE_EXECUTING: the program that has these in its descriptor, no other one
 * @exec_id:	likewise
 * @arch:	registers while it is stopped
 * @stop:	the SIGSTOP that it begins with, until it is queued
 */
struct trace {
	struct list_node link;
	struct task *task;
	u32 tid;
	u32 vtid;
	u32 pid;
	u32 uid;
	u32 tracer_tid;
	u32 tracer_pid;
	bool reaped;
	bool seized;
	bool capable;
	u32 options;
	u32 state;
	u32 kind;
	bool waitable;
	bool inside;
	bool listening;
	bool notify;
	u32 code;
	bool has_info;
	struct signal_info info;
	u64 message;
	u32 mode;
	u32 inject;
	u32 former;
	u64 started;
	u64 exec_id;
	struct arch_trace arch;
	struct signal_entry *stop;
};

/**
 * struct trace_wait - what wait(2) asks for, and the answer
 * @vpid:	process group, process or thread, by @type
 * @type:	P_*
 * @options:	of the call
 * @vtid:	result: who
 * @uid:	result: its user
 * @status:	result: wait status
 * @dead:	result: it has ended
 */
struct trace_wait {
	u32 vpid;
	u32 type;
	u32 options;
	u32 vtid;
	u32 uid;
	u32 status;
	bool dead;
};

/** trace_lock() / trace_unlock() - the lock of all traces. Context: any but NMI. Return: flags. */
u64 trace_lock(void);
void trace_unlock(u64 irq);

/**
 * trace_of() - the traced thread that a tracer names.
 * @vtid: as programs call it
 *
 * Context: a task, the lock held.
 * Return: it, if the calling thread traces it; or NULL.
 */
struct trace *trace_of(u32 vtid);

/**
 * trace_me() - PTRACE_TRACEME.
 *
 * Context: a task, no lock held.
 * Return: 0 or -errno.
 */
int trace_me(void);

/**
 * trace_attach() - PTRACE_ATTACH, PTRACE_SEIZE.
 * @vtid: whom
 * @seize: without stopping it
 * @options: TRACE_O_*
 *
 * Context: a task, no lock held.
 * Return: 0 or -errno.
 */
int trace_attach(u32 vtid, bool seize, u32 options);

/**
 * trace_resume() - let a stopped thread go on.
 * @trace: TRACE_STOPPED
 * @mode: how
 * @sig: with this signal, or 0
 *
 * Context: the lock held.
 */
void trace_resume(struct trace *trace, enum trace_mode mode, u32 sig);

/**
 * trace_detach() - PTRACE_DETACH.
 * @trace: TRACE_STOPPED; not to be used afterwards
 * @sig: it goes on with this signal, or 0
 *
 * Context: the lock held.
 */
void trace_detach(struct trace *trace, u32 sig);

/**
 * trace_interrupt() - have a thread trap as soon as it can.
 * @vtid: a tracee of the calling thread's
 *
 * Context: a task, no lock held.
 * Return: 0, -ESRCH, -EIO if it was not seized.
 */
int trace_interrupt(u32 vtid);

/**
 * trace_kill() - PTRACE_KILL.
 * @vtid: a tracee of the calling thread's
 *
 * Context: a task, no lock held.
 * Return: 0, -ESRCH.
 */
int trace_kill(u32 vtid);

/**
 * trace_listen() - PTRACE_LISTEN.
 * @vtid: a tracee of the calling thread's
 *
 * Context: a task, no lock held.
 * Return: 0, -ESRCH, -EIO if it is in no group stop that it was seized in.
 */
int trace_listen(u32 vtid);

/**
 * trace_stop_signal() - SIGSTOP for a traced process, which is never the proxy's.
 * @vtid: the thread, or a process
 * @code: si_code
 *
 * Context: a task, no lock held.
 * Return: whether there is such a one; else Linux is to be asked.
 */
bool trace_stop_signal(u32 vtid, s32 code);

/*
 * What happens to the calling task, for its tracer to see. Context of all: the task, interrupts
 * enabled, no lock held.
 */

/** trace_signal() - before a signal is taken. Return: the one to take; 0: none. @info: changed. */
u32 trace_signal(struct signal_info *info);

/** trace_trap() - @trap of the task is set: a stop, for its tracer's sake or with the others. */
void trace_trap(void);

/** trace_group_stop() - stop all threads of the process, because of @sig. */
void trace_group_stop(u32 sig);

/** trace_handler() - a handler begins: who steps sees its first instruction. */
void trace_handler(void);

/** trace_syscall_entry() - before a call. Return: false: it is not to be made. */
bool trace_syscall_entry(void);

/** trace_syscall_exit() - after it. */
void trace_syscall_exit(void);

/** trace_event() - TRACE_EVENT_*, if the tracer wants to know. */
void trace_event(u32 event, u64 message);

/** trace_begin() - the first stop of a program that was executed while traced. */
void trace_begin(void);

/** trace_sync() - have Linux pass on all signals, or only those with handlers. */
void trace_sync(void);

/**
 * trace_exec_begin() - the next program is to find those signals ignored that this one ignores.
 *
 * Return: whether it is not to have rights of its own, as its tracer may not have them.
 */
bool trace_exec_begin(void);

/** trace_exec_failed() - it goes on itself. */
void trace_exec_failed(void);

/** trace_child_made() - who waits for tracees, since there was no child, has to look again. */
void trace_child_made(void);

/**
 * trace_inherit() - whom a new thread's creator has traced, too.
 * @child: new, without ids
 * @event: TRACE_EVENT_*, of which its tracer may want to hear; ANY: it is traced all the same
 *
 * Context: the creator, no lock held.
 */
void trace_inherit(struct task *child, u32 event);

/**
 * trace_publish() - a new thread has its ids.
 * @task: it, not running
 *
 * Context: process context, no lock held.
 */
void trace_publish(struct task *task);

/**
 * trace_executed() - a new process may be a traced one that executed a program.
 * @task: its thread, with ids, not running
 * @desc: the program
 *
 * Context: process context, no lock held.
 */
void trace_executed(struct task *task, const struct program_load_desc *desc);

/**
 * trace_task_ended() - a thread is no more: as tracee, as tracer.
 * @task: in no table
 *
 * Context: process context, no lock held.
 */
void trace_task_ended(struct task *task);

/**
 * trace_continued() - SIGCONT came: a group stop ends.
 * @pid: process
 *
 * Context: any but NMI, no lock held.
 */
void trace_continued(u32 pid);

/*
 * Waiting for tracees.
 */

/** struct trace_waiter - a thread in wait(2) */
struct trace_waiter {
	struct list_node link;
	struct task *task;
};

/** trace_wait_begin() - the calling thread is about to wait. @waiter: until trace_wait_end(). */
void trace_wait_begin(struct trace_waiter *waiter);

/** trace_wait_end() - it does not wait any more. */
void trace_wait_end(struct trace_waiter *waiter);

/**
 * trace_wait_look() - is there something to report?
 * @wait: what for; result
 * @any: result: there is a tracee that may have something to report some time
 *
 * Afterwards a report interrupts the calling thread's next offload.
 *
 * Context: a waiter.
 * Return: whether there is, and has been reported now.
 */
bool trace_wait_look(struct trace_wait *wait, bool *any);

/**
 * trace_reaped() - Linux has reported the end of a child.
 * @vpid: of it
 *
 * Context: a task, no lock held.
 */
void trace_reaped(u32 vpid);

#endif
