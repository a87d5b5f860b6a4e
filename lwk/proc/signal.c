// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which signals are pending, blocked, and what they do. signal_send.c sends, signal_deliver.c takes
 * them.
 */
#include "lwk/include/proc/signal.h"

#include "abi/errno.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/core/time.h"
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

/* Of the flags of sigaction(2), those that Linux knows; it forgets the others. */
#define FLAGS_KNOWN                                                                         \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER |       \
	 SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND)
/* Those on which the proxy's disposition depends, too. */
#define FLAGS_OF_PROXY (SA_RESTART | SA_NOCLDSTOP | SA_NOCLDWAIT)

#define ALTSTACK_MIN 2048 /* MINSIGSTKSZ */

void signal_pending_init(struct signal_pending *pending)
{
	pending->set = 0;
	list_init(&pending->queue);
}

void signal_pending_drain(struct signal_pending *pending)
{
	struct signal_entry *entry, *next;

	list_for_each_safe(entry, next, &pending->queue, link)
		kfree(entry);
	signal_pending_init(pending);
}

struct signal_action process_action(struct process *process, u32 sig)
{
	u64 irq = spin_lock_irqsave(&process->handlers->lock);
	struct signal_action action = process->handlers->actions[sig - 1];

	spin_unlock_irqrestore(&process->handlers->lock, irq);
	return action;
}

u32 signal_disposition(const struct signal_action *action)
{
	if (task_current()->process->relays_all)
		return OFFLOAD_SIG_RELAY;
	switch (action->handler) {
	case SIG_DFL:
		return OFFLOAD_SIG_DEFAULT;
	case SIG_IGN:
		return OFFLOAD_SIG_IGNORE;
	default:
		return OFFLOAD_SIG_RELAY;
	}
}

u32 signal_take_locked(struct signal_pending *pending, u64 set, struct signal_info *info,
		       struct signal_entry **free)
{
	struct signal_entry *entry;
	bool more = false;
	u32 sig;

	set &= pending->set;
	*free = NULL;
	if (!set)
		return 0;
	/* What the program itself caused comes first. */
	if (set & SIGNAL_SYNCHRONOUS)
		set &= SIGNAL_SYNCHRONOUS;
	sig = (u32)__builtin_ctzll(set) + 1;
	list_for_each(entry, &pending->queue, link) {
		if (entry->info.signo != (s32)sig)
			continue;
		if (*free) {
			more = true;
			break;
		}
		*free = entry;
	}
	ASSERT(*free);
	list_del(&(*free)->link);
	if (!more)
		pending->set &= ~SIGNAL_MASK(sig);
	*info = (*free)->info;
	return sig;
}

u32 signal_wait_take(u64 set, struct signal_info *info)
{
	struct task *task = task_current();
	struct signal_entry *entry;
	u64 irq = spin_lock_irqsave(&task->process->lock);
	u32 sig = signal_take_locked(&task->pending, set, info, &entry);

	/* With the lock: a sender comes before the look, or sees that Linux is to have it. */
	if (!sig)
		task->awaits = set;
	spin_unlock_irqrestore(&task->process->lock, irq);
	kfree(entry);
	return sig;
}

void signal_wait_end(void)
{
	WRITE_ONCE(task_current()->awaits, 0);
}

static bool is_pending(struct task *task)
{
	/*
	 * Before the look at what was set before; partners are
	 * trace_interrupt_task() and signal_post().
	 */
	u64 interrupts = __atomic_load_n(&task->interrupts, __ATOMIC_SEQ_CST);
	u64 irq = spin_lock_irqsave(&task->process->lock);
	bool any = (task->pending.set & ~task->blocked) || READ_ONCE(task->trap) ||
		   READ_ONCE(task->trace_kill);

	task->interrupts_seen = interrupts;
	task->relayed_seen = task->relayed;
	spin_unlock_irqrestore(&task->process->lock, irq);
	return any;
}

bool signal_is_pending(void)
{
	return is_pending(task_current());
}

bool signal_deliverable(void)
{
	struct task *task = task_current();
	/* The other order would miss what comes between. */
	bool any = is_pending(task);

	return any || READ_ONCE(task->poked);
}

int signal_sleep(bool (*over)(void *ctx), void *ctx, u64 deadline_ns)
{
	struct process *process = task_current()->process;
	int err = 0;

	for (;;) {
		thread_prepare_wait();
		if (over(ctx) || time_ns() >= deadline_ns)
			break;
		if (signal_deliverable() || process_is_gone(process)) {
			err = -EINTR;
			break;
		}
		thread_wait(deadline_ns);
	}
	thread_finish_wait();
	return err;
}

