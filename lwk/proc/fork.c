// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork(2): a process that is a copy of the caller's, or has the same memory.
 *
 * All that can fail here is done first. The child is an embryo then: complete, but without
 * ids, since those are Linux's to give; its parent's list has it by a token. The twin forks the
 * proxy, and the new proxy claims the embryo (ADOPT_PROCESS), which makes it a prepared process
 * like any other. Whoever takes an embryo off the list owns it: that message, or its parent, if
 * the twin comes back and it is still there.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"

/* What the new proxy has of the old one, or anew. */
#define FLAGS_LINUX                                                                           \
	(CLONE_EXIT_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_PIDFD |\
	 CLONE_SYSVSEM | CLONE_DETACHED | CLONE_UNTRACED | CLONE_PARENT | CLONE_INTO_CGROUP | \
	 CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |        \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_IO)

static u64 last_token;

/*
 * Return: a process like the calling one, which has in common with it what @flags say, but no
 * threads, and no memory yet; NULL without memory.
 */
static struct process *copy_process(struct process *parent, u64 flags)
{
	struct process *child = process_alloc(flags & CLONE_VM ? parent->space : NULL,
					      flags & CLONE_SIGHAND ? parent->handlers : NULL);
	u64 irq;

	if (!child)
		return NULL;
	memcpy(child->uid, parent->uid, sizeof(child->uid));
	memcpy(child->gid, parent->gid, sizeof(child->gid));
	memcpy(child->comm, parent->comm, sizeof(child->comm));
	mutex_lock(&parent->space->limits);
	memcpy(child->rlimits, parent->rlimits, sizeof(child->rlimits));
	child->limits_untold = parent->limits_untold;
	mutex_unlock(&parent->space->limits);
	child->may_lock = parent->may_lock;
	child->rseq_len = parent->rseq_len;
	child->clocks = parent->clocks;
	child->clocks_at = parent->clocks_at;
	child->tells_calls = parent->tells_calls;
	child->membarrier = READ_ONCE(parent->membarrier);
	child->auxv = parent->auxv;
	child->cpus = parent->cpus;
	child->start_stack = parent->start_stack;
	if (!(flags & CLONE_SIGHAND)) {
		irq = spin_lock_irqsave(&parent->handlers->lock);
		memcpy(child->handlers->actions, parent->handlers->actions,
		       sizeof(child->handlers->actions));
		spin_unlock_irqrestore(&parent->handlers->lock, irq);
	}
	irq = spin_lock_irqsave(&parent->lock);
	child->relays_all = parent->relays_all;
	cpu_timers_inherit(&child->timers, parent->timers.limits);
	spin_unlock_irqrestore(&parent->lock, irq);
	return child;
}

static int copy_memory(struct process *parent, struct process *child, bool promised)
{
	struct vm_limits limits;
	int err;

	if (child->space == parent->space) {
		vm_get(parent->vm);
		child->vm = parent->vm;
		return 0;
	}
	err = vm_fork(parent->vm, promised, &child->vm);
	if (err)
		return err;
	child->vm->owner = child;
	child->vm->revoke = memory_revoke;
	child->vm->in_vain = memory_in_vain;
	/* The parent's may be a sharer's, or have been changed since the child's were copied. */
	process_limits(child, &limits);
	vm_set_limits(child->vm, &limits);
	return 0;
}

/* What its tracer calls it. */
static u32 event_of(u64 flags)
{
	if (flags & CLONE_VFORK)
		return TRACE_EVENT_VFORK;
	return (flags & CLONE_EXIT_SIGNAL) == SIGCHLD ? TRACE_EVENT_FORK : TRACE_EVENT_CLONE;
}

