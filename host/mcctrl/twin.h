/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What twin.c keeps of a twin, for the files that make and serve them.
 */
#ifndef MCCTRL_TWIN_H
#define MCCTRL_TWIN_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "abi/mcctrl_ioctl.h"
#include "abi/offload.h"

#include "small.h"
#include "usage.h"

struct hold;
struct interrupt;
struct loan;
struct pid;
struct proxy;

/** enum twin_place - where a twin is, as far as the death of the LWK is concerned */
enum twin_place {
	TWIN_AWAY,	/* in mcexec, which may be in a system call for ever */
	TWIN_WAITING,	/* in twin_wait(), which sees that the LWK is dead */
	TWIN_LOST,	/* there too: it is to tell mcexec, which then ends by itself */
};

/**
 * struct twin - a thread of the proxy that stands for a thread on the LWK
 * @proxy:	its process
 * @tid:	its id, in messages too
 * @slot_pfn:	page number of its slot
 * @slot:	the slot
 * @wait:	it sleeps here
 * @hold:	of its signals
 * @interrupt:	of its calls
 * @rcu:	frees it: the doorbell handler looks twins up
 * @place:	enum twin_place, by compare-and-swap
 *
 * proxy->lock:
 * @child_slot:	slot of the thread that it is making a twin for, 0: none, or there is one. It looks
 *		at this without the lock
 * @child_ret:	the answer, if @child_met was set for the new twin
 *
 * @child_met:	the new twin is there, or it waits for the next request: atomic. Who comes second
 *		gives the answer
 *
 * Own thread only:
 * @serving:	a request was taken and not answered
 * @nr:		which one
 * @stopped:	the LWK was told that the thread stops
 * @signals:	signals that the LWK acknowledged
 * @signals_seen: those that its thread had seen when it made the request
 * @interrupts_seen: INTERRUPTs likewise
 * @asked_at: where in mcexec the request at hand is
 * @used:	what its thread has used, as far as it is in the books
 * @small:	small arguments of the request at hand
 * @child:	process that it has forked, and awaits, with a reference; or NULL
 */
struct twin {
	struct proxy *proxy;
	u32 tid;
	unsigned long slot_pfn;
	struct offload_slot *slot;
	wait_queue_head_t wait;
	struct hold *hold;
	struct interrupt *interrupt;
	struct rcu_head rcu;
	atomic_t place;

	u64 child_slot;
	s64 child_ret;

	atomic_t child_met;

	bool serving;
	u64 nr;
	bool stopped;
	u64 signals;
	u64 signals_seen;
	u64 interrupts_seen;
	struct mcctrl_wait __user *asked_at;
	struct usage used;
	struct small small;
	struct pid *child;
};

/**
 * twin_current() - the calling thread's twin, which only itself can end
 * @proxy: its process
 *
 * Context: process context. Return: NULL: it is none.
 */
struct twin *twin_current(struct proxy *proxy);

/**
 * twin_alloc() - what a twin is, but for a slot
 * @proxy: of the calling thread, which it is for
 *
 * Context: process context. Return: it, for twin_install() or twin_free(); NULL: no memory.
 */
struct twin *twin_alloc(struct proxy *proxy);

/** twin_free() - free one that nobody finds by its id any more. Context: process context. */
void twin_free(struct twin *twin);

/**
 * twin_install() - make it the twin of a thread
 * @twin: it
 * @slot: physical address of the thread's slot, a page of granted memory
 *
 * Its credentials are the caller's. Context: process context, its proxy's lock held unless there is
 * no other twin yet. Return: 0; it is not a twin: -EBUSY when thread or slot is taken, -ENOMEM.
 */
int twin_install(struct twin *twin, u64 slot);

/** twin_tell_caps() - tell the LWK thread what the calling thread may do. Context: any. */
void twin_tell_caps(const struct twin *twin);

/**
 * twin_answer() - answer the request at hand
 * @twin: the calling thread's
 * @ret: result or -errno
 * @loan: with FAULT, or NULL
 *
 * Context: process context. Return: 0 or -errno: the LWK could not be told.
 */
int twin_answer(struct twin *twin, s64 ret, const struct loan *loan);

/** twin_tell_stop() - tell the LWK if the calling thread, whose twin it is, is about to stop. */
void twin_tell_stop(struct twin *twin);

/**
 * twin_child_begin() - OFFLOAD_NR_THREAD: a twin is about to make another
 * @twin: the calling thread's
 * @wait: the request; its slot's address is taken out of it
 *
 * Context: process context. Return: 0 or -EPROTO.
 */
int twin_child_begin(struct twin *twin, struct mcctrl_wait *wait);

/**
 * twin_child_end() - mcexec is through with OFFLOAD_NR_THREAD
 * @twin: the calling thread's
 * @later: it has made a thread, which answers; else nobody becomes a twin by it any more
 * @ret: mcexec's answer, and result: what is to be answered now
 *
 * Context: process context. Return: false: the new twin gives the answer when it is there.
 */
bool twin_child_end(struct twin *twin, bool later, s64 *ret);

/**
 * twin_answer_thread() - answer another twin's OFFLOAD_NR_THREAD
 * @twin: it; its proxy's lock is held
 * @ret: a new twin's ids, as OFFLOAD_NR_THREAD has them, or -errno
 *
 * Context: process context. Return: whether its LWK thread sleeps, and is to be woken.
 */
bool twin_answer_thread(struct twin *twin, s64 ret);

/**
 * twin_send() - send a message about a thread of the LWK
 * @proxy: its process
 * @tid: its id; it may have ended
 * @msg: which, with a struct msg_thread
 *
 * Context: process context. Return: 0 or -errno.
 */
int twin_send(struct proxy *proxy, u32 tid, u32 msg);

#endif
