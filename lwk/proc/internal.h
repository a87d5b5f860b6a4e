/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of lwk/proc/ share with each other and nobody else.
 */
#ifndef LWK_PROC_INTERNAL_H
#define LWK_PROC_INTERNAL_H


#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"

/**
 * process_alloc() - make a process without memory, threads and ids, that nobody knows.
 * @space: what it has in common with others; NULL: nothing
 * @handlers: likewise
 *
 * Context: process context.
 * Return: it, with one reference; NULL without memory.
 */
struct process *process_alloc(struct process_space *space,
			      struct process_handlers *handlers) __must_check;

/**
 * process_wait_ended() - wait until the LWK has forgotten the processes that have ended on Linux.
 *
 * There the memory of a process is free before anybody can have waited for it.
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0: try again what wants memory; -ERESTARTNOINTR.
 */
int process_wait_ended(void) __must_check;

/**
 * process_action() - what a process does with a signal.
 * @process: a process
 * @sig: signal number
 *
 * Context: any but NMI; the process's lock may be held.
 * Return: a copy.
 */
struct signal_action process_action(struct process *process, u32 sig);

/**
 * process_first_task() - the first of its tasks.
 * @process: its first task cannot go meanwhile
 *
 * Context: any.
 * Return: the task.
 */
struct task *process_first_task(struct process *process);

/**
 * process_publish() - put a new process and its task into the tables.
 * @process: complete
 * @task: complete
 *
 * Context: any but NMI.
 * Return: 0, -EEXIST.
 */
int process_publish(struct process *process, struct task *task) __must_check;

/**
 * task_create() - make a task that is not in the tables.
 * @process: its process; gets a reference
 * @tid: thread id
 * @vtid: what gettid() says
 * @cpu: LWK CPU number
 *
 * Context: process context.
 * Return: it, in the process's list; NULL without memory.
 */
struct task *task_create(struct process *process, u32 tid, u32 vtid, u32 cpu) __must_check;

/**
 * task_copy() - make a task that comes out of the calling one's system call, with 0.
 * @process: its process
 * @args: of clone(2)
 *
 * Context: a task.
 * Return: it, without ids and not in the tables; NULL without memory.
 */
struct task *task_copy(struct process *process, const struct process_fork_args *args) __must_check;

/**
 * task_publish() - put a task that has its ids now into the table.
 * @task: complete
 *
 * Context: any but NMI.
 */
void task_publish(struct task *task);

/**
 * task_retire() - the calling task does not count as one of its process's threads any more.
 *
 * Context: the task.
 * Return: whether it was the last one; false as well if it had been retired.
 */
bool task_retire(void);

/**
 * task_unhash() - take a task out of the table: its twin is no more, its id may be another's.
 * @task: the task
 *
 * Context: any but NMI.
 */
void task_unhash(struct task *task);

/**
 * process_fork() - make a process that is a copy of the calling one.
 * @args: sound
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: the child's id; -errno.
 */
s64 process_fork(const struct process_fork_args *args);

/**
 * thread_clone() - make another thread of the calling process.
 * @args: sound
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: the thread's id; -errno.
 */
s64 thread_clone(const struct process_fork_args *args);

/**
 * process_end_others() - no thread goes on until Linux has ended the proxy.
 * @process: the calling task's, or one whose proxy is being killed
 *
 * Context: any but NMI, no lock held.
 * Return: false if another one has called it before.
 */
bool process_end_others(struct process *process);

/**
 * robust_list_exit() - tell those who wait for the calling task's futexes that it ends: those of
 * its robust list, and PI futexes.
 *
 * Context: the task, with its twin, interrupts enabled, no lock held.
 */
void robust_list_exit(void);

/**
 * robust_list_end() - as robust_list_exit(), of a task that something else has ended. Linux marks
 * what is in shared memory of its own; perhaps it has marked all.
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: whether all was reached; if not, robust_list_wake() is to follow once the proxy is gone.
 */
bool robust_list_end(void);

/**
 * robust_list_wake() - have all who wait in shared memory of the LWK's that the calling task's
 * process has look at their words: Linux may have marked them.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void robust_list_wake(void);

/**
 * task_clear_tid() - set_tid_address(2): the calling task ends.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void task_clear_tid(void);

/**
 * process_check() - panic unless the books of the calling process, and of the scheduler, are right.
 *
 * Context: a task, interrupts enabled, no lock held.
 */
void process_check(void);

/**
 * task_free() - free a task's memory.
 * @task: in no list, its thread destroyed
 *
 * Context: process context.
 */
void task_free(struct task *task);

/**
 * task_destroy() - end a task that does not run.
 * @task: not started, or ended
 *
 * Context: process context.
 */
void task_destroy(struct task *task);

#endif
