// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proxies by the ids of their processes.
 *
 * Who finds one keeps it by rcu_read_lock(), or is in a call of its process.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "proxy.h"

#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "twin.h"

/* In the table of ids: the process has ended, the id will be free soon. */
#define PID_CLOSING XA_MARK_0

/* proxies by process id, on all peers */
static DEFINE_XARRAY_FLAGS(pids, XA_FLAGS_LOCK_IRQ);
static DECLARE_WAIT_QUEUE_HEAD(pids_wait);
/* how many have got PID_CLOSING so far; lock of pids */
static u64 nclosing;

/* Returns -EAGAIN while the id is still used by a process that has ended. */
static int pid_try(struct proxy *proxy)
{
	int err;

	/* In one piece: what is in the way may go at any moment, and its mark with it. */
	xa_lock_irq(&pids);
	err = __xa_insert(&pids, proxy->pid, proxy, GFP_KERNEL);
	if (err == -EBUSY && xa_get_mark(&pids, proxy->pid, PID_CLOSING))
		err = -EAGAIN;
	xa_unlock_irq(&pids);
	return err;
}

int proxy_claim_id(struct proxy *proxy)
{
	int err;

	err = pid_try(proxy);
	if (err == -EAGAIN &&
	    wait_event_killable(pids_wait, (err = pid_try(proxy)) != -EAGAIN))
		return -EINTR;
	if (err == -EBUSY)
		return ihk_report(err, "Process %u is a proxy already", proxy->pid);
	return err;
}

void proxy_release_id(struct proxy *proxy)
{
	xa_erase_irq(&pids, proxy->pid);
	wake_up_all(&pids_wait);
}

/* Whoever gets the process's id next waits for its end. It may be over, and the id another's. */
void proxy_mark_closing(struct proxy *proxy)
{
	unsigned long flags;

	xa_lock_irqsave(&pids, flags);
	if (xa_load(&pids, proxy->pid) == proxy && !xa_get_mark(&pids, proxy->pid, PID_CLOSING)) {
		proxy->closing = ++nclosing;
		__xa_set_mark(&pids, proxy->pid, PID_CLOSING);
	}
	xa_unlock_irqrestore(&pids, flags);
}

/* Of the first @n that have ended, has @peer forgotten its own? */
static bool pids_forgotten(const struct peer *peer, u64 n)
{
	struct proxy *proxy;
	unsigned long pid;
	bool forgotten = true;

	xa_lock_irq(&pids);
	xa_for_each_marked(&pids, pid, proxy, PID_CLOSING) {
		if (proxy->peer == peer && proxy->closing <= n) {
			forgotten = false;
			break;
		}
	}
	xa_unlock_irq(&pids);
	return forgotten;
}

void proxy_wait_ended(const struct peer *peer)
{
	u64 n;

	xa_lock_irq(&pids);
	n = nclosing;
	xa_unlock_irq(&pids);
	/* Who is interrupted goes on all the same. */
	(void)wait_event_interruptible(pids_wait, pids_forgotten(peer, n));
}

struct proxy *proxy_find(u32 pid, const struct space *space)
{
	struct proxy *proxy = xa_load(&pids, pid);

	return proxy && proxy->space == space ? proxy : NULL;
}

struct proxy *proxy_find_for(u32 pid, const struct space *space)
{
	struct proxy *proxy = xa_load(&pids, pid);

	if (!proxy || proxy->space == space)
		return proxy;
	return proxy->peer == space->peer && READ_ONCE(proxy->space->file) ? proxy : NULL;
}

/* Every offloaded call comes here. The table is for those who share the first one's space. */
static struct proxy *find_own_locked(const struct space *space)
{
	struct proxy *proxy = rcu_dereference(space->first);

	if (likely(proxy && proxy->tgid == task_tgid(current)))
		return proxy;
	return proxy_find(task_tgid_nr(current), space);
}

struct proxy *proxy_of_caller(const struct space *space)
{
	struct proxy *proxy = NULL;

