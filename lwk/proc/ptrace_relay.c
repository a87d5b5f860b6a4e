// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which signals Linux passes on: of a traced process all, else those with handlers.
 *
 * Each process has a mutex for it, held until Linux has heard: so what is said last is what is
 * true.
 */
#include "lwk/include/arch_signal.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"

/* Which of them it is to be. */
enum relay {
	RELAY_HANDLED,
	RELAY_ALL,
	RELAY_ALL_BUT_IGNORED,	/* the next program is to find those ignored */
};

static bool is_relayed(enum relay relay, const struct signal_action *action)
{
	if (relay == RELAY_HANDLED)
		return action->handler != SIG_DFL && action->handler != SIG_IGN;
	return relay == RELAY_ALL || action->handler != SIG_IGN;
}

/* Dispositions that Linux is to have: of all signals at once. */
static void tell(struct process *process, enum relay relay)
{
	u64 args[6] = { 0 };

	for (u32 sig = 1; sig <= SIGNAL_COUNT; sig++) {
		const struct signal_action action = process_action(process, sig);

		if (is_relayed(relay, &action))
			args[0] |= SIGNAL_MASK(sig);
		else if (action.handler == SIG_IGN)
			args[1] |= SIGNAL_MASK(sig);
		if (relay != RELAY_HANDLED || (action.flags & SA_RESTART))
			args[2] |= SIGNAL_MASK(sig);
		if (sig == SIGCHLD)
			args[3] = signal_child_flags(&action);
	}
	(void)offload_insist(OFFLOAD_NR_RELAY, args);
}

void trace_sync(void)
{
	struct process *process = task_current()->process;
	struct task *task;
	bool changes, all;
	u64 irq;

	mutex_lock(&process->telling);
	irq = spin_lock_irqsave(&process->lock);
	/* Who stopped the process may be gone, but its end is for the threads to hear of. */
	all = READ_ONCE(process->stop_sig);
	list_for_each(task, &process->tasks, link)
		all |= READ_ONCE(task->trace) != NULL;
	changes = all != process->relays_all;
	process->relays_all = all;
	spin_unlock_irqrestore(&process->lock, irq);
	if (changes)
		tell(process, all ? RELAY_ALL : RELAY_HANDLED);
	mutex_unlock(&process->telling);
}

/* Of a traced process: for an execve(2). */
static void tell_traced(enum relay relay)
{
	struct process *process = task_current()->process;

	mutex_lock(&process->telling);
	if (process->relays_all)
		tell(process, relay);
	mutex_unlock(&process->telling);
}

bool trace_exec_begin(void)
{
	const struct trace *trace;
	bool plain;
	u64 irq;

	tell_traced(RELAY_ALL_BUT_IGNORED);
	irq = trace_lock();
	trace = task_current()->trace;
	plain = trace && !list_empty(&trace->link) && !trace->capable;
	trace_unlock(irq);
	return plain;
}

void trace_exec_failed(void)
{
	tell_traced(RELAY_ALL);
}
