// SPDX-License-Identifier: GPL-2.0-only
/*
 * Twins by their ids, and messages about them. A twin that is found by another's thread is there as
 * long as that is in rcu_read_lock(), or holds its proxy's lock.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "interrupt.h"
#include "proxy.h"
#include "twin.h"

struct twin *twin_current(struct proxy *proxy)
{
	struct twin *twin;

	if (thread_group_leader(current))
		return READ_ONCE(proxy->leader);
	twin = xa_load(&proxy->peer->twins, task_pid_nr(current));
	return twin && twin->proxy == proxy ? twin : NULL;
}

u32 twin_tid(struct proxy *proxy)
{
	struct twin *twin = twin_current(proxy);

	return twin ? twin->tid : 0;
}

/* The twin @tid of the process @pid, or NULL: an id may be another's meanwhile. */
static struct twin *twin_of(struct peer *peer, u32 pid, u32 tid)
{
	struct twin *twin = xa_load(&peer->twins, tid);

	return twin && twin->proxy->pid == pid ? twin : NULL;
}

struct task_struct *twin_task(struct peer *peer, u32 pid, u32 tid)
{
	const struct twin *twin = twin_of(peer, pid, tid);
	struct task_struct *task;

	if (!twin)
		return NULL;
	task = pid_task(find_pid_ns(tid, &init_pid_ns), PIDTYPE_PID);
	/* One that died has a twin until its process is cleaned up; the id may be another's. */
	return task && task_tgid(task) == twin->proxy->tgid ? task : NULL;
}

int twin_send(struct proxy *proxy, u32 tid, u32 msg)
{
	struct ikc_packet packet = { .msg = msg };
	struct msg_thread *body = (void *)packet.u.bytes;

	body->pid = proxy->pid;
	body->tid = tid;
	return ikc_send(proxy_chan(proxy)->chan, &packet, IKC_KILLABLE);
}

int mcctrl_on_interrupt(struct peer_chan *from, const struct ikc_packet *packet)
{
	const struct msg_interrupt *body = (const void *)packet->u.bytes;
	struct twin *twin;

	rcu_read_lock();
	twin = twin_of(from->peer, body->pid, body->tid);
	if (twin)
		interrupt_request(twin->interrupt, body->seq);
	rcu_read_unlock();
	return 0;
}

int mcctrl_on_syscall_request(struct peer_chan *from, const struct ikc_packet *packet)
{
	const struct msg_thread *body = (const void *)packet->u.bytes;
	struct twin *twin;

	rcu_read_lock();
	twin = twin_of(from->peer, body->pid, body->tid);
	/* A twin that is not there has been killed: the LWK will hear of that. */
	if (twin)
		wake_up_all(&twin->wait);
	rcu_read_unlock();
	return 0;
}