	rcu_read_lock();
	if (likely(current->mm == space->mm))
		proxy = find_own_locked(space);
	else
		proxy = proxy_find_for(task_tgid_nr(current), space);
	if (proxy && proxy->space->mm != current->mm)
		proxy = NULL;
	/* One that failed to become the LWK's is freed at any moment; its process has the file. */
	if (proxy && test_bit(0, &proxy->ending))
		proxy = NULL;
	rcu_read_unlock();
	return proxy;
}

const struct mm_struct *proxy_mm(const struct peer *peer, u32 pid)
{
	const struct proxy *proxy = xa_load(&pids, pid);

	/* One that executes a program has another address space, and other rights, from then on. */
	if (!proxy || proxy->peer != peer || test_bit(0, &proxy->ending))
		return NULL;
	return proxy->space->mm;
}

u32 proxy_sibling(u32 vtid)
{
	struct task_struct *task;
	u32 tid = 0;

	rcu_read_lock();
	task = pid_task(find_vpid(vtid), PIDTYPE_PID);
	if (task && same_thread_group(task, current))
		tid = task_pid_nr(task);
	rcu_read_unlock();
	return tid;
}

/* A process without proxy is none of ours: it has one as long as any of its threads waits. */
int mcctrl_on_revoke(struct peer_chan *from, const struct ikc_packet *packet)
{
	const struct msg_revoke *body = (const void *)packet->u.bytes;
	struct proxy *proxy;
	int err = 0;

	rcu_read_lock();
	proxy = xa_load(&pids, body->pid);
	if (proxy && proxy->peer == from->peer)
		err = map_revoke_later(&proxy->space->map, body);
	rcu_read_unlock();
	return err;
}

/*
 * A process that has executed a program has left its creator behind, whatever it is now. The
 * creator has not: it asks.
 */
static bool has_left(struct pid *pid)
{
	struct task_struct *leader = pid_task(pid, PIDTYPE_TGID);

	return !leader || (leader->exit_state && thread_group_empty(leader)) ||
	       READ_ONCE(leader->self_exec_id) != current->self_exec_id;
}

/*
 * One that executes a program has been started, and is about to leave. Its proxy goes before it has
 * left, and nothing wakes us when it has. Looked at in the order opposite to that in which an
 * execve() changes it.
 */
static bool child_started(struct pid *pid)
{
	const struct task_struct *leader;
	const struct proxy *proxy;
	bool started;

	rcu_read_lock();
	proxy = xa_load(&pids, pid_nr(pid));
	started = proxy && proxy->tgid == pid && READ_ONCE(proxy->began);
	smp_rmb();
	leader = pid_task(pid, PIDTYPE_TGID);
	started = started || (leader && leader->in_execve);
	smp_rmb();
	started = started || has_left(pid);
	rcu_read_unlock();
	return started;
}

static bool child_left(struct pid *pid)
{
	const struct proxy *proxy;
	bool left;

	rcu_read_lock();
	proxy = xa_load(&pids, pid_nr(pid));
	left = !proxy || proxy->tgid != pid || has_left(pid);
	rcu_read_unlock();
	return left;
}

static int await_child(struct pid *pid, bool leaves)
{
	return leaves ? wait_event_interruptible(pids_wait, child_left(pid)) :
			wait_event_interruptible(pid->wait_pidfd, child_started(pid));
}

long proxy_await(struct proxy *proxy, const struct mcctrl_await __user *arg)
{
	struct twin *twin = twin_current(proxy);
	struct mcctrl_await req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!twin || req.flags & ~(MCCTRL_AWAIT_LEFT | MCCTRL_AWAIT_KEEP))
		return -EINVAL;
	if (req.pid) {
		put_pid(twin->child);
		twin->child = find_get_pid((int)req.pid);
	}
	/* Without one, it has ended before it could be looked at. */
	if (twin->child && await_child(twin->child, req.flags & MCCTRL_AWAIT_LEFT))
		return -EINTR;
	if (!(req.flags & MCCTRL_AWAIT_KEEP)) {
		put_pid(twin->child);
		twin->child = NULL;
	}
	return 0;
}

void proxy_exit(void)
{
	xa_destroy(&pids);
}