void signal_wait_while(struct task *task, bool (*stopped)(struct task *task))
{
	for (;;) {
		thread_prepare_wait();
		if (!stopped(task))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
}

static void tell_mask(void)
{
	const u64 args[6] = { SIG_SETMASK, 0, 0, sizeof(u64) };

	(void)offload_insist(SYSCALL_rt_sigprocmask, args);
}

void signal_tell_mask(struct task *task)
{
	u64 irq = spin_lock_irqsave(&task->process->lock);
	u64 held = (task->twin_blocked | task->returned) & ~task->blocked;

	task->returned &= task->blocked;
	spin_unlock_irqrestore(&task->process->lock, irq);
	if (held)
		tell_mask();
}

/* Return: false: there is one to take first, and nothing has changed. */
static bool block_unless_pending(struct task *task, u64 mask)
{
	u64 irq = spin_lock_irqsave(&task->process->lock);
	bool none = !(task->pending.set & mask & ~task->blocked);

	if (none)
		WRITE_ONCE(task->blocked, mask);
	spin_unlock_irqrestore(&task->process->lock, irq);
	return none;
}

/* Whether Linux itself would act on one of @set: end or stop the program, or forget the signal. */
static bool is_linux_to_act(struct process *process, u64 set)
{
	struct signal_action action;

	for (; set; set &= set - 1) {
		action = process_action(process, (u32)__builtin_ctzll(set) + 1);
		if (signal_disposition(&action) != OFFLOAD_SIG_RELAY)
			return true;
	}
	return false;
}

/*
 * Whether the twin has to block it before the program goes on. What nobody but this thread takes,
 * by a handler, may be passed on meanwhile, and is pending here then.
 */
static bool is_to_tell(const struct task *task, u64 mask)
{
	const u64 added = mask & ~task->twin_blocked;

	return READ_ONCE(task->process->nlive) > 1 ? added : is_linux_to_act(task->process, added);
}

static int change_blocked(u64 mask, bool tell)
{
	struct task *task = task_current();
	const u64 old = task->blocked;

	if (tell) {
		WRITE_ONCE(task->blocked, mask);
		tell_mask();
		WRITE_ONCE(task->blocked, old);
		/* What the twin took until then came before the call. */
		if (signal_deliverable())
			return -ERESTARTNOINTR;
	}
	perturb_point();
	/* So did what other threads have sent; what they send from now on Linux holds back. */
	if (!block_unless_pending(task, mask))
		return -ERESTARTNOINTR;
	signal_set_blocked(mask);
	return 0;
}

int signal_change_blocked(u64 mask)
{
	mask &= ~SIGNAL_UNBLOCKABLE;
	/* All is a moment's matter of the C library's; a program's own sets do not look like it. */
	return change_blocked(mask, mask != SIGNAL_BLOCKABLE && is_to_tell(task_current(), mask));
}

int signal_block_all(void)
{
	const struct task *task = task_current();
	const bool tell = READ_ONCE(task->process->nlive) > 1 &&
			  (SIGNAL_BLOCKABLE & ~task->twin_blocked);

	return change_blocked(SIGNAL_BLOCKABLE, tell);
}

void signal_set_blocked(u64 mask)
{
	struct task *task = task_current();

	WRITE_ONCE(task->blocked, mask & ~SIGNAL_UNBLOCKABLE);
	signal_tell_mask(task);
	if (signal_deliverable())
		thread_notify(&task->thread);
}

void signal_swap_blocked(u64 mask)
{
	struct task *task = task_current();

	ASSERT(!task->restore_blocked);
	task->saved_blocked = task->blocked;
	WRITE_ONCE(task->restore_blocked, true);
	__atomic_store_n(&task->blocked, mask & ~SIGNAL_UNBLOCKABLE, __ATOMIC_RELEASE);
}

void signal_unswap_blocked(void)
{
	struct task *task = task_current();

	task->restore_blocked = false;
	signal_set_blocked(task->saved_blocked);
}

u64 signal_child_flags(const struct signal_action *action)
{
	u64 flags = action->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT);

	return action->handler == SIG_IGN ? flags | SA_NOCLDWAIT : flags;
}

