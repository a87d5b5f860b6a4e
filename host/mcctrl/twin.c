// SPDX-License-Identifier: GPL-2.0-only
/*
 * Twins: threads of Linux that wait for the system calls of LWK threads.
 *
 * The slot is a page of the LWK's memory, reached through Linux's direct map. Nobody may
 * touch it when the memory has changed hands: therefore all accesses are inside
 * slot_srcu and look first whether the LWK is dead, whose death waits for them. What is read
 * there is copied once and then judged.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/srcu.h>
#include <linux/time_namespace.h>
#include <linux/timex.h>
#include <linux/uaccess.h>

#include "check.h"
#include "hold.h"
#include "interrupt.h"
#include "proxy.h"
#include "robust.h"
#include "small.h"
#include "spare.h"
#include "trace.h"
#include "twin.h"
#include "usage.h"

/* Polling the slot before sleeping: enough for what an LWK thread does between two calls. */
#define POLL_US 20

DEFINE_STATIC_SRCU(slot_srcu);

/* The slot, if it may be touched: inside slot_srcu, and the LWK lives. */
static struct offload_slot *slot_of(const struct twin *twin)
{
	return peer_is_dead(twin->proxy->peer) ? NULL : twin->slot;
}

void twin_tell_caps(const struct twin *twin)
{
	int idx = srcu_read_lock(&slot_srcu);
	struct offload_slot *slot = slot_of(twin);

	if (slot)
		WRITE_ONCE(slot->caps, proxy_caps());
	srcu_read_unlock(&slot_srcu, idx);
}

void twin_stop_all(struct peer *peer)
{
	unsigned long tid;
	struct twin *twin;

	rcu_read_lock();
	xa_for_each(&peer->twins, tid, twin)
		wake_up_all(&twin->wait);
	rcu_read_unlock();
	synchronize_srcu(&slot_srcu);
}

bool twin_lose_all(struct proxy *proxy)
{
	struct peer *peer = proxy->peer;
	bool all = false;
	unsigned long tid;
	struct twin *twin;

	rcu_read_lock();
	xa_for_each(&peer->twins, tid, twin) {
		if (twin->proxy != proxy)
			continue;
		all = atomic_cmpxchg(&twin->place, TWIN_WAITING, TWIN_LOST) == TWIN_WAITING;
		if (!all)
			break;
	}
	rcu_read_unlock();
	return all;
}

/*
 * Slot. Sequentially consistent where two flags cross: each side stores its own and then
 * loads the other's, see abi/offload.h.
 */

static bool answer_write(struct offload_slot *slot, s64 ret, const struct loan *loan)
{
	if (loan) {
		WRITE_ONCE(slot->loan_seq, loan->seq);
		WRITE_ONCE(slot->loan_start, loan->start);
		memcpy(slot->loan, loan->frames, loan->npages * sizeof(loan->frames[0]));
	}
	WRITE_ONCE(slot->ret, ret);
	WRITE_ONCE(slot->caps, proxy_caps());
	smp_store_mb(slot->state, OFFLOAD_DONE);
	return READ_ONCE(slot->lwk_wait) == OFFLOAD_ASLEEP;
}

static int send(struct twin *twin, u32 msg)
{
	return twin_send(twin->proxy, twin->tid, msg);
}

/* Gives the answer. */
int twin_answer(struct twin *twin, s64 ret, const struct loan *loan)
{
	struct offload_slot *slot;
	bool asleep = false;
	int idx;

	twin->serving = false;
	idx = srcu_read_lock(&slot_srcu);
	slot = slot_of(twin);
	if (unlikely(twin->small.mark) && slot && ret >= 0)
		small_write(&twin->small, slot);
	if (slot)
		asleep = answer_write(slot, ret, loan);
	srcu_read_unlock(&slot_srcu, idx);
	return asleep ? send(twin, IKC_MSG_WAKE_UP_SYSCALL_THREAD) : 0;
}

bool twin_answer_thread(struct twin *twin, s64 ret)
{
	struct offload_slot *slot;
	bool asleep = false;
	bool asks = false;
	int idx;

	lockdep_assert_held(&twin->proxy->lock);
	idx = srcu_read_lock(&slot_srcu);
	slot = slot_of(twin);
	if (slot)
		asleep = answer_write(slot, ret, NULL);
	/* Until now it took no request: one that came meanwhile may not have woken it for good. */
	smp_store_mb(twin->child_slot, 0);
	if (slot)
		asks = READ_ONCE(slot->state) == OFFLOAD_REQUEST;
	srcu_read_unlock(&slot_srcu, idx);
	if (asks)
		wake_up_all(&twin->wait);
	return asleep;
}

