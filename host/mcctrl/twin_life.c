// SPDX-License-Identifier: GPL-2.0-only
/*
 * How twins begin and end.
 *
 * One is allocated by the thread that it is for, and is a twin once it has a slot: it is found by
 * its id then, and by nothing else before. One that was killed with its process keeps its slot
 * until that is forgotten, but not its id, if Linux has given that to another.
 */
#include <linux/err.h>
#include <linux/io.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "hold.h"
#include "interrupt.h"
#include "proxy.h"
#include "twin.h"

struct twin *twin_alloc(struct proxy *proxy)
{
	struct twin *twin;

	twin = kzalloc(sizeof(*twin), GFP_KERNEL_ACCOUNT);
	if (!twin)
		return NULL;
	twin->proxy = proxy;
	twin->tid = task_pid_nr(current);
	init_waitqueue_head(&twin->wait);
	twin->hold = hold_create();
	if (!twin->hold)
		goto free_twin;
	twin->interrupt = interrupt_create(proxy);
	if (!twin->interrupt)
		goto destroy_hold;
	return twin;

destroy_hold:
	hold_destroy(twin->hold);
free_twin:
	kfree(twin);
	return NULL;
}

void twin_free(struct twin *twin)
{
	hold_destroy(twin->hold);
	interrupt_destroy(twin->interrupt);
	put_pid(twin->child);
	kfree_rcu(twin, rcu);
}

/* The one that had its id, of another process, has died, but may not have been forgotten yet. */
static int enter_id(struct twin *twin)
{
	struct xarray *twins = &twin->proxy->peer->twins;
	const struct twin *former;
	bool is_twin;

	rcu_read_lock();
	former = xa_load(twins, twin->tid);
	is_twin = former && former->proxy == twin->proxy;
	rcu_read_unlock();
	return is_twin ? -EBUSY : xa_err(xa_store(twins, twin->tid, twin, GFP_KERNEL));
}

/* Its id may be another's by now. */
static void leave_id(struct twin *twin)
{
	xa_cmpxchg(&twin->proxy->peer->twins, twin->tid, twin, NULL, 0);
}

int twin_install(struct twin *twin, u64 slot)
{
	struct peer *peer = twin->proxy->peer;
	int err;

	twin->slot_pfn = PHYS_PFN(slot);
	twin->slot = phys_to_virt(slot);
	usage_init(&twin->used);
	err = xa_insert(&peer->slots, twin->slot_pfn, twin, GFP_KERNEL);
	if (err)
		return err;
	err = enter_id(twin);
	if (err)
		xa_erase(&peer->slots, twin->slot_pfn);
	else
		twin_tell_caps(twin);
	return err;
}

int twin_create(struct proxy *proxy, u64 slot)
{
	struct twin *twin = twin_alloc(proxy);
	int err;

	if (!twin)
		return -ENOMEM;
	err = twin_install(twin, slot);
	if (err)
		twin_free(twin);
	else if (thread_group_leader(current))
		WRITE_ONCE(proxy->leader, twin);
	return err;
}

void twin_destroy_all(struct proxy *proxy)
{
	struct peer *peer = proxy->peer;
	unsigned long pfn;
	struct twin *twin;

	WRITE_ONCE(proxy->leader, NULL);
	/* Others' come and go. */
	rcu_read_lock();
	xa_for_each(&peer->slots, pfn, twin) {
		if (twin->proxy != proxy)
			continue;
		rcu_read_unlock();
		leave_id(twin);
		xa_erase(&peer->slots, pfn);
		twin_free(twin);
		rcu_read_lock();
	}
	rcu_read_unlock();
}

long twin_end(struct proxy *proxy)
{
	struct twin *twin = twin_current(proxy);
	struct peer *peer = proxy->peer;
	int err;

	if (!twin || !twin->serving || twin->nr != __NR_exit)
		return -EINVAL;
	/* Nobody is adding one by it: that was another request. */
	mutex_lock(&proxy->lock);
	if (twin == proxy->leader)
		WRITE_ONCE(proxy->leader, NULL);
	leave_id(twin);
	xa_erase(&peer->slots, twin->slot_pfn);
	mutex_unlock(&proxy->lock);
	/* With the answer the slot is the LWK's. */
	err = twin_answer(twin, 0, NULL);
	twin_free(twin);
	return err;
}
