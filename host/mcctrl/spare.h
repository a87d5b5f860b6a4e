/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spare twins: threads of a proxy that wait until they can be the twin of a new thread, so that its
 * creator does not have to wait for Linux to make one.
 *
 * A spare may be taken if it is what the creator's twin would make at that moment, in all that
 * Linux passes on from one thread to another; else it ends, and a twin is made. Until then it
 * blocks all signals, is no twin, and the LWK knows nothing of it.
 */
#ifndef MCCTRL_SPARE_H
#define MCCTRL_SPARE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>

struct proxy;
struct task_struct;
struct twin;

/**
 * struct spares - those of a process; proxy->lock
 * @waiting:	struct spare: they can be taken
 * @nwaiting:	how many; also read without the lock
 * @leaving:	struct spare: they were told to end, and their threads may be there still
 * @wait:	they sleep here
 */
struct spares {
	struct list_head waiting;
	u32 nwaiting;
	struct list_head leaving;
	wait_queue_head_t wait;
};

/** spares_init() - there are none. */
void spares_init(struct spares *spares);

/** spares_any() - are there any? Context: any. */
bool spares_any(const struct proxy *proxy);

/** spares_lose() - the LWK is dead: they end. Context: any. */
void spares_lose(struct proxy *proxy);

/** spares_exit() - none of the process's threads is in a request. proxy->lock held. */
void spares_exit(struct proxy *proxy);

/**
 * spare_wait() - MCCTRL_IOC_SPARE_TWIN
 * @proxy: of the calling thread
 *
 * Context: process context. Return: 0: it is a twin; -ECANCELED: it is to end; -errno.
 */
long spare_wait(struct proxy *proxy);

/**
 * spare_drop_all() - MCCTRL_IOC_DROP_SPARES
 * @proxy: of the calling thread, which is no spare
 *
 * Context: process context, no lock held. Return: 0: there are no spares, nor their threads;
 * -EINTR: ask again.
 */
long spare_drop_all(struct proxy *proxy);

/**
 * spare_take() - answer OFFLOAD_NR_THREAD with a spare
 * @creator: the calling thread's twin, which serves that; twin_child_begin() has been called
 * @args: of the request
 * @err: result: 0 or -errno: the LWK could not be told of the answer
 *
 * Context: process context. Return: false: it is not answered, there is none like the creator.
 */
bool spare_take(struct twin *creator, const u64 *args, int *err);

/**
 * spare_same() - is a thread what the calling one would make, with what pthread_create(3) asks for?
 * @task: another thread of its process, which sleeps since it was made
 *
 * Context: process context, may not sleep. Return: false also if that cannot be told.
 */
bool spare_same(struct task_struct *task);

/**
 * spare_may_count() - would Linux let the calling thread make another one?
 * @nspares: threads of its process that it would not have made but for this
 *
 * Context: process context. Return: false: not by RLIMIT_NPROC.
 */
bool spare_may_count(u32 nspares);

#endif
