// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who traces whom: making and ending of the bond, and what a tracer may ask at any time.
 */
#include "lwk/proc/ptrace_internal.h"

#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"

static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_TRACE, "ptrace");
/* The lock protects: */
struct list_node traces = LIST_INIT(traces);

u64 trace_lock(void)
{
	return spin_lock_irqsave(&lock);
}

void trace_unlock(u64 irq)
{
	spin_unlock_irqrestore(&lock, irq);
}

bool trace_locked(void)
{
	return spin_lock_held(&lock);
}

/*
 * The bond
 */

struct trace *trace_of(u32 vtid)
{
	const struct task *self = task_current();
	struct trace *trace;

	ASSERT(trace_locked());
	list_for_each(trace, &traces, link) {
		if (trace->vtid == vtid && trace->tracer_tid == self->tid &&
		    trace->tracer_pid == self->process->pid)
			return trace;
	}
	return NULL;
}

static struct trace *alloc_trace(void)
{
	struct trace *trace = kzalloc(sizeof(*trace));

	if (!trace)
		return NULL;
	list_init(&trace->link);
	trace->stop = kzalloc(sizeof(*trace->stop));
	if (trace->stop && !arch_trace_create(&trace->arch))
		return trace;
	kfree(trace->stop);
	kfree(trace);
	return NULL;
}

void trace_free(struct trace *trace)
{
	arch_trace_destroy(&trace->arch);
	kfree(trace->stop);
	kfree(trace);
}

static void bind(struct trace *trace, struct task *task)
{
	trace->task = task;
	trace->tid = task->tid;
	trace->vtid = task->vtid;
	trace->pid = task->process->pid;
	trace->uid = task->process->uid[0];
	WRITE_ONCE(task->trace, trace);
}

/* Is the first thread's end reported by Linux, since its process is a child of the tracer's? */
static bool is_child(const struct task *task, u32 tracer_pid)
{
	return task->tid == task->process->pid && task->process->vppid == tracer_pid;
}

/* An attachment under way; @trace is taken over, or left. */
struct attach {
	struct trace *trace;
	bool seize;
	struct msg_interrupt msg;
};

/* SIGSTOP goes round Linux, which would stop the proxy. */
static void queue_stop(struct task *task, struct signal_entry **entry, s32 code)
{
	const struct task *self = task_if_any();

	(*entry)->info = (struct signal_info){ .signo = SIGSTOP, .code = code };
	if (code != SI_KERNEL && self)
		(*entry)->info.fields[0] = self->process->vpid |
					   (u64)self->process->uid[0] << 32;
	signal_queue(task, *entry);
	*entry = NULL;
}

/*
 * The trace for a thread, NULL: somebody traces it. Who has let it go may have done so just now,
 * and it has not left that stop: then it is the former one's, with what that one has left it.
 */
static struct trace *trace_for(struct task *task, struct trace *new)
{
	struct trace *former = task->trace;

	if (!former)
		return new;
	/* In no list is also who is not known yet. */
	if (!list_empty(&former->link) || !former->tid)
		return NULL;
	kfree(former->stop);
	former->stop = new->stop;
	new->stop = NULL;
	former->options = new->options;
	former->capable = new->capable;
	former->former = 0;
	return former;
}

static int attach_task(struct task *task, void *ctx)
{
	struct attach *attach = ctx;
	const struct task *self = task_current();
	struct trace *trace;

	if (task->process == self->process || process_is_ending(task->process))
		return -EPERM;
	trace = trace_for(task, attach->trace);
	if (!trace)
		return -EPERM;
	if (trace == attach->trace)
		attach->trace = NULL;
	trace->tracer_tid = self->tid;
	trace->tracer_pid = self->process->pid;
	trace->seized = attach->seize;
	trace->reaped = is_child(task, self->process->pid);
	bind(trace, task);
	list_add_tail(&trace->link, &traces);
	/* One that its user had stopped already is in a stop from now on. */
	if (attach->seize && (task->stopped || task->group_stop))
		WRITE_ONCE(task->trap, true);
	if (!attach->seize)
		queue_stop(task, &trace->stop, SI_KERNEL);
	trace_interrupt_task(task, &attach->msg);
	return 0;
}

