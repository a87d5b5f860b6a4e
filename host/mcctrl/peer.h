/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LWK as mcctrl sees it: one boot of one OS instance, its channels, and requests to
 * it that are answered.
 *
 * A peer is made when the first process wants to run on a RUNNING instance, and stays until
 * that LWK dies or mcctrl is removed. Each CPU of the LWK has two channels: "syscall" for
 * messages that it answers at once, "control" for those that its worker thread serves, one
 * at a time, with a transfer buffer.
 *
 * Locks: docs/locking.md.
 */
#ifndef MCCTRL_PEER_H
#define MCCTRL_PEER_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "abi/offload.h"
#include "abi/process.h"
#include "host/ihk/delegate.h"
#include "host/ihk/ikc.h"

struct peer;
struct request;

/** typedef late_fn - an answer is there that nobody waits for; lock of peer->requests held */
typedef void late_fn(struct request *request);

/**
 * struct request - a message that wants an answer
 * @peer:	who is asked; set by request_init()
 * @cookie:	what the answer is recognised by, key in peer->requests
 * @answer:	message that answers it; set by the caller
 * @refusal:	another that does, or 0; set by the caller
 * @packet:	the message, and then its answer
 *
 * The lock of peer->requests protects:
 * @pending:	sent, not answered
 * @late:	nobody waits any more: called when the answer comes
 *
 * @done:	answered
 */
struct request {
	struct peer *peer;
	u32 cookie;
	u32 answer;
	u32 refusal;
	struct ikc_packet packet;

	bool pending;
	late_fn *late;

	struct completion done;
};

/** enum request_wait - what ends waiting for an answer, besides the end of the LWK */
enum request_wait {
	REQUEST_KILLABLE,	/* a fatal signal */
	REQUEST_UNLESS_HUNG,	/* likewise, or that ihk calls the LWK hung: -EHOSTDOWN */
	/*
	 * Nothing. Linux itself is held up, so an LWK that has not answered for some time is
	 * declared dead, sooner if ihk calls it hung, and not while it is frozen.
	 */
	REQUEST_ALWAYS,
};

/**
 * struct peer_chan - one channel; its ikc_chan's data
 * @peer:	whose
 * @chan:	set when it is connected
 * @cpu:	LWK CPU
 */
struct peer_chan {
	struct peer *peer;
	struct ikc_chan *chan;
	u32 cpu;
};

/**
 * struct control - a control channel
 * @chan:	the channel
 * @buffer:	transfer buffer, in the LWK's memory
 * @request:	the one that is under way
 * @wait:	who waits for @busy to become false
 * @busy:	in use, also while an answer is out that nobody waits for; the lock of
 *		peer->requests
 */
struct control {
	struct peer_chan chan;
	void *buffer;
	struct request request;
	wait_queue_head_t wait;
	bool busy;
};

/**
 * struct pins - frames of an LWK that Linux uses and has not mapped; see pins.c
 * @lock:	spinlock: @fresh, and which frame is in a list
 * @fresh:	those of which the LWK does not know yet
 * @mutex:	protects the following; held while the LWK is told
 * @kept:	those that it keeps
 * @request:	PINNED, UNPINNED
 * @work:	looks for those that are free, and queued while there are any
 * @pause:	jiffies until it runs
 */
struct pins {
	spinlock_t lock;
	struct list_head fresh;

	struct mutex mutex;
	struct list_head kept;
	struct request request;
	struct delayed_work work;
	unsigned long pause;
};

/**
 * struct peer_cpu - one LWK CPU
 * @syscall:	channel
 * @control:	likewise
 * @ncaches:	caches that it has, at most IHK_MAX_CACHES
 */
struct peer_cpu {
	struct peer_chan syscall;
	struct control control;
	u32 ncaches;
};

