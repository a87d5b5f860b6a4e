// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending signals: what SEND_SIGNAL brings from the twin, and what threads of a process send each
 * other.
 *
 * A signal from thread to thread is the LWK's if it is one of the standard ones and has a handler,
 * and Linux would not hold it back. Linux does that for what both the thread and its twin block. As
 * long as such a signal may be there, the thread is in a call or blocks it: it unblocks it by way
 * of the twin, which hands it on first. So nothing that is sent later comes before it. Of real-time
 * signals Linux keeps order and limit. docs/processes.md has the races.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/signal_internal.h"

/*
 * A thread whose call was put off so often hears of further signals by Linux, which holds them back
 * until the call is made: host/mcctrl/hold.h.
 */
#define PUT_OFF_MAX 2

/* Those that discard other pending ones when they are sent, be they on Linux. */
#define SIGNAL_JOB_CONTROL                                                                  \
	(SIGNAL_MASK(SIGCONT) | SIGNAL_MASK(SIGTSTP) | SIGNAL_MASK(SIGTTIN) |               \
	 SIGNAL_MASK(SIGTTOU))

/* Linux has a queue for the task and one for the process; which it was is not always known. */
static bool is_like(const struct signal_entry *a, const struct signal_entry *b)
{
	return a->info.signo == b->info.signo &&
	       (a->shared == b->shared || a->shared == SIGNAL_TO_EITHER ||
		b->shared == SIGNAL_TO_EITHER);
}

/* Of standard signals only the first is kept, as on Linux; the others count. */
static bool enqueue(struct signal_pending *pending, struct signal_entry *entry)
{
	u32 sig = (u32)entry->info.signo;
	const struct signal_entry *other;

	if (sig < SIGRTMIN && (pending->set & SIGNAL_MASK(sig))) {
		list_for_each(other, &pending->queue, link) {
			if (is_like(other, entry))
				return false;
		}
	}
	list_add_tail(&entry->link, &pending->queue);
	pending->set |= SIGNAL_MASK(sig);
	return true;
}

void signal_queue(struct task *task, struct signal_entry *entry)
{
	u64 irq = spin_lock_irqsave(&task->process->lock);
	bool taken = enqueue(&task->pending, entry);

	spin_unlock_irqrestore(&task->process->lock, irq);
	if (!taken)
		kfree(entry);
}

/*
 * From the twin
 */

/* A delivery under way: @entry is taken over, or left. */
struct send {
	struct signal_entry *entry;
	u32 shared;
	bool taken;
};

/*
 * Is the signal for any thread, and this one in a handler that blocks it, of which the twin has not
 * heard? A call with a mask of its own takes it, and decides when it ends: blocked comes before
 * restore_blocked here, and after it in signal_swap_blocked().
 */
static bool is_for_others_locked(const struct task *task, const struct send *sending)
{
	return sending->shared == SIGNAL_TO_PROCESS && task->process->nlive > 1 &&
	       (__atomic_load_n(&task->blocked, __ATOMIC_ACQUIRE) &
		SIGNAL_MASK((u32)sending->entry->info.signo)) &&
	       !READ_ONCE(task->restore_blocked);
}

static int send(struct task *task, void *ctx)
{
	struct send *sending = ctx;
	struct process *process = task->process;
	u64 irq = spin_lock_irqsave(&process->lock);

	if (is_for_others_locked(task, sending)) {
		task->returned |= SIGNAL_MASK((u32)sending->entry->info.signo);
		spin_unlock_irqrestore(&process->lock, irq);
		return -EBUSY;
	}
	if (sending->shared == SIGNAL_TO_EITHER)
		task->returned |= SIGNAL_MASK((u32)sending->entry->info.signo);
	sending->taken = enqueue(&task->pending, sending->entry);
	task->relayed++;
	spin_unlock_irqrestore(&process->lock, irq);
	thread_notify(&task->thread);
	thread_wake(&task->thread);
	return 0;
}

int signal_send(const struct msg_signal *msg)
{
	struct send sending = { .shared = msg->shared };
	s32 sig;
	int err;

	memcpy(&sig, msg->info, sizeof(sig));
	if (sig < 1 || sig > SIGNAL_COUNT || (SIGNAL_UNBLOCKABLE & SIGNAL_MASK(sig)) ||
	    msg->shared > SIGNAL_TO_EITHER || msg->reserved)
		return -EINVAL;
	sending.entry = kzalloc(sizeof(*sending.entry));
	if (!sending.entry)
		return -EAGAIN;
	memcpy(&sending.entry->info, msg->info, sizeof(msg->info));
	sending.entry->shared = msg->shared;
	err = task_with(msg->pid, msg->tid, send, &sending);
	if (!sending.taken)
		kfree(sending.entry);
	if (!err && sig == SIGCONT)
		trace_continued(msg->pid);
	return err;
}

/*
 * From a thread
 */

/**
 * struct post - a signal of the calling thread for one of its process
 * @entry:	it; NULL: taken over
 * @interrupt:	for the twin, whose call the signal is to end; its @pid 0: there is none
 */
struct post {
	struct signal_entry *entry;
	struct msg_interrupt interrupt;
};

/* Is it one that the LWK may have alone, and of a sender whose ids it knows? */
static bool is_own(u64 sig, const struct task *sender)
{
	return sig >= 1 && sig <= SIGNAL_COUNT && !sender->ids_changed &&
	       !((SIGNAL_UNBLOCKABLE | SIGNAL_JOB_CONTROL) & SIGNAL_MASK(sig));
}

static struct signal_entry *entry_create(const struct signal_info *info)
{
	struct signal_entry *entry = kmalloc(sizeof(*entry));

