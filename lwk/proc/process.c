// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of processes and tasks, and how a process ends. load.c is how one is made.
 */
#include "lwk/include/proc/process.h"

#include "abi/errno.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/sched.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/futex_internal.h"
#include "lwk/proc/internal.h"

#define BUCKETS 256
#define PRIO_PROCESS 0

static struct spinlock table_lock = SPINLOCK_INIT(LOCK_RANK_PROCESS_TABLE, "process table");
/* table_lock protects: */
static struct list_node processes[BUCKETS];
static struct list_node tasks[BUCKETS];
static u64 nmade; /* read without the lock */

void process_init(void)
{
	for (u32 i = 0; i < BUCKETS; i++) {
		list_init(&processes[i]);
		list_init(&tasks[i]);
	}
}

static struct process *find_locked(u32 pid)
{
	struct process *process;

	ASSERT(spin_lock_held(&table_lock));
	list_for_each(process, &processes[pid % BUCKETS], link) {
		/* One without references is about to be taken out. */
		if (process->pid == pid && READ_ONCE(process->refs))
			return process;
	}
	return NULL;
}

/* Return: false if the last owner was quicker. */
static bool get_unless_zero(struct process *process)
{
	u32 refs = READ_ONCE(process->refs);

	/* Relaxed: the table's lock orders it. */
	while (refs && !__atomic_compare_exchange_n(&process->refs, &refs, refs + 1, false,
						    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		continue;
	return refs;
}

int process_publish(struct process *process, struct task *task)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	int err = find_locked(process->pid) ? -EEXIST : 0;

	if (!err) {
		WRITE_ONCE(nmade, nmade + 1);
		list_add(&process->link, &processes[process->pid % BUCKETS]);
		list_add(&task->hash, &tasks[task->tid % BUCKETS]);
	}
	spin_unlock_irqrestore(&table_lock, irq);
	return err;
}

u64 process_count_made(void)
{
	return READ_ONCE(nmade);
}

void task_publish(struct task *task)
{
	u64 irq = spin_lock_irqsave(&table_lock);

	list_add(&task->hash, &tasks[task->tid % BUCKETS]);
	spin_unlock_irqrestore(&table_lock, irq);
}

void task_unhash(struct task *task)
{
	u64 irq = spin_lock_irqsave(&table_lock);

	list_del(&task->hash);
	spin_unlock_irqrestore(&table_lock, irq);
}

/* Of threads that CLONE_VFORK made: who waits for this one goes on, and it waits for nobody. */
static void part_locked(struct task *task)
{
	struct task *awaiter = task->awaiter;

	if (task->awaited)
		task->awaited->awaiter = NULL;
	WRITE_ONCE(task->awaited, NULL);
	task->awaiter = NULL;
	if (!awaiter)
		return;
	WRITE_ONCE(awaiter->awaited, NULL);
	thread_wake(&awaiter->thread);
}

static bool retire_locked(struct task *task)
{
	struct process *process = task->process;

	ASSERT(spin_lock_held(&process->lock));
	if (task->leaving)
		return false;
	task->leaving = true;
	part_locked(task);
	return !--process->nlive;
}

bool task_retire(void)
{
	struct task *task = task_current();
	u64 irq = spin_lock_irqsave(&task->process->lock);
	bool last = retire_locked(task);

	spin_unlock_irqrestore(&task->process->lock, irq);
	return last;
}

struct process *process_find(u32 pid)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	struct process *process = find_locked(pid);

	if (process && !get_unless_zero(process))
		process = NULL;
	spin_unlock_irqrestore(&table_lock, irq);
	return process;
}

void process_with(u32 pid, process_fn fn, void *ctx)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	struct process *process = find_locked(pid);

	if (process)
		fn(process, ctx);
	spin_unlock_irqrestore(&table_lock, irq);
}

void process_for_each(process_fn fn, void *ctx)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	struct process *process;

	for (u32 i = 0; i < BUCKETS; i++) {
		list_for_each(process, &processes[i], link)
			fn(process, ctx);
	}
	spin_unlock_irqrestore(&table_lock, irq);
}

int task_with(u32 pid, u32 tid, task_fn fn, void *ctx)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	struct task *task;
	int err = -ESRCH;

	list_for_each(task, &tasks[tid % BUCKETS], hash) {
		if (task->tid == tid && task->process->pid == pid) {
			err = fn(task, ctx);
			break;
		}
	}
	spin_unlock_irqrestore(&table_lock, irq);
	return err;
}

