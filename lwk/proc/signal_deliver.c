// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking signals, when a task returns to user mode. A handler's frame goes on the program's stack;
 * what has no handler any more ends the program, stops it, or comes to nothing.
 */
#include "abi/errno.h"
#include "lwk/include/arch_ptrace.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/core.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/user_entry.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"

static void log_death(const struct task *task, const struct signal_info *info)
{
	struct arch_regs *regs = arch_user_regs(thread_current());

	log_info("proc: %s (%u): signal %d, code %d, at %#llx, sp %#llx, address %#llx",
		 task->process->comm, task->tid, info->signo, info->code, arch_user_pc(regs),
		 arch_user_sp(regs), info->fields[0]);
	arch_user_log(regs);
}

static void reset_handler(struct process *process, u32 sig)
{
	u64 irq = spin_lock_irqsave(&process->handlers->lock);

	process->handlers->actions[sig - 1].handler = SIG_DFL;
	spin_unlock_irqrestore(&process->handlers->lock, irq);
	/* It fails only when the process is gone. */
	(void)!signal_tell_proxy(sig);
}

void signal_force(const struct signal_info *info)
{
	struct task *task = task_current();
	u32 sig = (u32)info->signo;
	struct signal_action action = process_action(task->process, sig);

	/* Its tracer sees it first. */
	if (READ_ONCE(task->trace) && sig != SIGKILL) {
		if (action.handler == SIG_IGN || (task->blocked & SIGNAL_MASK(sig)))
			reset_handler(task->process, sig);
		WRITE_ONCE(task->blocked, task->blocked & ~SIGNAL_MASK(sig));
		signal_tell_mask(task);
	} else if (action.handler == SIG_DFL || action.handler == SIG_IGN ||
		   (task->blocked & SIGNAL_MASK(sig))) {
		log_death(task, info);
		process_dump(info);
	}
	task->forced = *info;
	thread_notify(&task->thread);
}

/* Return: a signal to take, its action; 0 if there is none. */
static u32 take(struct task *task, struct signal_info *info, struct signal_action *action)
{
	struct signal_entry *entry = NULL;
	u64 interrupts = __atomic_load_n(&task->interrupts, __ATOMIC_SEQ_CST);
	u64 irq = spin_lock_irqsave(&task->process->lock);
	u32 sig = (u32)task->forced.signo;

	task->interrupts_seen = interrupts;
	task->relayed_seen = task->relayed;
	if (sig) {
		*info = task->forced;
		task->forced.signo = 0;
	} else {
		sig = signal_take_locked(&task->pending, ~task->blocked, info, &entry);
	}
	if (sig)
		*action = process_action(task->process, sig);
	spin_unlock_irqrestore(&task->process->lock, irq);
	kfree(entry);
	return sig;
}

/* The program had a handler when Linux took the signal, and has none now. */
static void act_by_default(struct task *task, const struct signal_info *info)
{
	u32 sig = (u32)info->signo;
	const u64 args[6] = { task->process->vpid, task->vtid, sig };

	if (SIGNAL_DEFAULT_IGNORE & SIGNAL_MASK(sig))
		return;
	if (!(SIGNAL_DEFAULT_STOP & SIGNAL_MASK(sig)))
		process_dump(info);
	/* Traced, or a thread of a process that is. */
	if (task->process->relays_all) {
		trace_group_stop(sig);
		return;
	}
	/* Linux's default action is the proxy's by now: let it come again. */
	(void)offload_insist(SYSCALL_tgkill, args);
}

/* What becomes of the system call that the signal interrupted. */
static void finish_call(struct task *task, struct arch_regs *regs,
			const struct signal_action *action)
{
	/* Of a traced program Linux does not know what it wants. */
	bool by_action = task->restart == RESTART_BY_ACTION ||
			 (task->restart == RESTART_ALWAYS && task->process->relays_all);
	bool again = (task->restart == RESTART_ALWAYS && !by_action) ||
		     (by_action && (action->flags & SA_RESTART));

	if (again)
		arch_syscall_restart(regs);
	task->restart = RESTART_NONE;
}

