// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peers: connecting to an LWK, and its end.
 *
 * All channels end together, when ihk has stopped the LWK's CPUs. A channel that the LWK
 * closes by itself is a breach of protocol, which leads to the same end.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "peer.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "check.h"
#include "proxy.h"

#define CONNECT_TIMEOUT_MS (10 * MSEC_PER_SEC)

static DEFINE_MUTEX(peers_lock); /* protects the list; held while a peer is connected */
static LIST_HEAD(peers);

static void cpus_exit(struct peer *peer)
{
	u32 i;

	for (i = 0; i < peer->ncpus; i++) {
		struct peer_cpu *cpu = &peer->cpus[i];

		if (cpu->syscall.chan)
			ikc_disconnect(cpu->syscall.chan);
		if (cpu->control.chan.chan)
			ikc_disconnect(cpu->control.chan.chan);
	}
	xa_destroy(&peer->requests);
}

static void peer_free(struct kref *ref)
{
	struct peer *peer = container_of(ref, struct peer, ref);

	pins_exit(peer);
	cpus_exit(peer);
	ihk_os_put(peer->ihk);
	kvfree(peer);
}

void peer_put(struct peer *peer)
{
	kref_put(&peer->ref, peer_free);
}

static void peer_unlist(struct peer *peer)
{
	lockdep_assert_held(&peers_lock);
	list_del_init(&peer->link);
	sysfs_peer_remove(peer);
	files_peer_remove(peer);
	peer_put(peer);
}

/* With a reference of its own. */
static void peer_dead_work(struct work_struct *work)
{
	struct peer *peer = container_of(work, struct peer, dead_work);

	mutex_lock(&peers_lock);
	if (!list_empty(&peer->link))
		peer_unlist(peer);
	mutex_unlock(&peers_lock);
	peer_put(peer);
}

static void peer_die(struct peer *peer)
{
	struct proxy *proxy;

	/* First of all, so that whoever waits lets go of what is needed below. */
	request_fail_all(peer);
	wake_up_all(&peer->wait);
	twin_stop_all(peer);
	mutex_lock(&peer->lock);
	list_for_each_entry(proxy, &peer->proxies, link)
		proxy_die(proxy);
	mutex_unlock(&peer->lock);
	pins_forget(peer);
	/* The last reference may be gone: then the channels are being closed from our side. */
	if (kref_get_unless_zero(&peer->ref))
		queue_work(mcctrl_wq, &peer->dead_work);
}

static void chan_closed(struct ikc_chan *chan)
{
	struct peer_chan *closed = chan->data;
	struct peer *peer = closed->peer;

	if (!ikc_lwk_stopped(chan))
		ikc_break(chan, "closed a channel for processes");
	else if (!peer_is_dead(peer))
		peer_die(peer);
}

static const struct ikc_chan_ops chan_ops = {
	.receive = peer_receive,
	.closed = chan_closed,
};

static int refuse_stopped(const struct ihk_os *ihk)
{
	return ihk_report(-EPIPE, "OS instance %d is not running", ihk_os_index(ihk));
}

static int chan_connect(struct peer_chan *chan, u32 port)
{
	const struct ikc_params params = {
		.port = port,
		.cpu = chan->cpu,
		.npackets = OFFLOAD_CHANNEL_PACKETS,
		.timeout_ms = CONNECT_TIMEOUT_MS,
		.ops = &chan_ops,
		.data = chan,
	};
	int os = ihk_os_index(chan->peer->ihk);
	int err;

	err = ikc_connect(chan->peer->ihk, &params, &chan->chan);
	if (err == -ECONNREFUSED)
		return ihk_report(err, "The LWK of OS instance %d cannot run programs: nobody listens on its port %u",
				  os, port);
	if (err == -EPIPE)
		return refuse_stopped(chan->peer->ihk);
	if (err)
		return ihk_report(err, "No channel to CPU %u of OS instance %d could be opened (error %d)",
				  chan->cpu, os, err);
	return 0;
}

/* Agrees on versions and sizes. @answer is what the LWK said. */
static int chan_init(struct peer_chan *chan, struct request *request, u32 port,
		     struct msg_init_channel *answer)
{
	struct msg_init_channel *body;
	int err;

	body = request_begin(request, IKC_MSG_INIT_CHANNEL, IKC_MSG_INIT_CHANNEL_ACKED);
	body->version = OFFLOAD_VERSION;
	body->slot_len = sizeof(struct offload_slot);
	body->desc_len = sizeof(struct program_load_desc);
	err = request_call(request, chan, REQUEST_KILLABLE);
	memcpy(answer, request->packet.u.bytes, sizeof(*answer));
	if (err && err != -EPROTO)
		return ihk_report(err, "CPU %u of OS instance %d refuses its channel (error %d)",
				  chan->cpu, ihk_os_index(chan->peer->ihk), err);
	if (err || check_init(answer, port == IKC_PORT_CONTROL))
		return ihk_report(-EPROTO, "The LWK of OS instance %d has protocol version %u with %u, %u and %u bytes, mcctrl has %u with %zu, %zu and %u",
				  ihk_os_index(chan->peer->ihk), answer->version, answer->slot_len,
				  answer->desc_len, answer->buffer_len, OFFLOAD_VERSION,
				  sizeof(struct offload_slot), sizeof(struct program_load_desc),
				  OFFLOAD_BUFFER_LEN);
	return 0;
}