int trace_attach(u32 vtid, bool seize, u32 options)
{
	struct attach attach = { .seize = seize };
	struct trace_party tracee;
	int err = trace_ask(OFFLOAD_MAY_ATTACH, vtid, &tracee);
	u64 irq;

	if (err)
		return err;
	err = -ENOMEM;
	attach.trace = alloc_trace();
	if (!attach.trace)
		goto put;
	attach.trace->options = options;
	attach.trace->capable = tracee.capable;
	irq = trace_lock();
	err = trace_party_with(&tracee, attach_task, &attach);
	trace_unlock(irq);
	if (attach.trace)
		trace_free(attach.trace);
	if (!err)
		offload_interrupt(&attach.msg);
put:
	process_put(tracee.process);
	return err;
}

static int become_tracer(struct task *task, void *ctx)
{
	struct trace *trace = ctx;

	trace->tracer_tid = task->tid;
	trace->tracer_pid = task->process->pid;
	return 0;
}

int trace_me(void)
{
	struct task *self = task_current();
	struct trace_party parent;
	struct trace *trace;
	u64 irq;
	int err;

	/* Its tracer would call it otherwise. */
	if (READ_ONCE(self->trace) || self->vtid != self->tid)
		return -EPERM;
	/* The thread that forked, while it is there. */
	err = trace_ask(OFFLOAD_MAY_PARENT, 0, &parent);
	if (err)
		return err;
	err = -ENOMEM;
	trace = alloc_trace();
	if (!trace)
		goto put;
	irq = trace_lock();
	/* Another thread's tracer may have asked meanwhile. */
	err = self->trace ? -EPERM : trace_party_with(&parent, become_tracer, trace);
	if (!err) {
		bind(trace, self);
		trace->capable = parent.capable;
		trace->reaped = is_child(self, trace->tracer_pid);
		list_add_tail(&trace->link, &traces);
	}
	trace_unlock(irq);
	if (err)
		trace_free(trace);
	else
		trace_sync();
put:
	process_put(parent.process);
	return err;
}

/* Its tracer's breakpoints are none of the program's. */
static void clear_debug(struct thread *thread)
{
	for (u32 n = ARCH_DEBUG_REGS; n--;)
		(void)!arch_debug_set(thread, n, 0);
}

/* The thread goes on, and frees the trace. */
static void let_go(struct trace *trace, enum trace_mode mode, u32 sig)
{
	list_del(&trace->link);
	list_init(&trace->link);
	trace->waitable = false;
	clear_debug(&trace->task->thread);
	trace_resume(trace, mode, sig);
}

void trace_detach(struct trace *trace, u32 sig)
{
	ASSERT(trace_locked());
	let_go(trace, TRACE_CONT, sig);
}

void trace_inherit(struct task *child, u32 event)
{
	struct trace *mine, *trace = NULL;
	u64 irq;

	if (!READ_ONCE(task_current()->trace))
		return;
	/* Before the lock; without memory it is not traced. */
	trace = alloc_trace();
	irq = trace_lock();
	mine = task_current()->trace;
	if (trace && mine && !list_empty(&mine->link) &&
	    (event == TRACE_EVENT_ANY || (mine->options & 1U << event))) {
		trace->tracer_tid = mine->tracer_tid;
		trace->tracer_pid = mine->tracer_pid;
		trace->seized = mine->seized;
		trace->capable = mine->capable;
		trace->options = mine->options;
		trace->task = child;
		WRITE_ONCE(child->trace, trace);
		trace = NULL;
	}
	trace_unlock(irq);
	if (trace)
		trace_free(trace);
}

/* The tracer of a thread that is about to be known may have ended since it was made. */
static int exists(struct task *task, void *ctx)
{
	(void)task;
	(void)ctx;
	return 0;
}

void trace_publish(struct task *task)
{
	struct trace *trace = READ_ONCE(task->trace);
	u64 irq;

	if (!trace)
		return;
	irq = trace_lock();
	bind(trace, task);
	if (task_with(trace->tracer_pid, trace->tracer_tid, exists, NULL)) {
		WRITE_ONCE(task->trace, NULL);
	} else {
		list_add_tail(&trace->link, &traces);
		if (trace->seized)
			WRITE_ONCE(task->trap, true);
		else
			queue_stop(task, &trace->stop, SI_USER);
		trace = NULL;
	}
	trace_unlock(irq);
	if (trace)
		trace_free(trace);
}