/* Copies the request out. The state was seen to be OFFLOAD_REQUEST. */
static void request_copy(const struct offload_slot *slot, struct mcctrl_wait *wait)
{
	u32 i;

	wait->nr = READ_ONCE(slot->nr);
	for (i = 0; i < ARRAY_SIZE(wait->args); i++)
		wait->args[i] = READ_ONCE(slot->args[i]);
	wait->sigmask = READ_ONCE(slot->sigmask);
	wait->path = READ_ONCE(slot->path);
}

/* Returns 0 for a request, copied to @wait; -EAGAIN when there is none; -EPIPE, -EPROTO. */
static int slot_look(struct twin *twin, struct mcctrl_wait *wait)
{
	struct offload_slot *slot;
	int err = -EPIPE;
	u32 state;
	int idx;

	idx = srcu_read_lock(&slot_srcu);
	slot = slot_of(twin);
	if (!slot)
		goto unlock;
	/* The request before is yet to be answered; acquire: pairs with twin_answer_thread(). */
	err = -EAGAIN;
	if (smp_load_acquire(&twin->child_slot))
		goto unlock;
	/* Acquire: pairs with the LWK's store, before which it has filled in the rest. */
	state = smp_load_acquire(&slot->state);
	if (state == OFFLOAD_REQUEST) {
		request_copy(slot, wait);
		twin->signals_seen = READ_ONCE(slot->signals);
		twin->interrupts_seen = READ_ONCE(slot->interrupts);
		if (usage_is_new(&twin->used, slot))
			usage_take(&twin->used, slot);
		twin->small.mark = READ_ONCE(slot->small);
		err = unlikely(twin->small.mark) ? small_read(&twin->small, slot) : 0;
	} else {
		err = state <= OFFLOAD_DONE ? -EAGAIN : -EPROTO;
	}
unlock:
	srcu_read_unlock(&slot_srcu, idx);
	return err;
}

static void slot_say(struct twin *twin, u32 how)
{
	struct offload_slot *slot;
	int idx;

	idx = srcu_read_lock(&slot_srcu);
	slot = slot_of(twin);
	if (slot)
		smp_store_mb(slot->twin_wait, how);
	srcu_read_unlock(&slot_srcu, idx);
}

/* Does the LWK thread wait for a call? */
static bool slot_asks(struct twin *twin)
{
	struct offload_slot *slot;
	bool asks = false;
	int idx;

	idx = srcu_read_lock(&slot_srcu);
	slot = slot_of(twin);
	if (slot)
		asks = READ_ONCE(slot->state) == OFFLOAD_REQUEST;
	srcu_read_unlock(&slot_srcu, idx);
	return asks;
}

u64 twin_robust_list(struct proxy *proxy)
{
	struct twin *twin = twin_current(proxy);
	struct offload_slot *slot;
	u64 list = 0;
	int idx;

	idx = srcu_read_lock(&slot_srcu);
	slot = twin ? slot_of(twin) : NULL;
	if (slot)
		list = READ_ONCE(slot->robust_list);
	srcu_read_unlock(&slot_srcu, idx);
	return list;
}

bool twin_count_signal(struct proxy *proxy, bool again)
{
	struct twin *twin = twin_current(proxy);

	if (!twin)
		return false;
	twin->signals++;
	return again && hold_relayed(twin->hold, slot_asks(twin));
}

void twin_note_blocked(struct proxy *proxy, s32 sig)
{
	struct twin *twin = twin_current(proxy);

	if (twin && valid_signal(sig) && sig)
		hold_blocked(twin->hold, 1ULL << (sig - 1));
}

/*
 * Waiting
 */

/* As slot_look(), for a bounded time. */
static int twin_poll(struct twin *twin, struct mcctrl_wait *wait)
{
	cycles_t begin = get_cycles();
	int err;

	do {
		err = slot_look(twin, wait);
		if (err != -EAGAIN)
			return err;
		cpu_relax();
	} while (!need_resched() && !signal_pending(current) &&
		 get_cycles() - begin < POLL_US * (cycles_t)tsc_khz / 1000);
	return err;
}

