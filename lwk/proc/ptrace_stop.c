// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stops of a traced thread: it says why, sleeps, and goes on as its tracer wants.
 */
#include "abi/errno.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/ptrace_internal.h"
#include "lwk/proc/signal_internal.h"

#define TRAP_BRKPT 1

/* A stop that is about to be made. */
struct stop {
	enum trace_kind kind;
	u32 code;
	const struct signal_info *info;
	u64 message;
};

void trace_resume(struct trace *trace, enum trace_mode mode, u32 sig)
{
	ASSERT(trace_locked());
	trace->state = TRACE_RUNNING;
	trace->mode = mode;
	trace->inject = sig;
	trace->waitable = false;
	trace->listening = false;
	trace->notify = false;
	thread_wake(&trace->task->thread);
}

static bool is_stopped(struct task *task)
{
	u64 irq = trace_lock();
	bool stopped = task->trace && task->trace->state == TRACE_STOPPED &&
		       !process_is_gone(task->process);

	trace_unlock(irq);
	return stopped;
}

/* Return: false if nobody traces it any more, or it is to die. */
static bool enter(struct task *task, const struct stop *stop, struct trace_report *report)
{
	u64 irq = trace_lock();
	struct trace *trace = task->trace;
	bool traced = trace && !list_empty(&trace->link) && !task->trace_kill &&
		      !process_is_gone(task->process);

	if (traced) {
		arch_trace_save(&trace->arch);
		trace->kind = stop->kind;
		trace->code = stop->code;
		trace->has_info = stop->info;
		if (stop->info)
			trace->info = *stop->info;
		trace->message = stop->message;
		trace->inject = 0;
		trace->inside = true;
		trace->state = TRACE_STOPPED;
		trace->waitable = true;
		trace_report_prepare(trace, report);
	}
	trace_unlock(irq);
	return traced;
}

static bool steps(const struct trace *trace)
{
	return trace->mode == TRACE_STEP || trace->mode == TRACE_SYSEMU_STEP;
}

/* Return: the signal that it goes on with. */
static u32 leave(struct task *task, struct signal_info *info)
{
	struct trace *freed = NULL;
	u64 irq = trace_lock();
	struct trace *trace = task->trace;
	u32 sig = 0;

	if (trace) {
		sig = trace->inject;
		if (info && trace->has_info)
			*info = trace->info;
		trace->state = TRACE_RUNNING;
		trace->inside = false;
		arch_trace_load(&trace->arch, steps(trace));
		if (list_empty(&trace->link)) {
			freed = trace;
			WRITE_ONCE(task->trace, NULL);
		}
	}
	trace_unlock(irq);
	if (freed)
		trace_free(freed);
	return sig;
}

/* @info: result, may be NULL. Return: as leave(); @otherwise if it does not stop. */
static u32 stop_here(const struct stop *stop, struct signal_info *info, u32 otherwise)
{
	struct task *task = task_current();
	struct trace_report report;

	trace_sync();
	if (!enter(task, stop, &report)) {
		trace_sync();
		return otherwise;
	}
	trace_report_send(&report);
	signal_wait_while(task, is_stopped);
	otherwise = leave(task, info);
	/* Its tracer may have changed it. */
	signal_tell_mask(task);
	trace_sync();
	return otherwise;
}

/* siginfo of what is no signal. */
static struct signal_info event_info(u32 signo, u32 code)
{
	const struct process *process = task_current()->process;

	return (struct signal_info){
		.signo = (s32)signo,
		.code = (s32)code,
		.fields[0] = process->vpid | (u64)process->uid[0] << 32,
	};
}

/* A signal that its tracer sends it on its way. */
static void send_self(u32 sig)
{
	struct signal_entry *entry;

	if (!sig || sig > SIGNAL_COUNT)
		return;
	/* Who is killed need not remember. */
	if (sig == SIGKILL)
		process_die(SIGKILL);
	entry = kzalloc(sizeof(*entry));
	if (!entry)
		return;
	entry->info = event_info(sig, SI_USER);
	signal_queue(task_current(), entry);
	thread_notify(&task_current()->thread);
}

u32 trace_signal(struct signal_info *info)
{
	struct task *task = task_current();
	const struct signal_info before = *info;
	const struct stop stop = { TRACE_SIGNAL, (u32)info->signo, &before, 0 };
	struct signal_entry *entry;
	u32 sig = stop_here(&stop, info, (u32)info->signo);

	if (sig == SIGKILL)
		process_die(SIGKILL);
	/* Who is killed takes no other. */
	if (!sig || sig > SIGNAL_COUNT || READ_ONCE(task->trace_kill))
		return 0;
	if ((u32)info->signo != sig)
		*info = event_info(sig, SI_USER);
	/* Another one than that which was let through may be blocked. */
	if (!(task->blocked & SIGNAL_MASK(sig)) || sig == (u32)before.signo)
		return sig;
	entry = kzalloc(sizeof(*entry));
	if (entry) {
		entry->info = *info;
		signal_queue(task, entry);
	}
	return 0;
}

/* Why does the calling task trap? Nothing to do: 0. */
static u32 trap_code(struct task *task, bool *seized)
{
	u64 irq = trace_lock();
	const struct trace *trace = task->trace;
	u32 sig = READ_ONCE(task->process->stop_sig);
	u32 code = 0;

	WRITE_ONCE(task->trap, false);
	if (!sig && task->stopped)
		sig = SIGSTOP;
	*seized = trace && trace->seized;
	if (*seized)
		code = TRACE_EVENT_STOP << 8 | (sig ? sig : SIGTRAP);
	else if (trace)
		code = sig;
	trace_unlock(irq);
	return code;
}

