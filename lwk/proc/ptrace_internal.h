/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace(2), between the files of lwk/proc/.
 */
#ifndef LWK_PROC_PTRACE_INTERNAL_H
#define LWK_PROC_PTRACE_INTERNAL_H

#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"

/** traces - all struct trace; the lock of ptrace.c. */
extern struct list_node traces;

/** trace_locked() - is the lock held? Context: any. */
bool trace_locked(void);

/** trace_free() - free a trace. @trace: in no list, of no task. Context: process context. */
void trace_free(struct trace *trace);

/**
 * struct trace_party - a thread of which Linux has said something
 * @tid:	its id
 * @process:	its process, with a reference
 * @capable:	who asked has CAP_SYS_PTRACE
 */
struct trace_party {
	u32 tid;
	struct process *process;
	bool capable;
};

/**
 * trace_ask() - may the calling task do that?
 * @what: OFFLOAD_MAY_*
 * @vtid: to which thread, as the program calls it; 0 for OFFLOAD_MAY_PARENT
 * @party: result; @party->process is for process_put()
 *
 * Context: a task, no lock held.
 * Return: 0; -ESRCH; -EPERM; what else Linux says.
 */
int trace_ask(u32 what, u32 vtid, struct trace_party *party) __must_check;

/**
 * trace_party_with() - use the answer.
 * @party: of trace_ask()
 * @fn: called with the thread, the tables locked
 * @ctx: passed to it
 *
 * Context: any but NMI.
 * Return: what @fn returned; -ESRCH: it is not there any more.
 */
int trace_party_with(const struct trace_party *party, task_fn fn, void *ctx);

/**
 * struct trace_report - whom to tell, once the lock is released, that a tracee has something
 * @pid:	the tracer's process, 0: nobody
 * @tid:	its thread
 * @child:	SIGCHLD
 */
struct trace_report {
	u32 pid;
	u32 tid;
	struct msg_child child;
};

/**
 * trace_report_prepare() - a tracee has something to report.
 * @trace: its
 * @report: result
 *
 * Context: the lock held.
 */
void trace_report_prepare(const struct trace *trace, struct trace_report *report);

/**
 * trace_report_send() - tell the tracer: SIGCHLD, and its threads in wait(2).
 * @report: prepared
 *
 * Context: process context, no lock held.
 */
void trace_report_send(const struct trace_report *report);

/**
 * trace_interrupt_task() - a task is to look at itself: wake it, wherever it sleeps.
 * @task: any
 * @msg: result: for offload_interrupt()
 *
 * Context: the lock held.
 */
void trace_interrupt_task(struct task *task, struct msg_interrupt *msg);

#endif
