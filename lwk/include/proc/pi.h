/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Priority inheritance: what a task has to do with it.
 */
#ifndef LWK_PROC_PI_H
#define LWK_PROC_PI_H

#include "lwk/lib/list.h"

struct pi_waiter;
struct task;

/**
 * struct pi_task - in struct task
 * @held:	PI futexes that it owns and others wait for, struct pi_state
 * @waiting:	what it waits for, or NULL
 * @ended:	it owns nothing any more, and never will
 */
struct pi_task {
	struct list_node held;
	struct pi_waiter *waiting;
	bool ended;
};

/** pi_init() - make the lock ready. Context: first CPU, once. */
void pi_init(void);

/**
 * pi_sched_changed() - a task has another policy: so have, maybe, those that it waits for.
 * @task: any
 *
 * Context: any but NMI; no lock of futexes held.
 */
void pi_sched_changed(struct task *task);

#endif