/* The trace that waits for a program of this process, of which there is one at most. */
static struct trace *executing(u32 tid, u64 started)
{
	struct trace *trace;

	ASSERT(trace_locked());
	list_for_each(trace, &traces, link) {
		if (trace->state == TRACE_EXECUTING && trace->tid == tid &&
		    trace->started == started)
			return trace;
	}
	return NULL;
}

/* The tracee is out of its tracer's reach: that is its end, as far as the tracer can tell. */
static void report_end(struct trace *trace, u32 status, struct trace_report *report)
{
	trace->state = TRACE_DEAD;
	trace->code = status;
	trace->waitable = true;
	trace_report_prepare(trace, report);
}

void trace_executed(struct task *task, const struct program_load_desc *desc)
{
	struct trace_report report = { 0 };
	u64 irq = trace_lock();
	struct trace *trace = executing(task->tid, desc->started);
	struct trace *freed = NULL;

	if (trace && trace->exec_id == desc->exec_id) {
		trace->state = TRACE_RUNNING;
		bind(trace, task);
	} else if (trace && trace->reaped) {
		list_del(&trace->link);
		freed = trace;
	} else if (trace) {
		report_end(trace, 0, &report);
	}
	trace_unlock(irq);
	if (freed)
		trace_free(freed);
	trace_report_send(&report);
}

/*
 * The end
 */

/* As tracee. Return: what is to be freed. */
static struct trace *end_tracee(struct task *task, struct trace_report *report)
{
	struct trace *trace = task->trace;
	struct process *process = task->process;

	if (!trace)
		return NULL;
	WRITE_ONCE(task->trace, NULL);
	trace->task = NULL;
	if (list_empty(&trace->link))
		return trace;
	trace->waitable = false;
	/* Of several threads that were in execve(2) one executes, whichever that was. */
	if (process->executed && task->executing &&
	    !executing(process->pid, process->next_started)) {
		trace->started = process->next_started;
		trace->exec_id = process->next_exec_id;
		trace->former = trace->vtid;
		trace->tid = process->pid;
		trace->vtid = process->vpid;
		trace->reaped = process->vppid == trace->tracer_pid;
		trace->state = TRACE_EXECUTING;
		return NULL;
	}
	/* Who executes takes the first thread's place. Of a child's end Linux tells. */
	if ((process->executed && (task->tid == process->pid || task->executing)) ||
	    trace->reaped) {
		list_del(&trace->link);
		return trace;
	}
	report_end(trace, task->left ? task->status : (u32)process->status, report);
	return NULL;
}

/* A tracee whose tracer has ended. Return: whether it is to be freed. */
static bool orphan(struct trace *trace, struct msg_interrupt *msg)
{
	struct task *task = trace->task;

	if (!task) {
		list_del(&trace->link);
		return true;
	}
	if (trace->options & TRACE_O_EXITKILL)
		WRITE_ONCE(task->trace_kill, true);
	if (trace->state == TRACE_STOPPED) {
		/* Stepping does not end with the tracer: it may die of one more step. */
		let_go(trace, trace->mode, 0);
		trace_interrupt_task(task, msg);
		return false;
	}
	list_del(&trace->link);
	/* Told to go on, it takes with it what it was told. */
	if (trace->inside) {
		list_init(&trace->link);
		clear_debug(&task->thread);
		trace_interrupt_task(task, msg);
		return false;
	}
	WRITE_ONCE(task->trace, NULL);
	clear_debug(&task->thread);
	trace_interrupt_task(task, msg);
	return true;
}

