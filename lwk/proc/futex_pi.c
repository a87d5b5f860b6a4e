// SPDX-License-Identifier: GPL-2.0-only
/*
 * PI futexes: their words have the id of the owner, so programs enter the kernel only if somebody
 * has to wait. Words are changed with the bucket and the lock of pi.c held; who waits stays in its
 * bucket, so that others find the state there, until it leaves by itself.
 *
 * Who gets a futex from an owner that has ended writes its own id into the word, since the dying
 * thread may not reach the memory any more; it sets FUTEX_OWNER_DIED, as Linux does.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/include/user_entry.h"
#include "lwk/proc/futex_internal.h"

static u64 lock_all(struct futex_bucket *bucket)
{
	u64 irq = spin_lock_irqsave(&bucket->lock);

	pi_lock();
	return irq;
}

static void unlock_all(struct futex_bucket *bucket, u64 irq)
{
	pi_unlock();
	spin_unlock_irqrestore(&bucket->lock, irq);
}

int pi_fault_in(vaddr_t addr)
{
	u32 word;

	/* As the word is used later, so that what protection keys forbid fails here, too. */
	if (copy_from_user(&word, addr, sizeof(word)))
		return -EFAULT;
	return user_cmpxchg_u32(addr, &word, word);
}

/* Return: 0; PI_AGAIN: it is not @old any more; -EFAULT. */
static int change(vaddr_t addr, u32 old, u32 new)
{
	u32 found = old;

	if (user_try_cmpxchg_u32(addr, &found, new))
		return -EFAULT;
	return found == old ? 0 : PI_AGAIN;
}

/* Others wait already. */
static int join(struct pi_take *take, const struct futex_waiter *waiter, u32 word)
{
	struct pi_state *state = waiter->is_pi ? waiter->pi.state : NULL;
	u32 tid = word & FUTEX_TID_MASK;

	if (!state)
		return -EINVAL;
	take->state = state;
	/* Of one that has ended the word tells nothing, until the next one has written its id. */
	if (state->orphan || ((word & FUTEX_OWNER_DIED) && !tid))
		return PI_WAIT;
	return tid == state->owner->vtid ? PI_WAIT : -EINVAL;
}

/* The first who has to wait tells so in the word, and finds the owner. */
static int meet_owner(struct pi_take *take, u32 word)
{
	struct task *owner = take->owner;
	u32 tid = word & FUTEX_TID_MASK;
	u32 again;
	int err;

	err = change(take->key.addr, word, word | FUTEX_WAITERS);
	if (err)
		return err;
	if (take->gone == tid)
		return -ESRCH;
	take->tid = tid;
	if (!owner || owner->vtid != tid)
		return PI_OWNER;
	if (owner->pi.ended) {
		if (user_peek_u32(take->key.addr, &again))
			return -EFAULT;
		return again == (word | FUTEX_WAITERS) ? -ESRCH : PI_AGAIN;
	}
	take->state = take->spare;
	take->spare = NULL;
	pi_attach_locked(take->state, &take->key, owner);
	return PI_WAIT;
}

int pi_take_locked(struct futex_bucket *bucket, struct pi_take *take)
{
	struct futex_waiter *waiter = futex_first_locked(bucket, &take->key);
	u32 word, new;
	int err;

	take->state = NULL;
	if (user_peek_u32(take->key.addr, &word))
		return -EFAULT;
	if ((word & FUTEX_TID_MASK) == take->task->vtid)
		return -EDEADLK;
	if (waiter)
		return join(take, waiter, word);
	if (word & FUTEX_TID_MASK)
		return meet_owner(take, word);
	new = (word & FUTEX_OWNER_DIED) | take->task->vtid;
	err = change(take->key.addr, word, take->contended ? new | FUTEX_WAITERS : new);
	return err ? err : PI_TAKEN;
}

void pi_drop_locked(struct pi_take *take)
{
	struct pi_state *state = take->state;

	if (!state || state->users)
		return;
	pi_detach_locked(state);
	take->state = NULL;
	take->spare = state;
}

bool pi_is_granted(void *ctx)
{
	const struct futex_waiter *waiter = ctx;

	/* Acquire: partner is pi_pass_locked(). */
	return __atomic_load_n(&waiter->pi.granted, __ATOMIC_ACQUIRE);
}

/* Write the caller's id into the word that a dead owner has left. */
static int adopt_locked(vaddr_t addr)
{
	u32 mine = task_current()->vtid | FUTEX_WAITERS | FUTEX_OWNER_DIED;
	u32 word;

	if (user_peek_u32(addr, &word))
		return -EFAULT;
	return change(addr, word, mine);
}

/* Return: 0: done; PI_AGAIN: bring the word in first; -errno. */
static int finish_locked(struct futex_waiter *waiter, bool reachable)
{
	struct pi_state *state = waiter->pi.state;
	int err;

	if (!waiter->pi.granted) {
		pi_leave_locked(&waiter->pi);
		return -ETIMEDOUT;
	}
	if (!state->orphan)
		return 0;
	err = reachable ? adopt_locked(waiter->key.addr) : -EFAULT;
	/* It changed, or is not there: not to be waited for with locks held. */
	if (err == PI_AGAIN || (err == -EFAULT && reachable))
		return PI_AGAIN;
	if (err && pi_best_locked(state))
		pi_pass_locked(state, true);
	else
		state->orphan = false;
	return err;
}

