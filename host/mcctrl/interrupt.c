// SPDX-License-Identifier: GPL-2.0-only
/*
 * Having a twin give up its call; see interrupt.h.
 */
#include "interrupt.h"

#include <linux/kref.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>

#include "proxy.h"

/* Linux's, which user space never sees and its headers do not have for us. */
#define LINUX_ERESTARTSYS 512
#define LINUX_ERESTARTNOINTR 513
#define LINUX_ERESTARTNOHAND 514
#define LINUX_ERESTART_RESTARTBLOCK 516

/**
 * struct interrupt - see interrupt.h
 * @ref:	the twin's, and that of @work while it is queued
 * @rcu:	frees it: it is found by messages
 * @task:	the twin's thread
 * @exec_id:	of @task: in another program nothing here is true
 * @site:	where calls are made
 * @work:	looks at the call, in the twin's thread
 * @queued:	bit 0: @work is
 * @seq:	number of the last INTERRUPT
 *
 * The twin alone:
 * @seen:	of those, what the LWK thread had heard of when it made the request at hand
 * @wait:	user address of the request
 */
struct interrupt {
	struct kref ref;
	struct rcu_head rcu;
	struct task_struct *task;
	u64 exec_id;
	struct call_site site;
	struct callback_head work;
	unsigned long queued;
	atomic64_t seq;

	u64 seen;
	struct mcctrl_wait __user *wait;
};

static void interrupt_free(struct kref *ref)
{
	struct interrupt *interrupt = container_of(ref, struct interrupt, ref);

	put_task_struct(interrupt->task);
	kfree_rcu(interrupt, rcu);
}

static void work_put(struct interrupt *interrupt)
{
	kref_put(&interrupt->ref, interrupt_free);
	module_put(THIS_MODULE);
}

static bool would_restart(const struct pt_regs *regs)
{
	switch ((long)regs->ax) {
	case -LINUX_ERESTARTSYS:
	case -LINUX_ERESTARTNOINTR:
	case -LINUX_ERESTARTNOHAND:
	case -LINUX_ERESTART_RESTARTBLOCK:
		return (long)regs->orig_ax >= 0;
	default:
		return false;
	}
}

static void interrupt_work(struct callback_head *work)
{
	struct interrupt *interrupt = container_of(work, struct interrupt, work);
	const struct call_site *site = &interrupt->site;
	struct pt_regs *regs = current_pt_regs();

	/* Before the look at @seq: one that comes now has the work queued again. */
	clear_bit(0, &interrupt->queued);
	smp_mb__after_atomic();
	if ((current->flags & PF_EXITING) || current->self_exec_id != interrupt->exec_id ||
	    (u64)atomic64_read(&interrupt->seq) <= interrupt->seen || !interrupt->wait)
		goto put;
	if (regs->ip >= site->look && regs->ip < site->made)
		regs->ip = site->abort;
	else if (regs->ip == site->made && would_restart(regs))
		regs->orig_ax = -1; /* Linux leaves it, and the number in AX is the answer */
	else if (regs->ip != site->made)
		(void)put_user(1, &interrupt->wait->interrupted);
put:
	work_put(interrupt);
}

void interrupt_exit(void)
{
	/* The last work has given the module back, but may not have returned. */
	synchronize_rcu_tasks();
}

struct interrupt *interrupt_create(const struct proxy *proxy)
{
	struct interrupt *interrupt = kzalloc(sizeof(*interrupt), GFP_KERNEL_ACCOUNT);

	if (!interrupt)
		return NULL;
	kref_init(&interrupt->ref);
	interrupt->task = get_task_struct(current);
	interrupt->exec_id = current->self_exec_id;
	interrupt->site = proxy->space->site;
	init_task_work(&interrupt->work, interrupt_work);
	return interrupt;
}

void interrupt_destroy(struct interrupt *interrupt)
{
	kref_put(&interrupt->ref, interrupt_free);
}

void interrupt_request(struct interrupt *interrupt, u64 seq)
{
	u64 old = atomic64_read(&interrupt->seq);

	/* They may overtake each other on the way from different CPUs. */
	while (seq > old && !atomic64_try_cmpxchg(&interrupt->seq, (s64 *)&old, seq))
		continue;
	if (!kref_get_unless_zero(&interrupt->ref))
		return;
	/* A module that goes has no twins: this is one that has just been forgotten. */
	if (test_and_set_bit(0, &interrupt->queued) || !try_module_get(THIS_MODULE)) {
		kref_put(&interrupt->ref, interrupt_free);
		return;
	}
	/* If not, it is ending. */
	if (task_work_add(interrupt->task, &interrupt->work, TWA_SIGNAL))
		work_put(interrupt);
}

bool interrupt_begin(struct interrupt *interrupt, u64 seen, struct mcctrl_wait __user *wait)
{
	interrupt->seen = seen;
	interrupt->wait = wait;
	return (u64)atomic64_read(&interrupt->seq) > seen;
}
