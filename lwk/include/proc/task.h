/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks: the threads of a program. Each has a twin on Linux, and a slot for what it asks that.
 *
 * Tables find tasks by tid; whoever finds one holds the table's lock, and so keeps it there.
 */
#ifndef LWK_PROC_TASK_H
#define LWK_PROC_TASK_H

#include "abi/offload.h"
#include "lwk/include/assert.h"
#include "lwk/include/proc/pi.h"
#include "lwk/include/proc/rseq.h"
#include "lwk/include/proc/signal.h"
#include "lwk/include/sched/thread.h"

struct process;
struct reach_permit;
struct trace;
struct vm_policy;

/**
 * enum task_restart - what an interrupted system call does once signals were looked at
 * @RESTART_NONE:	nothing: it has its result
 * @RESTART_UNLESS_HANDLER: starts again, or is EINTR if a handler ran
 * @RESTART_BY_ACTION:	likewise, but SA_RESTART makes it start again after a handler, too
 * @RESTART_ALWAYS:	starts again: it has not begun
 * @RESTART_BLOCK:	restart_syscall(2) goes on with it, or is EINTR if a handler ran
 */
enum task_restart {
	RESTART_NONE,
	RESTART_UNLESS_HANDLER,
	RESTART_BY_ACTION,
	RESTART_ALWAYS,
	RESTART_BLOCK,
};

/**
 * struct task - one thread of a program
 * @thread:	for the scheduler
 * @process:	its process; holds a reference
 * @tid:	its twin's thread id in the initial namespace
 * @vtid:	what gettid() says
 * @slot_page:	memory of @slot
 * @slot:	shared with its twin; nothing in it is believed
 *
 * Set at creation: the fields above.
 *
 * @link:	in the process's list; its lock
 * @hash:	in the table of tasks; the table's lock
 *
 * The process's lock:
 * @pending:	signals
 * @stopped:	its twin is stopped
 * @leaving:	it has begun to end, and does not count any more
 * @relayed:	signals that SEND_SIGNAL brought
 * @returned:	those that the twin blocks without having been told: Linux has them again, or may
 *		have more for others
 * @awaits:	signals that it has sigtimedwait(2) on Linux take
 * @group_stop:	it stops with the others of its process, which is traced
 * @awaited:	the thread whose end it waits for (CLONE_VFORK), or NULL; it also reads that
 *		without the lock
 * @awaiter:	the one that waits for its end so, or NULL
 *
 * The lock of ptrace.c; read without it as a hint:
 * @trace:	who traces it, or NULL
 * @trap:	it is to come to trace_trap()
 * @trace_kill:	it is to die, its tracer has ended
 * @poked:	it waits for tracees, and has to look again
 * @interrupts:	INTERRUPTs of its twin, and signals of other threads; atomic
 *
 * The lock of pi.c:
 * @pi:		PI futexes that it owns, or waits for
 *
 * @revoking:	it waits for REVOKE_DONE; set by its own thread, cleared by the message
 *
 * Own thread; @blocked is read by others, as a hint:
 * @blocked:	signals that it blocks, bit n - 1 for signal n
 * @saved_blocked: what to block again after a call that blocks others meanwhile
 * @restore_blocked: @saved_blocked is to be used
 * @twin_blocked: what the twin was told last
 * @put_off:	how often in a row the twin has not begun a call, for a signal
 * @put_off_mask: what was blocked in all of these calls
 * @altstack:	for signal handlers
 * @restart:	what to do with the system call that is ending
 * @relayed_seen: @relayed when it looked at @pending last
 * @interrupts_seen: @interrupts when it looked at @trap and @poked last
 * @executing:	it is in execve(2)
 * @left:	it has ended by itself, with @status
 * @status:	as wait(2) has it
 * @forced:	signal that it takes next, whatever it blocks; @forced.signo 0: none
 * @trap_vector: the processor's number of its last exception
 * @trap_error:	the error code of that
 * @trap_addr:	where its last page fault was
 * @clear_tid:	set_tid_address(2)
 * @robust_list: set_robust_list(2)
 * @rseq:	rseq(2)
 * @fresh:	clone(2) made it, and it has not run yet
 * @set_tid:	where it writes its id before it runs, or 0
 * @minflt:	page faults; read by others, as a hint
 * @told_tsc:	time that it had used when Linux was told last, TSC ticks
 * @small_calls: calls whose small arguments were looked at
 * @mempolicy:	set_mempolicy(2), or NULL
 * @permits:	whose memory it may reach, or NULL
 * @ids_changed: its user ids or namespaces may not be those that its process began with
 * @clear_actions: before it runs, it forgets the handlers of its process (CLONE_CLEAR_SIGHAND)
 */
struct task {
	struct thread thread;
	struct process *process;
	u32 tid;
	u32 vtid;
	struct page *slot_page;
	struct offload_slot *slot;

	struct list_node link;
	struct list_node hash;