	if (entry) {
		entry->info = *info;
		entry->shared = SIGNAL_TO_THREAD;
	}
	return entry;
}

/* Has the program a handler, and Linux nothing to say? */
static bool is_handled_locked(struct process *process, u32 sig)
{
	struct signal_action action;

	ASSERT(spin_lock_held(&process->lock));
	if (process->relays_all || process_is_ending(process))
		return false;
	action = process_action(process, sig);
	return action.handler != SIG_DFL && action.handler != SIG_IGN;
}

/* What it blocks, and Linux may have, stays with Linux, which shows it and gives it to calls. */
static bool may_hold_locked(const struct task *task, u64 bit)
{
	ASSERT(spin_lock_held(&task->process->lock));
	if (task->leaving || task->stopped || task->group_stop || task->executing ||
	    READ_ONCE(task->put_off) >= PUT_OFF_MAX)
		return false;
	if (!(READ_ONCE(task->blocked) & bit))
		return true;
	/* In this order: it notes what the twin blocks before a call is over. */
	return !offload_is_calling(task) &&
	       !((READ_ONCE(task->twin_blocked) | task->returned | task->awaits) & bit);
}

static int post_locked(struct task *task, void *ctx)
{
	struct post *post = ctx;
	u32 sig = (u32)post->entry->info.signo;

	if (!is_handled_locked(task->process, sig) || !may_hold_locked(task, SIGNAL_MASK(sig)))
		return -EAGAIN;
	if (!enqueue(&task->pending, post->entry))
		return 0;
	post->entry = NULL;
	if (READ_ONCE(task->blocked) & SIGNAL_MASK(sig))
		return 0; /* it looks as it unblocks it */
	post->interrupt.seq = __atomic_add_fetch(&task->interrupts, 1, __ATOMIC_SEQ_CST);
	/* After that; the other order is offload_request()'s. */
	if (offload_is_calling(task)) {
		post->interrupt.pid = task->process->pid;
		post->interrupt.tid = task->tid;
	}
	thread_notify(&task->thread);
	thread_wake(&task->thread);
	return 0;
}

bool signal_post(u32 vtid, const struct signal_info *info)
{
	struct post posting = { 0 };
	int err;

	if (!is_own((u64)info->signo, task_current()) || info->signo >= SIGRTMIN ||
	    vtid == task_current()->vtid)
		return false;
	posting.entry = entry_create(info);
	if (!posting.entry)
		return false;
	perturb_point();
	err = task_with_sibling(vtid, post_locked, &posting);
	kfree(posting.entry);
	if (posting.interrupt.pid)
		offload_interrupt(&posting.interrupt);
	return !err;
}

/*
 * As it came, to the process or to the task. What others have sent, a twin may say again to itself
 * alone: its id names the process, too.
 */
static void give_back(const struct signal_info *info, bool to_process)
{
	struct task *task = task_current();
	const u64 units = sizeof(*info) / OFFLOAD_DATA_UNIT;
	const u64 to_all[6] = { task->vtid, (u64)info->signo };
	const u64 to_task[6] = { task->process->vpid, task->vtid, (u64)info->signo };
	const u32 info_arg = to_process ? 2 : 3;

	memcpy(task->slot->data, info, sizeof(*info));
	task->slot->small = 1ULL << 8 * info_arg | units << 8 * OFFLOAD_SMALL_IN |
			    units << 8 * OFFLOAD_SMALL_ALL;
	if (to_process)
		(void)offload_insist(SYSCALL_rt_sigqueueinfo, to_all);
	else
		(void)offload_insist(SYSCALL_rt_tgsigqueueinfo, to_task);
	task->slot->small = 0;
}

/* Take one of @set. Return: whether there was one. */
static bool take_next(struct task *task, u64 set, struct signal_info *info, u32 *shared)
{
	struct signal_entry *entry;
	u64 irq = spin_lock_irqsave(&task->process->lock);
	u32 sig = signal_take_locked(&task->pending, set, info, &entry);

	spin_unlock_irqrestore(&task->process->lock, irq);
	if (!sig)
		return false;
	*shared = entry->shared;
	kfree(entry);
	return true;
}

void signal_hand_on(void)
{
	struct signal_info info;
	u32 shared;

	while (take_next(task_current(), ~0ULL, &info, &shared)) {
		if (shared == SIGNAL_TO_EITHER)
			give_back(&info, true);
	}
}

void signal_hand_over(void)
{
	struct task *task = task_current();
	struct signal_info info;
	u32 shared;

	while (take_next(task, task->blocked, &info, &shared))
		give_back(&info, shared != SIGNAL_TO_THREAD);
}

bool signal_raise(u64 sig, s32 code)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct signal_entry *entry;
	struct signal_info info;
	bool taken = false;
	u64 irq;

	if (!is_own(sig, task) || (task->blocked & SIGNAL_MASK(sig)))
		return false;
	signal_info_of_sender(&info, (s32)sig, code);
	entry = entry_create(&info);
	if (!entry)
		return false;
	irq = spin_lock_irqsave(&process->lock);
	if (is_handled_locked(process, (u32)sig))
		taken = enqueue(&task->pending, entry);
	spin_unlock_irqrestore(&process->lock, irq);
	if (taken)
		thread_notify(&task->thread);
	else
		kfree(entry);
	return taken;
}

void signal_info_of_sender(struct signal_info *info, s32 sig, s32 code)
{
	const struct process *process = task_current()->process;

	*info = (struct signal_info){
		.signo = sig,
		.code = code,
		/* si_pid and si_uid. */
		.fields[0] = process->vpid | (u64)process->uid[0] << 32,
	};
}