/* The thread of the child: it comes out of the same system call, with 0. */
static int copy_task(struct process *child, const struct process_fork_args *args)
{
	struct task *parent = task_current();
	struct task *task = task_copy(child, args);

	if (!task)
		return -ENOMEM;
	/* What the request for it says; the parent's twin may have been told of more, or less. */
	task->twin_blocked = parent->blocked;
	/* Two may not use one stack at a time. */
	if ((args->flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM)
		task->altstack = parent->altstack;
	if (args->flags & CLONE_PTRACE)
		trace_inherit(task, TRACE_EVENT_ANY);
	else if (!(args->flags & CLONE_UNTRACED))
		trace_inherit(task, event_of(args->flags));
	return 0;
}

static int make_embryo(struct process *parent, const struct process_fork_args *args,
		       struct process **out)
{
	struct process *child = copy_process(parent, args->flags);
	u64 irq;
	int err;

	if (!child)
		return -ENOMEM;
	err = copy_memory(parent, child, !args->unpromised);
	if (!err)
		err = copy_task(child, args);
	if (err) {
		process_put(child);
		return err;
	}
	/* Relaxed: it need only be different from all others. */
	child->token = __atomic_add_fetch(&last_token, 1, __ATOMIC_RELAXED);
	irq = spin_lock_irqsave(&parent->lock);
	list_add(&child->link, &parent->embryos);
	spin_unlock_irqrestore(&parent->lock, irq);
	*out = child;
	return 0;
}

/* With what the memory lock protects steady; a copy of the memory is made with it held. */
static int make_embryo_steady(struct process *parent, const struct process_fork_args *args,
			      struct process **out)
{
	int err;

	if (!(args->flags & CLONE_VM))
		return make_embryo(parent, args, out);
	mutex_lock(&parent->space->memory);
	err = make_embryo(parent, args, out);
	mutex_unlock(&parent->space->memory);
	return err;
}

/* Return: the embryo, now the caller's, or NULL. */
static struct process *take_embryo(struct process *parent, u64 token)
{
	u64 irq = spin_lock_irqsave(&parent->lock);
	struct process *found = NULL;
	struct process *child;

	list_for_each(child, &parent->embryos, link) {
		if (child->token == token) {
			found = child;
			list_del(&child->link);
			break;
		}
	}
	spin_unlock_irqrestore(&parent->lock, irq);
	return found;
}

static void destroy_embryo(struct process *child)
{
	task_destroy(process_first_task(child));
	process_put(child);
}

static s64 fork_proxy(struct process *parent, const struct process_fork_args *args)
{
	u64 request[6] = {
		[1] = args->flags & FLAGS_LINUX,
		[2] = (args->flags & CLONE_VFORK ? OFFLOAD_FORK_VFORK : 0) |
		      (args->flags & CLONE_FORK_NEWTIME ? OFFLOAD_FORK_NEWTIME : 0) |
		      (u64)args->set_tid_count << OFFLOAD_FORK_IDS_SHIFT,
		[4] = args->set_tid,
		[5] = parent->pid,
	};
	struct process *child;
	u64 token;
	s64 ret;
	int err;

	err = make_embryo_steady(parent, args, &child);
	if (err)
		return err;
	token = child->token;
	perturb_point();
	request[0] = token;
	if (args->flags & CLONE_PIDFD)
		request[3] = args->pidfd;
	if (args->flags & CLONE_INTO_CGROUP)
		request[5] |= (u64)args->cgroup << 32;
	ret = offload_request(OFFLOAD_NR_FORK, request);
	perturb_point();
	/* Nobody claimed it: there is no proxy, or it has been killed too soon. */
	child = take_embryo(parent, token);
	if (child)
		destroy_embryo(child);
	return ret;
}

int process_wait_ended(void)
{
	(void)offload_request3(OFFLOAD_NR_ENDED, 0, 0, 0);
	return signal_deliverable() ? -ERESTARTNOINTR : 0;
}

/* Both sides copy the same memory; with nothing to copy the child may change it at once. */
static s64 fork_steady(struct process *parent, const struct process_fork_args *args)
{
	bool copies = !(args->flags & CLONE_VM);
	s64 ret;

	if (copies)
		mutex_lock(&parent->space->memory);
	ret = fork_proxy(parent, args);
	if (copies)
		mutex_unlock(&parent->space->memory);
	return ret;
}

/*
 * A promise is worth waiting for; what cannot be promised then may be had without, as a child often
 * writes little of what it has.
 */
static s64 fork_patiently(struct process *parent, const struct process_fork_args *args)
{
	struct process_fork_args last = *args;
	s64 ret;

	ret = fork_steady(parent, args);
	if (ret != -ENOMEM)
		return ret;
	ret = process_wait_ended();
	if (ret)
		return ret;
	last.unpromised = true;
	return fork_steady(parent, &last);
}

s64 process_fork(const struct process_fork_args *args)
{
	struct process *parent = task_current()->process;
	u32 vpid;
	s64 ret;

	ret = fork_patiently(parent, args);
	vpid = (u32)ret;
	/* There is a child, whether its id can be stored or not. */
	if (ret > 0 && (args->flags & CLONE_PARENT_SETTID))
		(void)!copy_to_user(args->parent_tid, &vpid, sizeof(vpid));
	if (ret > 0)
		trace_child_made();
	if (ret > 0 && !(args->flags & CLONE_UNTRACED))
		trace_event(event_of(args->flags), vpid);
	/* Other threads may use their memory meanwhile. */
	if (ret > 0 && (args->flags & CLONE_VFORK)) {
		(void)offload_request3(OFFLOAD_NR_VFORK, 0, 0, 0);
		trace_event(TRACE_EVENT_VFORK_DONE, vpid);
	}
	return ret;
}

static int is_shared(const struct vm_range *range, void *ctx)
{
	(void)ctx;
	return memory_is_own_shared(range);
}

/* What is Linux's, Linux knows. */
static bool shares_memory(const struct process *child)
{
	return process_is_sharing(child) || vm_for_each(child->vm, is_shared, NULL);
}

int process_adopt(const struct msg_adopt *msg, struct msg_adopt_answer *answer)
{
	struct process *parent = process_find(msg->parent);
	struct process *child;
	struct task *task;
	int err;

	if (!parent)
		return -ESRCH;
	child = take_embryo(parent, msg->token);
	process_put(parent);
	if (!child)
		return -ESRCH;
	child->pid = msg->pid;
	child->vpid = msg->vpid;
	child->vppid = msg->vppid;
	child->pid_ns = msg->pid_ns;
	task = process_first_task(child);
	task->tid = msg->pid;
	task->vtid = msg->vpid;
	*answer = (struct msg_adopt_answer){
		.slot = page_paddr(task->slot_page),
		.cpu = task->thread.cpu,
		.shares = shares_memory(child),
	};
	perturb_point();
	err = process_publish(child, task);
	if (err)
		destroy_embryo(child);
	else
		trace_publish(task);
	return err;
}