/**
 * struct peer - one boot of an OS instance
 * @link:	in the list of peer.c
 * @ref:	one for the list, one for each proxy
 * @ihk:	the instance; its structure is kept
 * @ncpus:	LWK CPUs, entries of @cpus
 * @wait:	woken when the LWK dies
 * @dead_work:	takes a dead one off the list
 * @requests:	struct request by cookie; its lock is taken with interrupts off
 * @next_cookie: so that cookies are not reused soon; the lock of @requests
 * @dead:	no CPU of the LWK runs any more; the lock of @requests, also read without
 * @lock:	protects @proxies and @shares
 * @proxies:	struct proxy
 * @shares:	struct share: CPUs that are taken
 * @twins:	struct twin by tid, read under RCU
 * @slots:	pages that are slots, by number
 * @pins:	frames in use
 * @files_lock:	for writing protects @dir, for reading one's own proxy->dir in it: who waits for
 *		readers of one process' files holds up no other
 * @dir:	/proc/mcosN, or NULL
 * @sysfs:	its files in sysfs, or NULL; the lock of all peers
 * @cpus:	channels and what is known of each CPU
 */
struct peer {
	struct list_head link;
	struct kref ref;
	struct ihk_os *ihk;
	u32 ncpus;
	wait_queue_head_t wait;
	struct work_struct dead_work;

	struct xarray requests;
	u32 next_cookie;
	bool dead;

	struct mutex lock;
	struct list_head proxies;
	struct list_head shares;

	struct xarray twins;
	struct xarray slots;
	struct pins pins;

	struct rw_semaphore files_lock;
	struct proc_dir_entry *dir;
	struct sysfs *sysfs;

	struct peer_cpu cpus[];
};

/*
 * main.c
 */

/** mcctrl_wq - for work that waits for an LWK. */
extern struct workqueue_struct *mcctrl_wq;

/** revoke_wq - for work that an LWK waits for; it waits for none. */
extern struct workqueue_struct *revoke_wq;

/*
 * peer.c
 */

/**
 * peer_get() - the peer of an instance, connected
 * @ihk: instance
 * @out: the peer, with a reference
 *
 * Reports. Context: process context, sleeps.
 * Return: 0, -EPIPE when the LWK does not run, or why it cannot be spoken to.
 */
int peer_get(struct ihk_os *ihk, struct peer **out);

/** peer_put() - drop a reference. Context: process context, no lock held. */
void peer_put(struct peer *peer);

/** peer_exit() - forget all peers: none has a proxy. */
void peer_exit(void);

/** peer_is_dead() - has its LWK stopped for good? Context: any. */
static inline bool peer_is_dead(const struct peer *peer)
{
	return READ_ONCE(peer->dead);
}

/** peer_granted() - is [start, end) memory of the LWK's that processes may have? Context: any. */
static inline bool peer_granted(const struct peer *peer, u64 start, u64 end)
{
	return ikc_granted(peer->cpus[0].syscall.chan, start, end);
}

/*
 * pins.c
 */

/** pins_init() - Linux uses no frame. The request is the caller's to initialise. */
void pins_init(struct peer *peer);
/** pins_exit() - nothing of the LWK's is mapped; it may live on. Context: process context. */
void pins_exit(struct peer *peer);
/** pins_forget() - the LWK is dead, nothing of it is mapped. Context: process context. */
void pins_forget(struct peer *peer);

/** pins_mapped() - a proxy may map a frame from now on. Context: any. */
void pins_mapped(struct page *page);
/**
 * pins_unmapped() - it does not any more
 * @peer: whose frame
 * @page: no mapping of that proxy's is left, nor can Linux find it through one
 *
 * Context: any but interrupts.
 * Return: whether the frame is in use all the same: then pins_tell() has to follow.
 */
bool pins_unmapped(struct peer *peer, struct page *page);
/**
 * pins_tell() - have the LWK know all frames that were found in use
 * @peer: LWK
 * @chan: a channel of its, for messages that are answered at once
 *
 * Context: a kernel thread; waits for the LWK, as long as that lives.
 */
void pins_tell(struct peer *peer, struct peer_chan *chan);

/*
 * files.c
 */

/** files_peer_add() - make /proc/mcosN. Context: process context. */
void files_peer_add(struct peer *peer);
/** files_peer_remove() - remove it with all that is in it; waits for who reads there. */
void files_peer_remove(struct peer *peer);