int task_with_tid(u32 tid, task_fn fn, void *ctx)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	struct task *task;
	int err = -ESRCH;

	list_for_each(task, &tasks[tid % BUCKETS], hash) {
		if (task->tid == tid && task->vtid == tid) {
			err = fn(task, ctx);
			break;
		}
	}
	spin_unlock_irqrestore(&table_lock, irq);
	return err;
}

int task_with_sibling(u32 vtid, task_fn fn, void *ctx)
{
	struct process *process = task_current()->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	struct task *found = NULL;
	struct task *task;
	int err = -ESRCH;

	/* One that has ended may still be there, and the latest have its id, by choice. */
	list_for_each(task, &process->tasks, link) {
		if (task->vtid == vtid)
			found = task;
	}
	if (found)
		err = fn ? fn(found, ctx) : 0;
	spin_unlock_irqrestore(&process->lock, irq);
	return err;
}

static struct task *find_member_locked(u64 pid_ns, u32 vtid)
{
	struct task *task;

	ASSERT(spin_lock_held(&table_lock));
	/* The table goes by ids in the first namespace: there, the first place is the right one. */
	for (u32 i = 0; i < BUCKETS; i++) {
		list_for_each(task, &tasks[(vtid + i) % BUCKETS], hash) {
			if (task->vtid == vtid && task->process->pid_ns == pid_ns)
				return task;
		}
	}
	return NULL;
}

/* Return: what @fn returned; -ESRCH: it is no thread of the namespace. */
static int member_with(u64 pid_ns, u32 vtid, task_fn fn, void *ctx)
{
	u64 irq = spin_lock_irqsave(&table_lock);
	struct task *task = find_member_locked(pid_ns, vtid);
	int err = -ESRCH;

	if (task)
		err = fn ? fn(task, ctx) : 0;
	spin_unlock_irqrestore(&table_lock, irq);
	return err;
}

bool task_is_sibling(u32 vtid)
{
	return !vtid || !task_with_sibling(vtid, NULL, NULL);
}

int task_with_vtid(u32 vtid, task_fn fn, void *ctx)
{
	struct process *process = task_current()->process;
	s64 err;

	if (!vtid)
		vtid = task_current()->vtid;
	err = task_with_sibling(vtid, fn, ctx);
	if (err != -ESRCH)
		return (int)err;
	/* One that has ended, and been waited for, may be here a little longer than there. */
	err = offload_request3(SYSCALL_getpriority, PRIO_PROCESS, vtid, 0);
	return err < 0 ? (int)err : member_with(process->pid_ns, vtid, fn, ctx);
}

int task_with_vtid_here(u32 vtid, task_fn fn, void *ctx)
{
	struct process *process = task_current()->process;
	int err = task_with_sibling(vtid, fn, ctx);

	return err == -ESRCH ? member_with(process->pid_ns, vtid, fn, ctx) : err;
}

static void set_state(struct process *process, enum process_state state)
{
	/* Release: what led to it; partner is process_is_gone(). */
	__atomic_store_n(&process->state, state, __ATOMIC_RELEASE);
}

struct task *process_first_task(struct process *process)
{
	return list_first(&process->tasks, struct task, link);
}

int process_schedule(u32 pid)
{
	struct process *process = process_find(pid);
	struct task *task = NULL;
	u64 irq;
	int err = -EBUSY;

	if (!process)
		return -ESRCH;
	irq = spin_lock_irqsave(&process->lock);
	if (process->state == PROCESS_PREPARED) {
		set_state(process, PROCESS_RUNNING);
		task = process_first_task(process);
		err = 0;
	}
	spin_unlock_irqrestore(&process->lock, irq);
	if (task) {
		/* Before its first instruction it comes to process_begin(). */
		thread_notify(&task->thread);
		thread_start(&task->thread);
	}
	process_put(process);
	return err;
}

static void answer_cleanup(struct work *work)
{
	struct process *process = container_of(work, struct process, cleanup_work);
	struct ikc_channel *chan = process->cleanup_chan;
	const struct ikc_packet answer = {
		.msg = IKC_MSG_CLEANUP_PROCESS_DONE,
		.cookie = process->cleanup_cookie,
	};

	/* Nothing is left of it when Linux hears of that. */
	kfree(process);
	ikc_answer(chan, &answer);
	ikc_release(chan);
}