	struct signal_pending pending;
	bool stopped;
	bool leaving;
	u64 relayed;
	u64 returned;
	u64 awaits;
	bool group_stop;
	struct task *awaited;
	struct task *awaiter;

	struct trace *trace;
	bool trap;
	bool trace_kill;
	bool poked;
	u64 interrupts;

	struct pi_task pi;

	bool revoking;

	u64 blocked;
	u64 saved_blocked;
	bool restore_blocked;
	u64 twin_blocked;
	u32 put_off;
	u64 put_off_mask;
	struct signal_altstack altstack;
	enum task_restart restart;
	u64 relayed_seen;
	u64 interrupts_seen;
	bool executing;
	bool left;
	u32 status;
	struct signal_info forced;
	u32 trap_vector;
	u64 trap_error;
	vaddr_t trap_addr;
	vaddr_t clear_tid;
	vaddr_t robust_list;
	struct task_rseq rseq;
	bool fresh;
	vaddr_t set_tid;
	u64 minflt;
	u64 told_tsc;
	u32 small_calls;
	struct vm_policy *mempolicy;
	struct reach_permit *permits;
	bool ids_changed;
	bool clear_actions;
};

/**
 * task_ended() - struct thread.ended of tasks.
 * @thread: a task's
 *
 * Context: a worker thread.
 */
void task_ended(struct thread *thread);

/**
 * task_if_any() - the calling task, of who may be none.
 *
 * Context: any.
 * Return: it; NULL if the caller is no thread of a program.
 */
static inline struct task *task_if_any(void)
{
	struct thread *thread = thread_current();

	return thread && thread->ended == task_ended ? container_of(thread, struct task, thread) :
						       NULL;
}

/**
 * task_current() - the calling task.
 *
 * Context: a task.
 * Return: it.
 */
static inline struct task *task_current(void)
{
	struct thread *thread = thread_current();

	DEBUG_ASSERT(thread && thread->ended == task_ended);
	return container_of(thread, struct task, thread);
}

/**
 * task_is_sibling() - is it a thread of the calling process?
 * @vtid: as gettid() says, or 0: the calling one
 *
 * Context: a task.
 * Return: true if so.
 */
bool task_is_sibling(u32 vtid);

/** task_fn - called for a task, with the table locked; returns 0 or -errno. */
typedef int (*task_fn)(struct task *task, void *ctx);

/**
 * robust_list_set() - set_robust_list(2).
 * @list: user address, unchecked
 *
 * Context: a task.
 */
void robust_list_set(vaddr_t list);

/**
 * task_exit() - end the calling task, whose process is gone.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
__noreturn void task_exit(void);

/**
 * task_with() - do something with the task that has a tid.
 * @pid: its process
 * @tid: the task
 * @fn: called with it, the table's lock held
 * @ctx: passed to it
 *
 * Context: any but NMI.
 * Return: what @fn returned, or -ESRCH.
 */
int task_with(u32 pid, u32 tid, task_fn fn, void *ctx);

/**
 * task_with_tid() - do something with a thread that this LWK has.
 * @tid: as in the initial namespace; one whose own namespace calls it otherwise is not found
 * @fn: called with the tables locked
 * @ctx: passed to it
 *
 * Context: any but NMI.
 * Return: what @fn returned; -ESRCH.
 */
int task_with_tid(u32 tid, task_fn fn, void *ctx);

/**
 * task_with_sibling() - do something with a thread of the calling process.
 * @vtid: as gettid() says
 * @fn: called with it, the process's lock held; NULL: only look
 * @ctx: passed to it
 *
 * Context: a task.
 * Return: what @fn returned; -ESRCH.
 */
int task_with_sibling(u32 vtid, task_fn fn, void *ctx);

/**
 * task_with_vtid() - do something with a thread that the calling program names.
 * @vtid: as gettid() says, or 0: the calling one
 * @fn: called with it, a lock held that keeps it; NULL: only look
 * @ctx: passed to it
 *
 * Finds threads of the calling process, and of others in the same pid namespace; not those in
 * namespaces below, which Linux shows there, too.
 *
 * Context: a task, interrupts enabled, no lock held.
 * Return: what @fn returned; -ESRCH, or what else Linux says.
 */
int task_with_vtid(u32 vtid, task_fn fn, void *ctx);

/**
 * task_with_vtid_here() - as task_with_vtid(), but what the LWK has, not Linux, says who there is.
 * @vtid: as gettid() says, not 0
 * @fn: called with it, a lock held that keeps it
 * @ctx: passed to it
 *
 * A thread that is killed is gone on Linux before it has given up here what it holds.
 *
 * Context: a task.
 * Return: what @fn returned; -ESRCH.
 */
int task_with_vtid_here(u32 vtid, task_fn fn, void *ctx);

/**
 * task_begin() - what a task that clone(2) made does first.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void task_begin(void);

/**
 * task_leave() - exit(2): end the calling task, and the process if it is the last one.
 * @code: as exit(2) takes it
 *
 * Context: the task, interrupts enabled, no lock held.
 */
__noreturn void task_leave(u64 code);

#endif