/**
 * struct file_call - who is asked about a file, and how
 * @peer:	its LWK
 * @cpu:	LWK CPU that answers
 * @msg:	request, with a struct msg_file
 * @answer:	to it
 * @store:	the text goes to the LWK
 * @person:	what follows in the request, or NULL
 */
struct file_call {
	struct peer *peer;
	u32 cpu;
	u32 msg;
	u32 answer;
	bool store;
	const struct msg_person *person;
};

/**
 * file_request() - have the LWK make, or take, the text of a file
 * @call: who and how
 * @file: which file; @file->len is at most OFFLOAD_BUFFER_LEN
 * @text: of @file->len bytes
 *
 * Context: process context, sleeps. Return: bytes, or -errno; -EINTR if killed.
 */
int file_request(const struct file_call *call, const struct msg_file *file, char *text);

/*
 * sysfs.c
 */

/** sysfs_peer_add() - make the files of abi/sysfs.def. Context: process context. */
void sysfs_peer_add(struct peer *peer);
/** sysfs_peer_remove() - remove them; waits for who reads there. Context: process context. */
void sysfs_peer_remove(struct peer *peer);

/*
 * request.c
 */

/**
 * request_init() - make a request, which may then be used many times
 * @request: uninitialised
 * @peer: to whom
 *
 * Context: process context.
 * Return: 0, -ENOMEM.
 */
int __must_check request_init(struct request *request, struct peer *peer);

/** request_exit() - undo request_init(). Context: process context; nothing is pending. */
void request_exit(struct request *request);

/**
 * request_begin() - start a message
 * @request: initialised
 * @msg: message
 * @answer: the one that answers it
 *
 * Clears the packet and @request->refusal. Context: any. Return: the payload, to be filled in.
 */
void *request_begin(struct request *request, u32 msg, u32 answer);

/**
 * request_call() - send a message and wait for its answer
 * @request: its packet is filled in
 * @chan: over which channel
 * @wait: what ends the wait
 *
 * After -EINTR and -EHOSTDOWN an answer that comes later is dropped.
 *
 * Context: process context, sleeps. With REQUEST_ALWAYS it allocates nothing, so that
 * memory reclaim may call it.
 * Return: what the LWK answered: 0 or -errno; -EPIPE when the LWK is dead; -EINTR; -EHOSTDOWN.
 */
int request_call(struct request *request, struct peer_chan *chan, enum request_wait wait);

/** request_fail_all() - the LWK is dead: sets peer->dead, ends all waits. Context: any. */
void request_fail_all(struct peer *peer);

/**
 * control_get() - get hold of a control channel and its buffer
 * @peer: whose
 * @cpu: LWK CPU
 * @wait: what ends waiting for others
 * @out: the channel
 *
 * Context: process context, sleeps. Return: 0, -EPIPE, -EINTR.
 */
int control_get(struct peer *peer, u32 cpu, enum request_wait wait, struct control **out);

/**
 * control_call() - request_call() on it
 * @control: from control_get(); its request is filled in
 * @wait: what ends the wait
 *
 * After -EINTR the channel is not the caller's any more: no control_put().
 * Context: process context, sleeps. Return: see request_call().
 */
int control_call(struct control *control, enum request_wait wait);

/** control_put() - undo control_get(). Context: process context. */
void control_put(struct control *control);

/**
 * peer_receive() - take one packet of a channel: the dispatcher of abi/messages.def
 * @chan: an ikc_chan whose data is a struct peer_chan
 * @packet: private copy
 *
 * Context: hard interrupt, or process context with interrupts off.
 */
void peer_receive(struct ikc_chan *chan, const struct ikc_packet *packet);

/*
 * Handlers of abi/messages.def. Each gets a private copy of the packet, in the context of
 * peer_receive(), and refuses it with -errno.
 */
#define IKC_TO_MCCTRL(number, name, handler, doc) \
	int handler(struct peer_chan *from, const struct ikc_packet *packet);
#include "abi/messages.def"

#endif
