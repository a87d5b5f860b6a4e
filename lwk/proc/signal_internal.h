/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals, between the files of lwk/proc/.
 */
#ifndef LWK_PROC_SIGNAL_INTERNAL_H
#define LWK_PROC_SIGNAL_INTERNAL_H

#include "lwk/include/proc/signal.h"

/** SIGNAL_SYNCHRONOUS - signals of a program's own exceptions. */
#define SIGNAL_SYNCHRONOUS                                                            \
	(SIGNAL_MASK(SIGSEGV) | SIGNAL_MASK(SIGBUS) | SIGNAL_MASK(SIGILL) |           \
	 SIGNAL_MASK(SIGTRAP) | SIGNAL_MASK(SIGFPE) | SIGNAL_MASK(SIGSYS))

/** SIGNAL_DEFAULT_CORE - signals whose default is to dump core. */
#define SIGNAL_DEFAULT_CORE                                                           \
	(SIGNAL_MASK(SIGQUIT) | SIGNAL_MASK(SIGILL) | SIGNAL_MASK(SIGTRAP) |          \
	 SIGNAL_MASK(SIGABRT) | SIGNAL_MASK(SIGBUS) | SIGNAL_MASK(SIGFPE) |           \
	 SIGNAL_MASK(SIGSEGV) | SIGNAL_MASK(SIGXCPU) | SIGNAL_MASK(SIGXFSZ) |         \
	 SIGNAL_MASK(SIGSYS))

/** SIGNAL_DEFAULT_IGNORE - signals whose default is to do nothing. */
#define SIGNAL_DEFAULT_IGNORE                                                         \
	(SIGNAL_MASK(SIGCHLD) | SIGNAL_MASK(SIGCONT) | SIGNAL_MASK(SIGURG) |          \
	 SIGNAL_MASK(SIGWINCH))

/** SIGNAL_DEFAULT_STOP - signals whose default is to stop. */
#define SIGNAL_DEFAULT_STOP                                                           \
	(SIGNAL_MASK(SIGSTOP) | SIGNAL_MASK(SIGTSTP) | SIGNAL_MASK(SIGTTIN) |         \
	 SIGNAL_MASK(SIGTTOU))

/**
 * signal_take_locked() - take the next pending signal of a set.
 * @pending: of a task
 * @set: which may be taken
 * @info: result
 * @free: result: for kfree() once the lock is released, or NULL
 *
 * Context: the process's lock held.
 * Return: the signal, 0 if none is pending.
 */
u32 signal_take_locked(struct signal_pending *pending, u64 set, struct signal_info *info,
		       struct signal_entry **free);

/**
 * signal_queue() - make a signal pending for a task, which is not woken.
 * @task: any
 * @entry: taken over
 *
 * Context: any but NMI; the locks of ptrace.c and of the tables may be held.
 */
void signal_queue(struct task *task, struct signal_entry *entry);

/**
 * signal_wait_while() - sleep in a stop, or for another thread's end; no signal ends that.
 * @task: the caller's
 * @stopped: is it to sleep? Called with no lock held
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void signal_wait_while(struct task *task, bool (*stopped)(struct task *task));

/**
 * signal_child_flags() - of the flags of SIGCHLD, those that Linux has to know.
 * @action: of SIGCHLD
 *
 * Context: any.
 * Return: SA_NOCLDSTOP, SA_NOCLDWAIT; the latter, too, where it is ignored: Linux only sees that it
 * is passed on.
 */
u64 signal_child_flags(const struct signal_action *action);

/**
 * signal_hand_on() - give Linux back what the calling task, which ends, has not taken.
 *
 * Only what may be for the process: the rest was for the task alone.
 *
 * Context: the task, whose twin blocks all; interrupts enabled, no lock held.
 */
void signal_hand_on(void);

/**
 * signal_hand_over() - give Linux what the calling task blocks and has pending here.
 *
 * For execve(2), which keeps it; Linux passes it on if the task unblocks it nevertheless.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void signal_hand_over(void);

/**
 * signal_disposition() - what Linux is told to do with a signal of the calling process.
 * @action: of the signal
 *
 * Context: a task.
 * Return: OFFLOAD_SIG_*.
 */
u32 signal_disposition(const struct signal_action *action);

/**
 * signal_tell_mask() - have Linux let signals through that it holds back and the task wants.
 * @task: the caller's
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void signal_tell_mask(struct task *task);

/**
 * signal_tell_proxy() - have Linux treat a signal as the program does.
 * @sig: signal
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0 or -errno.
 */
int signal_tell_proxy(u32 sig) __must_check;

#endif