static int twin_sleep(struct twin *twin, struct mcctrl_wait *wait)
{
	int interrupted;
	int err;

	slot_say(twin, OFFLOAD_ASLEEP);
	interrupted = wait_event_interruptible(twin->wait,
					       (err = slot_look(twin, wait)) != -EAGAIN);
	slot_say(twin, OFFLOAD_AWAKE);
	return interrupted ? -EINTR : err;
}

/* Waits for a request that makes sense. */
static int twin_take(struct twin *twin, struct mcctrl_wait *wait)
{
	int err;

	err = twin_poll(twin, wait);
	if (err == -EAGAIN)
		err = twin_sleep(twin, wait);
	if (!err)
		err = check_request(wait);
	if (!err && wait->nr == OFFLOAD_NR_THREAD)
		err = twin_child_begin(twin, wait);
	if (err == -EPROTO) {
		pr_warn_ratelimited("mcos%d: the slot of thread %u of process %u holds nonsense\n",
				    ihk_os_index(twin->proxy->peer->ihk), twin->tid,
				    twin->proxy->pid);
		send_sig(SIGKILL, current, 1);
	}
	twin->serving = !err;
	twin->nr = wait->nr;
	return err;
}

/*
 * What mcctrl serves itself
 */

static int serve_fault(struct twin *twin, const struct mcctrl_wait *wait)
{
	struct loan loan;
	int ret;

	ret = lend_serve(twin->proxy->space, wait->args, &loan);
	return twin_answer(twin, ret, ret < 0 ? NULL : &loan);
}

static s64 serve_time(u64 nr)
{
	struct timespec64 offset = {};

	if (nr == OFFLOAD_NR_REALTIME)
		return ktime_get_real_ns();
	timens_add_monotonic(&offset);
	return OFFLOAD_TIME_BIAS + timespec64_to_ns(&offset);
}

/*
 * What the LWK thread blocks is all that there is to say. Returns whether it was answered here:
 * signals that the twin has by then, or holds back, come before the answer.
 */
static bool serve_mask(struct twin *twin, const struct mcctrl_wait *wait, int *err)
{
	if (hold_taken(twin->hold, wait->sigmask) || signal_pending(current))
		return false;
	*err = twin_answer(twin, 0, NULL);
	hold_done(twin->hold);
	return true;
}

/* Likewise. */
static bool serve_thread(struct twin *twin, const struct mcctrl_wait *wait, int *err)
{
	if (!spares_any(twin->proxy) || hold_taken(twin->hold, wait->sigmask) ||
	    signal_pending(current) || !spare_take(twin, wait->args, err))
		return false;
	hold_done(twin->hold);
	return true;
}

/* Returns whether the request was answered here. */
static bool serve_here(struct twin *twin, const struct mcctrl_wait *wait, bool interrupted,
		       int *err)
{
	switch (wait->nr) {
	case OFFLOAD_NR_FAULT:
		*err = serve_fault(twin, wait);
		return true;
	case OFFLOAD_NR_REALTIME:
	case OFFLOAD_NR_TIME_OFFSET:
		*err = twin_answer(twin, serve_time(wait->nr), NULL);
		/* The LWK is about to wait, without a call that would end the hold. */
		hold_done(twin->hold);
		return true;
	case OFFLOAD_NR_TRACE_MAY:
		*err = twin_answer(twin, trace_may(twin->proxy->peer, wait->args), NULL);
		/* Linux closes the files on the way to user space; they must not pile up. */
		*err = *err ? : -EINTR;
		return true;
	case OFFLOAD_NR_THREAD:
		return serve_thread(twin, wait, err);
	case OFFLOAD_NR_ENDED:
		proxy_wait_ended(twin->proxy->peer);
		*err = twin_answer(twin, 0, NULL);
		return true;
	case __NR_exit:
	case __NR_exit_group:
		return false;
	default:
		if (wait->nr >= OFFLOAD_NR_FAULT)
			return false;
		/* A signal came before the call: its handler comes first. */
		if (twin->signals_seen >= twin->signals && !interrupted)
			return wait->nr == __NR_rt_sigprocmask && serve_mask(twin, wait, err);
		*err = twin_answer(twin, OFFLOAD_RET_RESTART, NULL);
		return true;
	}
}

