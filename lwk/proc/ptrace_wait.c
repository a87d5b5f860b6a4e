// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tracer hears of its tracees: by SIGCHLD, and in wait(2).
 */
#include "abi/errno.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/channel.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/ptrace_internal.h"

#define CLD_EXITED 1
#define CLD_TRAPPED 4

/* Threads in wait(2); the lock of ptrace.c. */
static struct list_node waiters = LIST_INIT(waiters);

/*
 * Telling
 */

static void send_child_signal(const struct msg_child *child)
{
	struct ikc_packet packet = { .msg = IKC_MSG_CHILD_SIGNAL };

	memcpy(packet.u.bytes, child, sizeof(*child));
	/* Without channel its process ends, too. */
	(void)!syscall_channel_send(&packet);
}

void trace_interrupt_task(struct task *task, struct msg_interrupt *msg)
{
	ASSERT(trace_locked());
	*msg = (struct msg_interrupt){
		.pid = task->process->pid,
		.tid = task->tid,
		/* What it is to see was stored before; partner is in signal_deliverable(). */
		.seq = __atomic_add_fetch(&task->interrupts, 1, __ATOMIC_SEQ_CST),
	};
	thread_notify(&task->thread);
	thread_wake(&task->thread);
}

static int wants_child_signal(struct task *task, void *ctx)
{
	const struct signal_action action = process_action(task->process, SIGCHLD);

	*(bool *)ctx = action.handler != SIG_IGN && !(action.flags & SA_NOCLDSTOP);
	return 0;
}

void trace_report_prepare(const struct trace *trace, struct trace_report *report)
{
	bool dead = trace->state == TRACE_DEAD;
	bool wanted = false;

	ASSERT(trace_locked());
	*report = (struct trace_report){
		.pid = trace->tracer_pid,
		.tid = trace->tracer_tid,
	};
	(void)task_with(trace->tracer_pid, trace->tracer_tid, wants_child_signal, &wanted);
	/* As Linux, of the end of a thread only who waits hears. */
	if (!wanted || (dead && trace->tid != trace->pid))
		return;
	report->child = (struct msg_child){
		.pid = trace->tracer_pid,
		.tid = trace->tracer_tid,
		.child = trace->vtid,
		.uid = trace->uid,
		.code = dead ? CLD_EXITED : CLD_TRAPPED,
		.status = (s32)(dead ? trace->code >> 8 : trace->code & 0x7f),
	};
}

/* The next thread of a process that waits and has not been told yet. */
static bool interrupt_waiter(u32 pid, struct msg_interrupt *msg)
{
	u64 irq = trace_lock();
	struct trace_waiter *waiter;
	bool found = false;

	list_for_each(waiter, &waiters, link) {
		if (waiter->task->process->pid != pid || waiter->task->poked)
			continue;
		WRITE_ONCE(waiter->task->poked, true);
		trace_interrupt_task(waiter->task, msg);
		found = true;
		break;
	}
	trace_unlock(irq);
	return found;
}

static void interrupt_waiters(u32 pid)
{
	struct msg_interrupt msg;

	while (interrupt_waiter(pid, &msg))
		offload_interrupt(&msg);
}

void trace_report_send(const struct trace_report *report)
{
	if (!report->pid)
		return;
	if (report->child.pid)
		send_child_signal(&report->child);
	interrupt_waiters(report->pid);
}

void trace_child_made(void)
{
	interrupt_waiters(task_current()->process->pid);
}

/*
 * Waiting
 */

void trace_wait_begin(struct trace_waiter *waiter)
{
	u64 irq = trace_lock();

	waiter->task = task_current();
	list_add(&waiter->link, &waiters);
	trace_unlock(irq);
}

void trace_wait_end(struct trace_waiter *waiter)
{
	u64 irq = trace_lock();

	list_del(&waiter->link);
	WRITE_ONCE(waiter->task->poked, false);
	trace_unlock(irq);
}

static bool is_meant(const struct trace *trace, const struct trace_wait *wait)
{
	const struct task *self = task_current();

	if (trace->tracer_pid != self->process->pid)
		return false;
	if ((wait->options & TRACE_WNOTHREAD) && trace->tracer_tid != self->tid)
		return false;
	return wait->type == TRACE_P_ALL ||
	       (wait->type == TRACE_P_PID && trace->vtid == wait->vpid);
}

/* Of a dead process its first thread comes last. */
static bool comes_before(const struct trace *a, const struct trace *b)
{
	return b && b->state == TRACE_DEAD && b->pid == a->pid && b->tid == b->pid;
}

static void fill(const struct trace *trace, struct trace_wait *wait)
{
	wait->vtid = trace->vtid;
	wait->uid = trace->uid;
	wait->dead = trace->state == TRACE_DEAD;
	wait->status = wait->dead ? trace->code : trace->code << 8 | 0x7f;
}

bool trace_wait_look(struct trace_wait *wait, bool *any)
{
	u64 irq = trace_lock();
	struct trace *trace, *found = NULL, *freed = NULL;

	WRITE_ONCE(task_current()->poked, false);
	*any = false;
	list_for_each(trace, &traces, link) {
		if (!is_meant(trace, wait))
			continue;
		/* Of the end of a child Linux knows. */
		if (!trace->reaped)
			*any = true;
		if (trace->state == TRACE_DEAD && !(wait->options & TRACE_WEXITED))
			continue;
		if (trace->waitable && (!found || comes_before(trace, found)))
			found = trace;
	}
	if (found)
		fill(found, wait);
	if (found && !(wait->options & TRACE_WNOWAIT)) {
		found->waitable = false;
		if (found->state == TRACE_DEAD) {
			list_del(&found->link);
			freed = found;
		}
	}
	trace_unlock(irq);
	if (freed)
		trace_free(freed);
	return found;
}

void trace_reaped(u32 vpid)
{
	u64 irq = trace_lock();
	struct trace *trace, *found = NULL;

	list_for_each(trace, &traces, link) {
		if (trace->vtid == vpid && trace->reaped &&
		    trace->tracer_pid == task_current()->process->pid) {
			found = trace;
			break;
		}
	}
	if (found) {
		list_del(&found->link);
		list_init(&found->link);
		/* If the thread has not ended here yet, it frees it. */
		if (found->task)
			found = NULL;
	}
	trace_unlock(irq);
	if (found)
		trace_free(found);
}
