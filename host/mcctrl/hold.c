// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holding signals back from a twin, so that it comes to make the calls of its LWK thread.
 */
#include "hold.h"

#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/timer.h>

/* Signals in a row that are passed on at once, and the pause that ends a row. */
#define HOLD_AFTER 2
#define HOLD_ROW (HZ / 10)
/* How long a call is left in peace; doubled each time that the twin did not even come to it. */
#define HOLD_TIME (HZ / 100 + 1)
#define HOLD_MAX_SHIFT 6

/**
 * struct hold - see hold.h
 * @ref:	the twin's, and that of @work while it is queued
 * @task:	the twin's thread
 * @timer:	the end of the hold
 * @work:	ends it in the twin's thread, whose system call it interrupts for that
 * @queued:	@work is
 * @on:		signals are held; the twin writes
 * @mask:	what is blocked otherwise; the twin writes
 *
 * The twin alone:
 * @mask_known:	there was a request, with a mask
 * @taken:	the request was taken
 * @relayed:	signals in a row, since the last call
 * @last:	when the last one came
 * @shift:	of HOLD_TIME
 */
struct hold {
	struct kref ref;
	struct task_struct *task;
	struct timer_list timer;
	struct callback_head work;
	bool queued;
	bool on;
	u64 mask;

	bool mask_known;
	bool taken;
	unsigned int relayed;
	unsigned long last;
	unsigned int shift;
};

static void hold_free(struct kref *ref)
{
	struct hold *hold = container_of(ref, struct hold, ref);

	put_task_struct(hold->task);
	kfree(hold);
}

/* Is there a signal that the program wants? Without lock: the timer looks again. */
static bool hold_pending(const struct hold *hold)
{
	const struct task_struct *task = hold->task;

	return (READ_ONCE(task->pending.signal.sig[0]) |
		READ_ONCE(task->signal->shared_pending.signal.sig[0])) & ~READ_ONCE(hold->mask);
}

static void restore_mask(const struct hold *hold)
{
	sigset_t mask = { .sig = { hold->mask } };

	sigdelsetmask(&mask, sigmask(SIGKILL) | sigmask(SIGSTOP));
	/* In a call with a mask of its own, which goes on or is about to end. */
	if (test_restore_sigmask())
		current->saved_sigmask = mask;
	else if (!sigequalsets(&mask, &current->blocked))
		sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void hold_work(struct callback_head *work)
{
	struct hold *hold = container_of(work, struct hold, work);

	WRITE_ONCE(hold->queued, false);
	if (hold->on) {
		/* A call that was begun and sleeps is to hear of the next ones at once. */
		if (hold->taken)
			hold->relayed = 0;
		else if (hold->shift < HOLD_MAX_SHIFT)
			hold->shift++;
		WRITE_ONCE(hold->on, false);
		restore_mask(hold);
	}
	kref_put(&hold->ref, hold_free);
	module_put(THIS_MODULE);
}

/* Nothing is interrupted unless there is a signal: no call may end with EINTR without one. */
static void hold_timer(struct timer_list *timer)
{
	struct hold *hold = container_of(timer, struct hold, timer);

	if (!READ_ONCE(hold->on) || READ_ONCE(hold->queued))
		return;
	if (!hold_pending(hold)) {
		mod_timer(timer, jiffies + HOLD_TIME);
		return;
	}
	WRITE_ONCE(hold->queued, true);
	kref_get(&hold->ref);
	__module_get(THIS_MODULE);
	if (!task_work_add(hold->task, &hold->work, TWA_SIGNAL))
		return;
	/* It is ending. The timer's owner still has its reference. */
	kref_put(&hold->ref, hold_free);
	module_put(THIS_MODULE);
}

struct hold *hold_create(void)
{
	struct hold *hold = kzalloc(sizeof(*hold), GFP_KERNEL_ACCOUNT);

	if (!hold)
		return NULL;
	kref_init(&hold->ref);
	hold->task = get_task_struct(current);
	timer_setup(&hold->timer, hold_timer, 0);
	init_task_work(&hold->work, hold_work);
	return hold;
}

void hold_destroy(struct hold *hold)
{
	timer_shutdown_sync(&hold->timer);
	kref_put(&hold->ref, hold_free);
}

bool hold_relayed(struct hold *hold, bool asked)
{
	if (!asked || !hold->mask_known)
		return false;
	if (time_after(jiffies, hold->last + HOLD_ROW))
		hold->relayed = 0;
	hold->last = jiffies;
	return ++hold->relayed > HOLD_AFTER;
}

void hold_blocked(struct hold *hold, u64 mask)
{
	WRITE_ONCE(hold->mask, hold->mask | mask);
}

static bool hold_blocks(const struct hold *hold)
{
	return hold->mask_known && current->blocked.sig[0] & ~hold->mask;
}

void hold_begin(struct hold *hold)
{
	bool on = hold_blocks(hold);

	if (on == hold->on)
		return;
	hold->taken = false;
	WRITE_ONCE(hold->on, on);
	if (on)
		mod_timer(&hold->timer, jiffies + (HOLD_TIME << hold->shift));
}

bool hold_taken(struct hold *hold, u64 mask)
{
	WRITE_ONCE(hold->mask, mask);
	hold->mask_known = true;
	hold->taken = true;
	if (hold->on && hold_pending(hold)) {
		/* Its time begins now. */
		mod_timer(&hold->timer, jiffies + HOLD_TIME);
		return true;
	}
	WRITE_ONCE(hold->on, false);
	restore_mask(hold);
	return false;
}

void hold_done(struct hold *hold)
{
	WRITE_ONCE(hold->on, false);
	hold->relayed = 0;
	hold->shift = 0;
	if (hold_blocks(hold))
		restore_mask(hold);
}
