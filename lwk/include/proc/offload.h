/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of a task to its twin: abi/offload.h.
 */
#ifndef LWK_PROC_OFFLOAD_H
#define LWK_PROC_OFFLOAD_H

#include "abi/offload.h"
#include "lwk/include/compiler.h"

struct task;

/**
 * offload_request() - have the twin do something, and wait for the answer.
 * @nr: system call number or OFFLOAD_NR_*
 * @args: arguments
 *
 * Waits until the twin answers or the process is gone; signals interrupt the twin, not this.
 *
 * Context: a task, interrupts enabled, no spinlock held; not while it has a request under way.
 * Return: the answer; -EINTR if the process is gone, -EIO if the answer is impossible.
 */
s64 offload_request(u64 nr, const u64 args[6]);

/** offload_request3() - as offload_request(), with three arguments. */
s64 offload_request3(u64 nr, u64 arg0, u64 arg1, u64 arg2);

/**
 * offload_insist() - as offload_request(), but not put off by signals.
 * @nr: system call number that cannot wait
 * @args: arguments
 *
 * For what must have been done before the task goes on; the answer is never OFFLOAD_RET_RESTART.
 */
s64 offload_insist(u64 nr, const u64 args[6]);

/**
 * offload_capable() - does the calling task have a capability, on Linux?
 * @cap: OFFLOAD_CAP_*
 *
 * Context: a task, not while it has a request under way.
 */
bool offload_capable(u32 cap);

/**
 * offload_send() - give the twin a request that has no answer.
 * @nr: OFFLOAD_NR_DIE, or a call that ends the proxy
 * @arg: its argument
 *
 * Context: as offload_request().
 */
void offload_send(u64 nr, u64 arg);

/**
 * offload_is_calling() - does a task's twin make a call, or serve a request by which it may block
 * or unblock signals?
 * @task: any
 *
 * Context: any. Return: true if so; a request that comes later finds what was stored before.
 */
bool offload_is_calling(const struct task *task);

/**
 * offload_interrupt() - have a twin give up its call.
 * @msg: which; of its thread's @interrupts
 *
 * Context: any but NMI, no lock held.
 */
void offload_interrupt(const struct msg_interrupt *msg);

/**
 * offload_wake() - WAKE_UP_SYSCALL_THREAD: the answer is there.
 * @msg: unchecked
 *
 * One that has ended meanwhile has nothing to wait for.
 *
 * Context: any but NMI.
 */
void offload_wake(const struct msg_thread *msg);

#endif