/* As tracer, one of its tracees. Return: whether there was one. */
static bool end_tracer(struct task *task)
{
	u64 irq = trace_lock();
	struct msg_interrupt msg = { 0 };
	struct trace *trace, *found = NULL;
	bool keeps = task->process->executed && task->executing;
	bool freed = false;

	list_for_each(trace, &traces, link) {
		if (trace->tracer_tid != task->tid ||
		    trace->tracer_pid != task->process->pid)
			continue;
		if (keeps && task->tid == task->process->pid)
			continue;
		found = trace;
		break;
	}
	if (found && keeps)
		found->tracer_tid = task->process->pid;
	else if (found)
		freed = orphan(found, &msg);
	trace_unlock(irq);
	if (freed)
		trace_free(found);
	if (msg.pid)
		offload_interrupt(&msg);
	return found;
}

void trace_task_ended(struct task *task)
{
	struct trace_report report = { 0 };
	struct trace *trace;
	u64 irq;

	/* One that never was known. */
	if (!task->tid) {
		if (task->trace)
			trace_free(task->trace);
		task->trace = NULL;
		return;
	}
	irq = trace_lock();
	trace = end_tracee(task, &report);
	trace_unlock(irq);
	if (trace)
		trace_free(trace);
	trace_report_send(&report);
	while (end_tracer(task))
		continue;
}

/*
 * Requests that are not about a stopped thread
 */

int trace_interrupt(u32 vtid)
{
	struct msg_interrupt msg = { 0 };
	u64 irq = trace_lock();
	struct trace *trace = trace_of(vtid);
	int err = 0;

	if (!trace || !trace->task) {
		err = -ESRCH;
	} else if (!trace->seized) {
		err = -EIO;
	} else {
		WRITE_ONCE(trace->task->trap, true);
		/* In PTRACE_LISTEN it traps anew. */
		if (trace->state == TRACE_STOPPED && trace->listening)
			trace_resume(trace, TRACE_CONT, 0);
		trace_interrupt_task(trace->task, &msg);
	}
	trace_unlock(irq);
	if (msg.pid)
		offload_interrupt(&msg);
	return err;
}

int trace_kill(u32 vtid)
{
	struct msg_interrupt msg = { 0 };
	u64 irq = trace_lock();
	struct trace *trace = trace_of(vtid);

	if (trace && trace->task) {
		WRITE_ONCE(trace->task->trace_kill, true);
		if (trace->state == TRACE_STOPPED)
			trace_resume(trace, TRACE_CONT, 0);
		trace_interrupt_task(trace->task, &msg);
	}
	trace_unlock(irq);
	if (msg.pid)
		offload_interrupt(&msg);
	return trace ? 0 : -ESRCH;
}

int trace_listen(u32 vtid)
{
	u64 irq = trace_lock();
	struct trace *trace = trace_of(vtid);
	int err = 0;

	if (!trace || trace->state != TRACE_STOPPED || trace->listening) {
		err = -ESRCH;
	} else if (!trace->seized || trace->code >> 8 != TRACE_EVENT_STOP) {
		err = -EIO;
	} else if (trace->notify) {
		/* SIGCONT came before this. */
		WRITE_ONCE(trace->task->trap, true);
		trace_resume(trace, trace->mode, 0);
	} else {
		trace->listening = true;
	}
	trace_unlock(irq);
	return err;
}

/* Which thread of a traced process, and is there one? */
struct stop_target {
	struct signal_entry *entry;
	s32 code;
	struct msg_interrupt msg;
};

static int stop_task(struct task *task, void *ctx)
{
	struct stop_target *target = ctx;

	if (!task->trace || list_empty(&task->trace->link))
		return -ESRCH;
	queue_stop(task, &target->entry, target->code);
	trace_interrupt_task(task, &target->msg);
	return 0;
}

bool trace_stop_signal(u32 vtid, s32 code)
{
	struct stop_target target = { .code = code };
	struct trace_party party;
	u64 irq;
	int err;

	if (list_empty(&traces) || trace_ask(OFFLOAD_MAY_SIGNAL, vtid, &party))
		return false;
	err = -ENOMEM;
	target.entry = kzalloc(sizeof(*target.entry));
	if (!target.entry)
		goto put;
	irq = trace_lock();
	err = trace_party_with(&party, stop_task, &target);
	trace_unlock(irq);
	kfree(target.entry);
	if (!err)
		offload_interrupt(&target.msg);
put:
	process_put(party.process);
	return !err;
}
