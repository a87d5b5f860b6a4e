// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making of twins by twins. Whether there is one for the new thread is mcctrl's to say, whatever
 * mcexec answers: the LWK frees the slot of one that there is not.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

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
	twin->child_slot = slot;
	twin->child = 0;
	mutex_unlock(&proxy->lock);
	return 0;
}

s64 twin_child_finish(struct twin *twin, s64 ret)
{
	s64 child;

	mutex_lock(&twin->proxy->lock);
	child = twin->child;
	twin->child_slot = 0;
	mutex_unlock(&twin->proxy->lock);
	if (child)
		return child;
	return ret < 0 ? ret : -EAGAIN;
}

static int add_locked(struct proxy *proxy, u32 creator)
{
	struct twin *twin;
	int err;

	lockdep_assert_held(&proxy->lock);
	/* It does not end while it serves a request, and is not freed while the lock is held. */
	twin = xa_load(&proxy->peer->twins, creator);
	if (!twin || twin->proxy != proxy || !twin->child_slot || twin_current(proxy))
		return -EINVAL;
	err = twin_create(proxy, twin->child_slot);
	if (err)
		return err;
	twin->child_slot = 0;
	twin->child = (s64)task_pid_vnr(current) << 32 | task_pid_nr(current);
	return 0;
}

long twin_add(struct proxy *proxy, const struct mcctrl_twin __user *arg)
{
	struct mcctrl_twin req;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved || READ_ONCE(proxy->state) != PROXY_STARTED)
		return -EINVAL;
	err = mutex_lock_killable(&proxy->lock);
	if (err)
		return err;
	err = add_locked(proxy, proxy_sibling(req.creator));
	mutex_unlock(&proxy->lock);
	return err;
}