static void put_space(struct process *process)
{
	/* Each user's accesses come before the last one ends it. */
	bool last = __atomic_fetch_sub(&process->space->users, 1, __ATOMIC_ACQ_REL) == 1;

	if (process->vm && last) {
		/* Linux maps nothing of it any more. */
		process->vm->revoke = NULL;
		sched_unload_vm(process->vm);
	} else if (process->vm && process->vm->owner == process) {
		process->vm->owner = NULL;
	}
	if (process->vm)
		vm_put(process->vm);
	if (last) {
		kfree(process->space->futexes);
		kfree(process->space);
	}
}

static void put_handlers(struct process_handlers *handlers)
{
	/* Each user's accesses come before the last one frees it. */
	if (handlers && __atomic_fetch_sub(&handlers->users, 1, __ATOMIC_ACQ_REL) == 1)
		kfree(handlers);
}

static void put_refs(struct process *process, u32 n)
{
	/* Each owner's accesses come before the last owner frees it. */
	u32 refs = __atomic_fetch_sub(&process->refs, n, __ATOMIC_ACQ_REL);
	u64 irq;

	ASSERT(refs >= n);
	if (refs > n)
		return;
	ASSERT(!process->ntasks);
	irq = spin_lock_irqsave(&table_lock);
	list_del(&process->link);
	spin_unlock_irqrestore(&table_lock, irq);
	put_space(process);
	put_handlers(process->handlers);
	cpu_timers_drain(&process->timers);
	kfree(process->start);
	kfree(process->stats);
	if (!process->cleanup_chan) {
		kfree(process);
		return;
	}
	process->cleanup_work.fn = answer_cleanup;
	work_queue(&process->cleanup_work, process->cleanup_chan->cpu);
}

void process_put(struct process *process)
{
	put_refs(process, 1);
}

void task_destroy(struct task *task)
{
	struct process *process = task->process;
	u64 irq;

	/* It may never have run, and yet be found as the owner of a futex. */
	pi_exit(task);
	task_unhash(task);
	trace_task_ended(task);
	irq = spin_lock_irqsave(&process->lock);
	(void)retire_locked(task);
	list_del(&task->link);
	process->ntasks--;
	cpu_usage_add_task(&process->ended, task);
	spin_unlock_irqrestore(&process->lock, irq);
	thread_destroy(&task->thread);
	task_free(task);
	process_put(process);
}

void task_ended(struct thread *thread)
{
	task_destroy(container_of(thread, struct task, thread));
}

/* All that wait, and all that run in user mode, come to see that they have to end. */
static void end_tasks(struct process *process)
{
	struct task *task;

	ASSERT(spin_lock_held(&process->lock));
	list_for_each(task, &process->tasks, link) {
		thread_notify(&task->thread);
		thread_wake(&task->thread);
	}
}

static int begin_cleanup(struct process *process, bool *started)
{
	u64 irq = spin_lock_irqsave(&process->lock);
	int err = process->state == PROCESS_GONE ? -EALREADY : 0;

	*started = process->state == PROCESS_RUNNING;
	if (!err) {
		set_state(process, PROCESS_GONE);
		if (*started)
			end_tasks(process);
	}
	spin_unlock_irqrestore(&process->lock, irq);
	return err;
}

int process_cleanup(const struct msg_process *msg, struct ikc_channel *chan, u64 cookie)
{
	struct process *process = process_find(msg->pid);
	bool started;
	int err;

	if (!process)
		return -ESRCH;
	process->executed = msg->executed;
	process->status = msg->status;
	process->next_started = msg->started;
	process->next_exec_id = msg->exec_id;
	err = begin_cleanup(process, &started);
	if (err) {
		process_put(process);
		return err;
	}
	process->cleanup_chan = chan;
	process->cleanup_cookie = cookie;
	if (!started)
		task_destroy(process_first_task(process));
	/* Ours, and that of its creation. */
	put_refs(process, 2);
	return 0;
}

/* Sleep until the proxy is gone, whatever else happens. */
static void wait_for_cleanup(struct task *task)
{
	for (;;) {
		thread_prepare_wait();
		if (process_is_gone(task->process))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
}

__noreturn void task_exit(void)
{
	struct task *task = task_current();
	struct mutex *memory = &task->process->space->memory;
	bool reached = robust_list_end();

	wait_for_cleanup(task);
	if (!reached)
		robust_list_wake();
	if (mutex_is_mine(memory))
		mutex_unlock(memory);
	/* A signal or an execve(2) ended it. */
	if (process_is_sharing(task->process))
		task_clear_tid();
	thread_set_vm(NULL);
	thread_exit();
}