/* Waits for a request that mcexec has to serve. */
static int twin_serve(struct twin *twin, struct mcctrl_wait *wait)
{
	bool interrupted;
	int err;

	for (;;) {
		err = twin_take(twin, wait);
		if (err)
			return err;
		interrupted = interrupt_begin(twin->interrupt, twin->interrupts_seen,
					      twin->asked_at);
		if (!serve_here(twin, wait, interrupted, &err) || err)
			return err;
		/* To one that is killed all may fail, and be asked of it again and again. */
		if (fatal_signal_pending(current))
			return -EINTR;
	}
}

/* Stops of Linux's job control hold the LWK thread too, which runs meanwhile. */
void twin_tell_stop(struct twin *twin)
{
	if (signal_stop_pending() && !send(twin, IKC_MSG_STOP_THREAD))
		twin->stopped = true;
}

static void twin_tell_cont(struct twin *twin)
{
	if (twin->stopped && !send(twin, IKC_MSG_CONT_THREAD))
		twin->stopped = false;
}

/* Gives the answer, unless it is another's to give. */
static int answer_or_not(struct twin *twin, const struct mcctrl_wait *wait)
{
	s64 ret = wait->ret;

	if (twin->nr == OFFLOAD_NR_THREAD) {
		twin->serving = false;
		if (!twin_child_end(twin, wait->flags & MCCTRL_WAIT_LATER, &ret))
			return 0;
	}
	if (twin->nr == __NR_mmap && ret > 0)
		ret |= lend_kind(current->mm, ret);
	return twin_answer(twin, ret, NULL);
}

static int twin_run(struct twin *twin, struct mcctrl_wait *wait)
{
	bool answered = wait->flags & (MCCTRL_WAIT_ANSWER | MCCTRL_WAIT_LATER);
	int err = 0;

	twin_tell_cont(twin);
	if (answered)
		err = answer_or_not(twin, wait);
	if (answered && wait->ret != OFFLOAD_RET_RESTART)
		hold_done(twin->hold);
	else
		hold_begin(twin->hold);
	if (!err)
		err = twin_serve(twin, wait);
	if (!err)
		wait->flags = hold_taken(twin->hold, wait->sigmask) ? MCCTRL_WAIT_HELD :
								      MCCTRL_WAIT_MASKED;
	if (err == -EINTR)
		twin_tell_stop(twin);
	return err;
}

/*
 * The thread goes back to mcexec. If the LWK has died meanwhile, proxy_die() either found it away,
 * and has it killed, or waiting, and then it must not go to serve anything.
 */
static int twin_leave(struct twin *twin, int err)
{
	if (err && err != -EINTR)
		return err;
	if (atomic_cmpxchg(&twin->place, TWIN_WAITING, TWIN_AWAY) == TWIN_WAITING)
		return err;
	return -EPIPE;
}

/* Waits, and finds the LWK dead or not. */
static int twin_visit(struct twin *twin, struct mcctrl_wait *wait)
{
	int err;

	atomic_cmpxchg(&twin->place, TWIN_AWAY, TWIN_WAITING);
	err = twin_leave(twin, twin_run(twin, wait));
	/* It would not come to say so. */
	if (err == -EPIPE && signal_stop_pending())
		send_sig(SIGKILL, current, 1);
	return err;
}

/* Each request has one answer, and none but OFFLOAD_NR_THREAD is another's to give. */
static bool flags_ok(const struct twin *twin, u32 flags)
{
	if (flags == MCCTRL_WAIT_LATER)
		return twin->serving && twin->nr == OFFLOAD_NR_THREAD;
	return flags == (twin->serving ? MCCTRL_WAIT_ANSWER : 0);
}

long twin_wait(struct proxy *proxy, struct mcctrl_wait __user *arg)
{
	struct twin *twin = twin_current(proxy);
	struct mcctrl_wait wait;
	int err;

	if (!twin || READ_ONCE(proxy->state) != PROXY_STARTED)
		return -EINVAL;
	if (copy_from_user(&wait, arg, sizeof(wait)))
		return -EFAULT;
	if (!flags_ok(twin, wait.flags))
		return -EINVAL;
	twin->asked_at = arg;
	if (unlikely(twin->small.mark) && twin->serving && small_fetch(&twin->small, arg, wait.ret))
		return -EFAULT;
	err = twin_visit(twin, &wait);
	robust_leave(proxy, !twin->serving);
	if (!err && unlikely(twin->small.mark))
		err = small_give(&twin->small, arg, &wait);
	if (!err && copy_to_user(arg, &wait, sizeof(wait)))
		err = -EFAULT;
	return err;
}