int pi_finish(struct futex_waiter *waiter)
{
	struct pi_state *state = waiter->pi.state;
	struct futex_bucket *bucket = waiter->bucket;
	bool reachable = true;
	u64 irq;
	int err;

	for (;;) {
		irq = lock_all(bucket);
		err = finish_locked(waiter, reachable);
		if (err != PI_AGAIN)
			break;
		unlock_all(bucket, irq);
		reachable = !pi_fault_in(waiter->key.addr);
	}
	list_del(&waiter->link);
	waiter->queued = false;
	if (--state->users)
		state = NULL;
	else
		pi_detach_locked(state);
	unlock_all(bucket, irq);
	kfree(state);
	return err;
}

/* An attempt of the calling task. */
struct attempt {
	struct pi_take take;
	struct futex_waiter *waiter;
	bool try;
	int result;
};

static int wait_locked(struct futex_bucket *bucket, struct attempt *attempt)
{
	struct pi_state *state = attempt->take.state;
	int err;

	ASSERT(state);
	err = attempt->try ? -EAGAIN : pi_wait_locked(state, &attempt->waiter->pi);
	if (err) {
		pi_drop_locked(&attempt->take);
		return err;
	}
	state->users++;
	futex_enqueue_locked(bucket, attempt->waiter);
	return PI_WAIT;
}

static void try_to_lock(struct attempt *attempt, struct task *owner)
{
	struct futex_bucket *bucket = futex_bucket_of(&attempt->take.key);
	u64 irq = lock_all(bucket);

	attempt->take.owner = owner;
	attempt->result = pi_take_locked(bucket, &attempt->take);
	if (attempt->result == PI_WAIT)
		attempt->result = wait_locked(bucket, attempt);
	unlock_all(bucket, irq);
}

static int try_with_owner(struct task *owner, void *ctx)
{
	try_to_lock(ctx, owner);
	return 0;
}

/* Return: PI_TAKEN; PI_WAIT: it is queued; -errno. */
static int begin_lock(struct attempt *attempt)
{
	int err;

	for (;;) {
		try_to_lock(attempt, NULL);
		if (attempt->result == PI_OWNER) {
			err = task_with_vtid_here(attempt->take.tid, try_with_owner, attempt);
			if (err == -ESRCH)
				attempt->take.gone = attempt->take.tid;
			else if (err)
				return err;
		}
		if (attempt->result == -EFAULT && !pi_fault_in(attempt->take.key.addr))
			continue;
		if (attempt->result != PI_OWNER && attempt->result != PI_AGAIN)
			return attempt->result;
	}
}

s64 futex_lock_pi(const struct futex_key *key, u64 deadline, bool try)
{
	struct futex_waiter waiter = {
		.key = *key,
		.thread = thread_current(),
		.is_pi = true,
		.pi.task = task_current(),
	};
	struct attempt attempt = {
		.take = { .key = *key, .task = task_current(), .spare = pi_state_create() },
		.waiter = &waiter,
		.try = try,
	};
	int interrupted;
	int err;

	if (!attempt.take.spare)
		return -ENOMEM;
	err = begin_lock(&attempt);
	kfree(attempt.take.spare);
	if (err != PI_WAIT)
		return err;
	interrupted = signal_sleep(pi_is_granted, &waiter, deadline);
	err = pi_finish(&waiter);
	return err == -ETIMEDOUT && interrupted ? -ERESTARTNOINTR : err;
}

/* Return: 0; PI_AGAIN; -errno. */
static int unlock_locked(struct futex_bucket *bucket, const struct futex_key *key)
{
	struct futex_waiter *waiter = futex_first_locked(bucket, key);
	struct task *self = task_current();
	struct pi_waiter *next;
	struct pi_state *state;
	u32 word;
	int err;

	if (user_peek_u32(key->addr, &word))
		return -EFAULT;
	if ((word & FUTEX_TID_MASK) != self->vtid)
		return -EPERM;
	if (!waiter)
		return change(key->addr, word, 0);
	state = waiter->is_pi ? waiter->pi.state : NULL;
	if (!state || state->owner != self)
		return -EINVAL;
	next = pi_best_locked(state);
	ASSERT(next);
	err = change(key->addr, word, next->task->vtid | FUTEX_WAITERS);
	if (!err)
		pi_pass_locked(state, false);
	return err;
}

s64 futex_unlock_pi(const struct futex_key *key)
{
	struct futex_bucket *bucket = futex_bucket_of(key);
	u64 irq;
	int err;

	do {
		irq = lock_all(bucket);
		err = unlock_locked(bucket, key);
		unlock_all(bucket, irq);
	} while (err == PI_AGAIN || (err == -EFAULT && !pi_fault_in(key->addr)));
	return err;
}

/* Return: the first futex that the task owns, or NULL: it will own none from now on. */
static struct pi_state *first_held(struct task *task, struct futex_key *key)
{
	struct pi_state *state = NULL;
	u64 irq = arch_irq_save();

	pi_lock();
	task->pi.ended = list_empty(&task->pi.held);
	if (!task->pi.ended) {
		state = list_first(&task->pi.held, struct pi_state, held);
		*key = state->key;
	}
	pi_unlock();
	arch_irq_restore(irq);
	return state;
}

void pi_exit(struct task *task)
{
	struct pi_state *state;
	struct futex_key key;
	u64 irq;

	for (;;) {
		struct futex_bucket *bucket;

		state = first_held(task, &key);
		if (!state)
			return;
		bucket = futex_bucket_of(&key);
		irq = lock_all(bucket);
		/* Those who waited may have gone meanwhile, and with them the state. */
		if (!list_empty(&task->pi.held) &&
		    list_first(&task->pi.held, struct pi_state, held) == state &&
		    futex_is_same(&state->key, &key))
			pi_pass_locked(state, true);
		unlock_all(bucket, irq);
	}
}
