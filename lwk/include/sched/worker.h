/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The thread on each CPU that runs its work queue.
 */
#ifndef LWK_SCHED_WORKER_H
#define LWK_SCHED_WORKER_H

#include "lwk/include/types.h"

/**
 * worker_create() - make and start the worker thread of a CPU.
 * @cpu: LWK CPU number, online
 *
 * Panics without memory. Context: first CPU, once for each CPU.
 */
void worker_create(u32 cpu);

#endif