static int cpu_connect(struct peer_cpu *cpu)
{
	struct request *request = &cpu->control.request;
	struct msg_init_channel answer;
	int err;

	err = chan_connect(&cpu->syscall, IKC_PORT_SYSCALL);
	if (err)
		return err;
	err = chan_init(&cpu->syscall, request, IKC_PORT_SYSCALL, &answer);
	if (err)
		return err;
	err = chan_connect(&cpu->control.chan, IKC_PORT_CONTROL);
	if (err)
		return err;
	err = chan_init(&cpu->control.chan, request, IKC_PORT_CONTROL, &answer);
	if (err)
		return err;
	if (!PAGE_ALIGNED(answer.buffer) ||
	    !ikc_granted(cpu->control.chan.chan, answer.buffer, answer.buffer + OFFLOAD_BUFFER_LEN))
		return ihk_report(-EFAULT, "The transfer buffer of CPU %u at %#llx is not in memory of OS instance %d",
				  cpu->control.chan.cpu, answer.buffer,
				  ihk_os_index(cpu->control.chan.peer->ihk));
	cpu->control.buffer = phys_to_virt(answer.buffer);
	cpu->ncaches = answer.ncaches;
	return 0;
}

static int cpus_init(struct peer *peer)
{
	u32 i;
	int err;

	for (i = 0; i < peer->ncpus; i++) {
		struct peer_cpu *cpu = &peer->cpus[i];

		cpu->syscall.peer = peer;
		cpu->syscall.cpu = i;
		cpu->control.chan.peer = peer;
		cpu->control.chan.cpu = i;
		init_waitqueue_head(&cpu->control.wait);
		err = request_init(&cpu->control.request, peer);
		if (err)
			return err;
	}
	return 0;
}

static struct peer *peer_alloc(struct ihk_os *ihk)
{
	u32 ncpus = ihk_os_ncpus(ihk);
	struct peer *peer;

	peer = kvzalloc(struct_size(peer, cpus, ncpus), GFP_KERNEL);
	if (!peer)
		return NULL;
	INIT_LIST_HEAD(&peer->link);
	kref_init(&peer->ref);
	ihk_os_get(ihk);
	peer->ihk = ihk;
	peer->ncpus = ncpus;
	init_waitqueue_head(&peer->wait);
	INIT_WORK(&peer->dead_work, peer_dead_work);
	xa_init_flags(&peer->requests, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	mutex_init(&peer->lock);
	init_rwsem(&peer->files_lock);
	INIT_LIST_HEAD(&peer->proxies);
	INIT_LIST_HEAD(&peer->shares);
	xa_init(&peer->twins);
	xa_init(&peer->slots);
	pins_init(peer);
	return peer;
}

static int peer_connect(struct peer *peer)
{
	u32 i;
	int err;

	if (!peer->ncpus)
		return refuse_stopped(peer->ihk);
	err = request_init(&peer->pins.request, peer);
	if (!err)
		err = cpus_init(peer);
	for (i = 0; i < peer->ncpus && !err; i++)
		err = cpu_connect(&peer->cpus[i]);
	return err;
}

static int peer_create(struct ihk_os *ihk, struct peer **out)
{
	struct peer *peer;
	int err;

	lockdep_assert_held(&peers_lock);
	peer = peer_alloc(ihk);
	if (!peer)
		return -ENOMEM;
	err = peer_connect(peer);
	if (err) {
		peer_put(peer);
		return err;
	}
	/* The list's. If it has died already, its work item waits for our lock. */
	kref_get(&peer->ref);
	list_add(&peer->link, &peers);
	files_peer_add(peer);
	sysfs_peer_add(peer);
	*out = peer;
	return 0;
}

/* The listed peer of an instance that is not dead, or NULL. */
static struct peer *peer_find(const struct ihk_os *ihk)
{
	struct peer *peer, *next;

	lockdep_assert_held(&peers_lock);
	list_for_each_entry_safe(peer, next, &peers, link) {
		if (peer->ihk != ihk)
			continue;
		if (!peer_is_dead(peer))
			return peer;
		/* Its successor needs the name in /proc. */
		peer_unlist(peer);
	}
	return NULL;
}

int peer_get(struct ihk_os *ihk, struct peer **out)
{
	struct peer *peer;
	int err;

	/* Everybody can see it before its channels are closed, and programs on it killed. */
	if (ihk_os_has_panicked(ihk))
		return refuse_stopped(ihk);
	err = mutex_lock_killable(&peers_lock);
	if (err)
		return err;
	peer = peer_find(ihk);
	if (peer) {
		kref_get(&peer->ref);
		*out = peer;
	} else {
		err = peer_create(ihk, out);
	}
	mutex_unlock(&peers_lock);
	return err;
}

void peer_exit(void)
{
	struct peer *peer, *next;

	mutex_lock(&peers_lock);
	list_for_each_entry_safe(peer, next, &peers, link)
		peer_unlist(peer);
	mutex_unlock(&peers_lock);
}
