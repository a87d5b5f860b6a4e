// SPDX-License-Identifier: GPL-2.0-only
/*
 * FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: from a plain futex to a PI futex. Who waits says
 * which; who moves it makes it wait for the owner there, or the owner itself.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/futex_internal.h"

/* Return: whether it is still where it began to wait, where it is not any more then. */
static bool leave_first(struct futex_waiter *waiter)
{
	u64 irq;
	struct futex_bucket *bucket = futex_lock_bucket_of(waiter, &irq);
	bool there = waiter->queued && !waiter->pi.state;

	if (there) {
		list_del(&waiter->link);
		waiter->queued = false;
	}
	spin_unlock_irqrestore(&bucket->lock, irq);
	return there;
}

s64 futex_wait_requeue_pi(const struct futex_key *key, u32 value, const struct futex_key *target,
			  u64 deadline)
{
	struct futex_waiter waiter = {
		.key = *key,
		.thread = thread_current(),
		.bits = FUTEX_ANY,
		.is_pi = true,
		.target = target,
		.pi.task = task_current(),
	};
	int interrupted;
	int err;

	if (futex_is_same(key, target))
		return -EINVAL;
	err = futex_enqueue(&waiter, value);
	if (err)
		return err;
	interrupted = signal_sleep(pi_is_granted, &waiter, deadline);
	if (leave_first(&waiter))
		return interrupted ? -ERESTARTNOINTR : -ETIMEDOUT;
	err = pi_finish(&waiter);
	/* The call cannot begin anew: the wake up has been used. */
	return err == -ETIMEDOUT && interrupted ? -EAGAIN : err;
}

struct move {
	const struct futex_requeue_args *args;
	struct futex_bucket *from;
	struct futex_bucket *to;
	struct pi_take take;
	int retry; /* PI_OWNER, PI_AGAIN, or 0 */
	s64 result;
};

static void move_locked(struct move *move, struct futex_waiter *waiter)
{
	list_del(&waiter->link);
	/* The same futex, at its own address. */
	waiter->key = *waiter->target;
	futex_enqueue_locked(move->to, waiter);
	waiter->pi.state = move->take.state;
	move->take.state->users++;
}

static int check_waiter(const struct move *move, const struct futex_waiter *waiter)
{
	if (!waiter->is_pi || waiter->pi.state ||
	    !futex_is_same(waiter->target, &move->args->to))
		return -EINVAL;
	return 0;
}

/* The others, after the first one has become the owner or there is one. */
static s64 move_others(struct move *move, u32 n)
{
	struct futex_waiter *waiter, *next;
	int err;

	list_for_each_safe(waiter, next, &move->from->waiters, link) {
		if (!futex_is_same(&waiter->key, &move->args->from))
			continue;
		if (n >= move->args->move + move->args->wake)
			break;
		err = check_waiter(move, waiter);
		if (!err)
			err = pi_wait_locked(move->take.state, &waiter->pi);
		if (err)
			return err;
		move_locked(move, waiter);
		n++;
	}
	return n;
}

/* The futex was nobody's: now it is the first one's, who stays in its bucket till it leaves. */
static void grant_locked(struct move *move, struct futex_waiter *first)
{
	move->take.state = move->take.spare;
	move->take.spare = NULL;
	pi_attach_locked(move->take.state, &move->args->to, first->pi.task);
	move_locked(move, first);
	/* Release: partner is pi_is_granted(). */
	__atomic_store_n(&first->pi.granted, true, __ATOMIC_RELEASE);
	thread_wake(first->thread);
}

static s64 requeue_locked(struct move *move)
{
	struct futex_waiter *first = futex_first_locked(move->from, &move->args->from);
	u32 found;
	int ret;

	if (user_peek_u32(move->args->from.addr, &found))
		return -EFAULT;
	if (found != move->args->value)
		return -EAGAIN;
	if (!first)
		return 0;
	ret = check_waiter(move, first);
	if (ret)
		return ret;
	move->take.task = first->pi.task;
	ret = pi_take_locked(move->to, &move->take);
	switch (ret) {
	case PI_TAKEN:
		grant_locked(move, first);
		return move_others(move, 1);
	case PI_WAIT:
		return move_others(move, 0);
	case PI_OWNER:
	case PI_AGAIN:
		move->retry = ret;
		return 0;
	default:
		return ret;
	}
}

static void try_to_move(struct move *move, struct task *owner)
{
	u64 irq = futex_lock_both(move->from, move->to);

	pi_lock();
	move->take.owner = owner;
	move->retry = 0;
	move->result = requeue_locked(move);
	pi_drop_locked(&move->take);
	pi_unlock();
	futex_unlock_both(move->from, move->to, irq);
}

static int try_with_owner(struct task *owner, void *ctx)
{
	try_to_move(ctx, owner);
	return 0;
}

static int fault_in_both(const struct futex_requeue_args *args)
{
	u32 word;

	if (copy_from_user(&word, args->from.addr, sizeof(word)))
		return -EFAULT;
	return pi_fault_in(args->to.addr);
}

static s64 move_all(struct move *move)
{
	int err;

	for (;;) {
		try_to_move(move, NULL);
		if (move->retry == PI_OWNER) {
			err = task_with_vtid_here(move->take.tid, try_with_owner, move);
			if (err == -ESRCH)
				move->take.gone = move->take.tid;
			else if (err)
				return err;
		}
		if (move->result == -EFAULT && !fault_in_both(move->args))
			continue;
		if (!move->retry)
			return move->result;
	}
}

s64 futex_requeue_pi(const struct futex_requeue_args *args)
{
	struct move move = {
		.args = args,
		.from = futex_bucket_of(&args->from),
		.to = futex_bucket_of(&args->to),
		.take = { .key = args->to, .contended = args->move },
	};
	s64 ret;

	if ((s32)args->move < 0 || args->wake != 1 || futex_is_same(&args->from, &args->to))
		return -EINVAL;
	move.take.spare = pi_state_create();
	if (!move.take.spare)
		return -ENOMEM;
	ret = move_all(&move);
	kfree(move.take.spare);
	return ret;
}