void trace_trap(void)
{
	struct task *task = task_current();
	struct signal_info info;
	struct stop stop = { .kind = TRACE_GROUP };
	bool seized;

	if (READ_ONCE(task->trace_kill))
		process_die(SIGKILL);
	stop.code = trap_code(task, &seized);
	if (!stop.code)
		return;
	info = event_info(stop.code & 0x7f, stop.code);
	if (seized)
		stop.info = &info;
	/* No signal is taken from a group stop. */
	(void)stop_here(&stop, NULL, 0);
}

/* The next task of the process that is to stop and does not know. */
static bool stop_other(struct process *process, struct msg_interrupt *msg)
{
	u64 irq = trace_lock();
	u64 inner = spin_lock_irqsave(&process->lock);
	struct task *task;
	bool found = false;

	list_for_each(task, &process->tasks, link) {
		if (task->group_stop || !task->tid || task->leaving)
			continue;
		task->group_stop = true;
		WRITE_ONCE(task->trap, true);
		trace_interrupt_task(task, msg);
		found = true;
		break;
	}
	spin_unlock_irqrestore(&process->lock, inner);
	trace_unlock(irq);
	return found;
}

void trace_group_stop(u32 sig)
{
	struct process *process = task_current()->process;
	struct msg_interrupt msg;

	WRITE_ONCE(process->stop_sig, sig);
	while (stop_other(process, &msg))
		offload_interrupt(&msg);
}

static void continue_task(struct task *task)
{
	struct trace *trace = task->trace;

	task->group_stop = false;
	if (trace && trace->seized && trace->state == TRACE_STOPPED &&
	    trace->code >> 8 == TRACE_EVENT_STOP) {
		if (trace->listening) {
			WRITE_ONCE(task->trap, true);
			trace_resume(trace, trace->mode, 0);
		} else {
			trace->notify = true;
		}
	}
	thread_notify(&task->thread);
	thread_wake(&task->thread);
}

static void continue_process(struct process *process, void *ctx)
{
	u64 irq = spin_lock_irqsave(&process->lock);
	struct task *task;

	(void)ctx;
	WRITE_ONCE(process->stop_sig, 0);
	list_for_each(task, &process->tasks, link)
		continue_task(task);
	spin_unlock_irqrestore(&process->lock, irq);
}

void trace_continued(u32 pid)
{
	u64 irq = trace_lock();

	process_with(pid, continue_process, NULL);
	trace_unlock(irq);
}

void trace_handler(void)
{
	struct task *task = task_current();
	u64 irq = trace_lock();
	bool stepped = task->trace && steps(task->trace);
	struct signal_info info;
	struct stop stop = { .kind = TRACE_EVENT, .code = SIGTRAP };

	trace_unlock(irq);
	if (!stepped)
		return;
	info = event_info(SIGTRAP, SIGTRAP);
	stop.info = &info;
	send_self(stop_here(&stop, NULL, 0));
}

/* Of a system call. Return: false: nobody wants to see it. */
static bool syscall_stop(enum trace_kind kind)
{
	struct task *task = task_current();
	u64 irq = trace_lock();
	const struct trace *trace = task->trace;
	struct stop stop = { .kind = kind, .code = SIGTRAP };
	bool wanted = trace && (trace->mode == TRACE_SYSCALL ||
				(kind == TRACE_ENTRY && trace->mode >= TRACE_SYSEMU));
	struct signal_info info;

	if (wanted && (trace->options & TRACE_O_SYSGOOD))
		stop.code |= 0x80;
	trace_unlock(irq);
	if (!wanted)
		return false;
	info = event_info(SIGTRAP, stop.code);
	stop.info = &info;
	stop.message = kind == TRACE_ENTRY ? 1 : 2;
	send_self(stop_here(&stop, NULL, 0));
	return true;
}

bool trace_syscall_entry(void)
{
	struct task *task = task_current();
	bool emulated = false;
	u64 irq = trace_lock();

	if (task->trace)
		emulated = task->trace->mode >= TRACE_SYSEMU;
	trace_unlock(irq);
	syscall_stop(TRACE_ENTRY);
	return !emulated;
}

void trace_syscall_exit(void)
{
	struct task *task = task_current();
	struct signal_info info = { .signo = SIGTRAP, .code = TRAP_BRKPT };
	u64 irq = trace_lock();
	bool stepped = task->trace && task->trace->mode == TRACE_STEP;

	trace_unlock(irq);
	if (!stepped) {
		syscall_stop(TRACE_EXIT);
		return;
	}
	info.fields[0] = arch_user_pc(arch_user_regs(&task->thread));
	signal_force(&info);
}

void trace_event(u32 event, u64 message)
{
	struct task *task = task_current();
	struct signal_info info;
	struct stop stop = { TRACE_EVENT, event << 8 | SIGTRAP, &info, message };
	bool wanted;
	u64 irq;

	if (likely(!READ_ONCE(task->trace)))
		return;
	irq = trace_lock();
	wanted = task->trace && (task->trace->options & 1U << event);
	trace_unlock(irq);
	if (!wanted)
		return;
	info = event_info(SIGTRAP, stop.code);
	send_self(stop_here(&stop, NULL, 0));
}

void trace_begin(void)
{
	struct task *task = task_current();
	u64 irq = trace_lock();
	const struct trace *trace = task->trace;
	bool event = trace && (trace->options & TRACE_O_EXEC);
	bool trap = trace && !trace->seized && !event;
	u32 former = trace ? trace->former : 0;

	trace_unlock(irq);
	arch_syscall_set_nr(arch_user_regs(&task->thread), SYSCALL_execve);
	if (event)
		trace_event(TRACE_EVENT_EXEC, former);
	else if (trap)
		send_self(SIGTRAP);
	/* It comes out of the call that the program before it has made. */
	syscall_stop(TRACE_EXIT);
}
