// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making of twins by twins. Whether there is one for the new thread is mcctrl's to say, whatever
 * mcexec answers: the LWK frees the slot of one that there is not.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "proxy.h"
#include "twin.h"

int twin_child_begin(struct twin *twin, struct mcctrl_wait *wait)
{
	struct proxy *proxy = twin->proxy;
	u64 slot = wait->args[0];

	wait->args[0] = 0; /* nobody's business */
	if (!slot || slot & ~PAGE_MASK || !peer_granted(proxy->peer, slot, slot + PAGE_SIZE))
		return -EPROTO;
	mutex_lock(&proxy->lock);
	atomic_set(&twin->child_met, 0);
	twin->child_slot = slot;
	mutex_unlock(&proxy->lock);
	return 0;
}

bool twin_child_end(struct twin *twin, bool later, s64 *ret)
{
	bool came;

	/* Ordered, as its partner in answer_locked(). */
	if (later && !atomic_xchg(&twin->child_met, 1))
		return false;
	mutex_lock(&twin->proxy->lock);
	came = !twin->child_slot;
	twin->child_slot = 0;
	mutex_unlock(&twin->proxy->lock);
	if (came)
		*ret = twin->child_ret;
	else if (*ret >= 0)
		*ret = -EAGAIN;
	return true;
}

/* The caller's ids, as OFFLOAD_NR_THREAD has them. */
static s64 ids_of_caller(void)
{
	return (s64)task_pid_vnr(current) << 32 | task_pid_nr(current);
}

/*
 * The creator's thread does not go on before its twin waits for requests again: elsewhere it would
 * not see to it, when it is killed, that the thread stops (robust.h). Return: as
 * twin_answer_thread().
 */
static bool answer_locked(struct twin *creator, s64 ret)
{
	lockdep_assert_held(&creator->proxy->lock);
	creator->child_ret = ret;
	if (atomic_xchg(&creator->child_met, 1))
		return twin_answer_thread(creator, ret);
	creator->child_slot = 0;
	return false;
}

/* Sets @asleep to whether the creator's LWK thread sleeps, and is to be told. */
static int add_locked(struct proxy *proxy, u32 creator, s32 refused, bool *asleep)
{
	struct twin *twin;
	int err;

	lockdep_assert_held(&proxy->lock);
	/* It does not end while it serves a request, and is not freed while the lock is held. */
	twin = xa_load(&proxy->peer->twins, creator);
	if (!twin || twin->proxy != proxy || !twin->child_slot || twin_current(proxy))
		return -EINVAL;
	if (!refused) {
		err = twin_create(proxy, twin->child_slot);
		if (err)
			return err;
	}
	*asleep = answer_locked(twin, refused ? : ids_of_caller());
	return 0;
}

long twin_add(struct proxy *proxy, const struct mcctrl_twin __user *arg)
{
	struct mcctrl_twin req;
	bool asleep = false;
	u32 creator;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.err > 0 || req.err < -MAX_ERRNO || READ_ONCE(proxy->state) != PROXY_STARTED)
		return -EINVAL;
	err = mutex_lock_killable(&proxy->lock);
	if (err)
		return err;
	creator = proxy_sibling(req.creator);
	err = add_locked(proxy, creator, req.err, &asleep);
	mutex_unlock(&proxy->lock);
	/* If that fails, the process is about to end, or the LWK has. */
	if (asleep)
		(void)twin_send(proxy, creator, IKC_MSG_WAKE_UP_SYSCALL_THREAD);
	return err;
}