int signal_tell_proxy(u32 sig)
{
	struct process *process = task_current()->process;
	struct signal_action action;
	u64 flags;
	s64 ret;

	mutex_lock(&process->telling);
	/* Another thread may have changed it since. */
	action = process_action(process, sig);
	flags = action.flags;
	if (sig == SIGCHLD)
		flags |= signal_child_flags(&action);
	/* Whether a call that a signal interrupts starts again is decided when it is taken. */
	if (process->relays_all)
		flags |= SA_RESTART;
	ret = offload_request3(OFFLOAD_NR_SIGACTION, sig, signal_disposition(&action), flags);
	mutex_unlock(&process->telling);
	return (int)ret;
}

static bool proxy_cares(const struct signal_action *old, const struct signal_action *new)
{
	return signal_disposition(old) != signal_disposition(new) ||
	       ((old->flags ^ new->flags) & FLAGS_OF_PROXY);
}

static bool discards(u32 sig, const struct signal_action *action)
{
	/* A tracer is to see it. */
	if (task_current()->process->relays_all)
		return false;
	return action->handler == SIG_IGN ||
	       (action->handler == SIG_DFL && (SIGNAL_DEFAULT_IGNORE & SIGNAL_MASK(sig)));
}

/* What is pending of an ignored signal is forgotten, for all threads. */
static void discard(struct process *process, u32 sig)
{
	struct signal_entry *entry;
	struct signal_info info;
	struct task *task;
	u64 irq;

	do {
		entry = NULL;
		irq = spin_lock_irqsave(&process->lock);
		list_for_each(task, &process->tasks, link) {
			if (signal_take_locked(&task->pending, SIGNAL_MASK(sig), &info, &entry))
				break;
		}
		spin_unlock_irqrestore(&process->lock, irq);
		kfree(entry);
	} while (entry);
}

int signal_action(u32 sig, const struct signal_action *new, struct signal_action *old)
{
	struct process *process = task_current()->process;
	struct signal_action *action;
	struct signal_action before, after;
	u64 irq;

	if (sig < 1 || sig > SIGNAL_COUNT || (new && (SIGNAL_UNBLOCKABLE & SIGNAL_MASK(sig))))
		return -EINVAL;
	action = &process->handlers->actions[sig - 1];
	irq = spin_lock_irqsave(&process->handlers->lock);
	before = *action;
	if (new) {
		*action = *new;
		action->flags &= FLAGS_KNOWN;
		action->mask &= ~SIGNAL_UNBLOCKABLE;
	}
	after = *action;
	spin_unlock_irqrestore(&process->handlers->lock, irq);
	if (old)
		*old = before;
	if (!new)
		return 0;
	if (discards(sig, &after))
		discard(process, sig);
	return proxy_cares(&before, &after) ? signal_tell_proxy(sig) : 0;
}

static u32 altstack_state(const struct signal_altstack *stack, u64 sp)
{
	if (!stack->len)
		return SS_DISABLE;
	return signal_on_altstack(stack, sp) ? SS_ONSTACK : 0;
}

int signal_altstack(const struct signal_altstack *new, struct signal_altstack *old, u64 sp)
{
	struct signal_altstack *stack = &task_current()->altstack;
	u32 mode;

	if (old) {
		*old = (struct signal_altstack){
			.sp = stack->sp,
			.flags = altstack_state(stack, sp) | (stack->flags & SS_AUTODISARM),
			.len = stack->len,
		};
	}
	if (!new)
		return 0;
	if (signal_on_altstack(stack, sp))
		return -EPERM;
	mode = new->flags & ~SS_AUTODISARM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode)
		return -EINVAL;
	if (mode != SS_DISABLE && new->len < ALTSTACK_MIN)
		return -ENOMEM;
	*stack = (struct signal_altstack){ .flags = new->flags };
	if (mode != SS_DISABLE) {
		stack->sp = new->sp;
		stack->len = new->len;
	}
	return 0;
}

/* STOP_THREAD and CONT_THREAD. */
static int set_stopped(struct task *task, void *ctx)
{
	u64 irq = spin_lock_irqsave(&task->process->lock);

	task->stopped = *(const bool *)ctx;
	spin_unlock_irqrestore(&task->process->lock, irq);
	thread_notify(&task->thread);
	thread_wake(&task->thread);
	return 0;
}

void signal_stop(const struct msg_thread *msg, bool stop)
{
	/* A traced thread that was stopped before it was traced hears of the end. */
	if (!task_with(msg->pid, msg->tid, set_stopped, &stop) && !stop)
		trace_continued(msg->pid);
}