static void enter_handler(struct task *task, struct arch_regs *regs,
			  const struct signal_info *info, const struct signal_action *action)
{
	const struct signal_frame frame = {
		.info = info,
		.action = action,
		.altstack = &task->altstack,
		.mask = task->restore_blocked ? task->saved_blocked : task->blocked,
		.vector = task->trap_vector,
		.error = task->trap_error,
		.addr = task->trap_addr,
	};
	struct signal_info segv = { .signo = SIGSEGV, .code = SI_KERNEL };
	u32 sig = (u32)info->signo;
	u64 blocked = task->blocked | action->mask;

	finish_call(task, regs, action);
	arch_trace_end_step(regs);
	if (action->flags & SA_RESETHAND)
		reset_handler(task->process, sig);
	if (rseq_interrupt(regs) || arch_signal_enter(regs, &frame)) {
		/* No stack left, most likely: a handler of SIGSEGV may have another one. */
		if (sig == SIGSEGV) {
			log_death(task, info);
			process_dump(&segv);
		}
		signal_force(&segv);
		return;
	}
	task->restore_blocked = false;
	if (!(action->flags & SA_NODEFER))
		blocked |= SIGNAL_MASK(sig);
	WRITE_ONCE(task->blocked, blocked & ~SIGNAL_UNBLOCKABLE);
	if (task->altstack.flags & SS_AUTODISARM)
		task->altstack = (struct signal_altstack){ .flags = SS_DISABLE };
	/* After a call with a mask of its own that one stays, and Linux has the one before. */
	signal_tell_mask(task);
	if (READ_ONCE(task->trace))
		trace_handler();
}

static bool is_stopped(struct task *task)
{
	u64 irq = spin_lock_irqsave(&task->process->lock);
	bool stopped = task->stopped;

	/* Threads that nobody traces stop with the others that somebody does. */
	if (task->group_stop && !READ_ONCE(task->trace))
		stopped = READ_ONCE(task->process->stop_sig);

	spin_unlock_irqrestore(&task->process->lock, irq);
	return stopped && !READ_ONCE(task->trap) && !process_is_gone(task->process);
}

static void restart_call(struct task *task, struct arch_regs *regs)
{
	if (task->restart == RESTART_BLOCK)
		arch_syscall_set_nr(regs, SYSCALL_restart_syscall);
	arch_syscall_restart(regs);
	task->restart = RESTART_NONE;
}

void signal_resume(struct arch_regs *regs)
{
	struct task *task = task_current();
	struct signal_action action;
	struct user_trap_info trap;
	struct signal_info info;
	u32 sig;

	while (!process_is_gone(task->process)) {
		signal_wait_while(task, is_stopped);
		if (READ_ONCE(task->trap) || READ_ONCE(task->trace_kill)) {
			trace_trap();
			continue;
		}
		sig = take(task, &info, &action);
		if (sig && READ_ONCE(task->trace)) {
			sig = trace_signal(&info);
			if (!sig)
				continue;
			action = process_action(task->process, sig);
		}
		if (sig && action.handler == SIG_DFL) {
			act_by_default(task, &info);
		} else if (sig && action.handler != SIG_IGN) {
			enter_handler(task, regs, &info, &action);
		} else if (!sig && task->restart != RESTART_NONE) {
			restart_call(task, regs);
		} else if (!sig && task->restore_blocked) {
			signal_unswap_blocked();
		} else if (!sig && (READ_ONCE(task->returned) & ~task->blocked)) {
			/* It came to no handler, and the twin blocks it still. */
			signal_tell_mask(task);
		} else if (!sig && arch_signal_trap(regs, &trap)) {
			/* Each time anew, if its tracer lets it go on nevertheless. */
			user_trap(regs, &trap);
		} else if (!sig) {
			break;
		}
	}
}
