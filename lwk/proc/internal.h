/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of lwk/proc/ share with each other and nobody else.
 */
#ifndef LWK_PROC_INTERNAL_H
#define LWK_PROC_INTERNAL_H

#include "lwk/include/proc/process.h"

/**
 * process_alloc() - make a process without memory, threads and ids, that nobody knows.
 *
 * Context: process context.
 * Return: it, with one reference; NULL without memory.
 */
struct process *process_alloc(void) __must_check;

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

/**
 * task_ended() - struct thread.ended of tasks.
 * @thread: a task's
 *
 * Context: a worker thread.
 */
void task_ended(struct thread *thread);

#endif
